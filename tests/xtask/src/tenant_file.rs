//! `cargo xtask tenant-file`: the reference of the tenant file and of the machine's policy, from the types that read them. What they say
//! of a key is what stands at its field, so that neither can change without the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

use crate::workspace::Workspace;

/// The page that has the reference.
const PAGE: &str = "host/TENANT-FILE.md";

/// The types.
const SOURCES: [&str; 9] = [
    "host/core/src/tenant.rs",
    "host/core/src/tenant/identity.rs",
    "host/core/src/tenant/interactive.rs",
    "host/core/src/tenant/locks.rs",
    "host/core/src/tenant/network.rs",
    "host/core/src/tenant/policy.rs",
    "host/core/src/tenant/redirect.rs",
    "host/core/src/tenant/secret_source.rs",
    "host/core/src/record.rs",
];

const INTRODUCTION: &str = "# The tenant file

Generated from the types that read it: `cargo xtask tenant-file --write`.

A tenant is one file, `tenants.d/NAME.toml`, the user's or the system's. What it says is pinned when the tenant is approved; a change asks
again. A key that is not known, a value that is none, and lines that make no sense together are errors that name the line.
`vestibule tenant check NAME` shows what each key comes to and who says so, and what a sign-in would be, here or on another machine.
`[workload.sources.NAME]` has a page of its own: [workloads](WORKLOADS.md).

";

const LOCKS: &str = "
# The machine's policy

`/etc/vestibule/policy.toml` holds for every tenant of the machine, whatever a user's files say (POL-08). Each key is a bound: a tenant file
may be stricter; one that is laxer is refused at its line (`tenant.locked`); where it is silent, the bound takes the place of the default.
A table `[issuer.\"https://…\"]` has the same keys for the tenants of that issuer, on top of the others. A file that cannot be read locks
everything. It binds who uses Vestibule as it is installed, and nobody who may run another program.

";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the page, after a key was added or changed
    #[arg(long)]
    write: bool,
}

/// Prints the reference, or writes the page.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let page = page(workspace)?;
    if args.write {
        return std::fs::write(workspace.path(PAGE), page)
            .with_context(|| format!("could not write {PAGE}"));
    }
    print!("{page}");
    Ok(())
}

/// Fails if the page says something else than the types do.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let written = std::fs::read_to_string(workspace.path(PAGE)).unwrap_or_default();
    if written != page(workspace)? {
        bail!("{PAGE} is not what the types say; run: cargo xtask tenant-file --write");
    }
    Ok(())
}

fn page(workspace: &Workspace) -> Result<String> {
    let mut types = Types::default();
    for source in SOURCES {
        let text = std::fs::read_to_string(workspace.path(source))
            .with_context(|| format!("could not read {source}"))?;
        let file = syn::parse_file(&text).with_context(|| format!("could not parse {source}"))?;
        file.items.iter().for_each(|item| types.learn(item));
    }
    let mut page = INTRODUCTION.to_owned();
    types.table(&mut page, "Tenant")?;
    page.push_str(LOCKS);
    types.table(&mut page, "Lock")?;
    Ok(page)
}

/// What is known of the types, by name.
#[derive(Default)]
struct Types {
    structs: BTreeMap<String, Vec<Field>>,
    enums: BTreeMap<String, Vec<(String, String)>>,
}

struct Field {
    name: String,
    ty: Type,
    docs: String,
    skipped: bool,
}

impl Types {
    fn learn(&mut self, item: &Item) {
        if let Item::Struct(found) = item
            && let Fields::Named(fields) = &found.fields
        {
            let fields = fields.named.iter().filter_map(|field| {
                Some(Field {
                    name: field.ident.as_ref()?.to_string(),
                    ty: field.ty.clone(),
                    docs: docs(&field.attrs),
                    skipped: serde(&field.attrs).iter().any(|word| word == "skip"),
                })
            });
            self.structs
                .insert(found.ident.to_string(), fields.collect());
        } else if let Item::Enum(found) = item {
            let variants = found.variants.iter().map(|variant| {
                let name = variant.ident.to_string();
                let renamed = serde(&variant.attrs)
                    .into_iter()
                    .find_map(|word| word.strip_prefix("rename=").map(ToOwned::to_owned));
                (
                    renamed.unwrap_or_else(|| snake(&name)),
                    docs(&variant.attrs),
                )
            });
            self.enums
                .insert(found.ident.to_string(), variants.collect());
        }
    }

    fn table(&self, page: &mut String, root: &str) -> Result<()> {
        page.push_str("| key | value | what it says |\n|---|---|---|\n");
        self.rows(page, root, "")
    }

    fn rows(&self, page: &mut String, name: &str, prefix: &str) -> Result<()> {
        let fields = self
            .structs
            .get(name)
            .with_context(|| format!("there is no type {name} in the tenant file's sources"))?;
        for field in fields.iter().filter(|field| !field.skipped) {
            if field.docs.is_empty() {
                bail!("{name}::{} says nothing of itself", field.name);
            }
            let key = format!("{prefix}{}", field.name);
            let ty = inner(&field.ty);
            let nested = self.structs.contains_key(&ty) && ty != "Workload";
            let value = if nested {
                "table".to_owned()
            } else {
                self.value(&field.ty)?
            };
            let docs = field.docs.replace('|', "\\|");
            writeln!(page, "| `{key}` | {value} | {docs} |")?;
            if nested {
                self.rows(page, &ty, &format!("{key}."))?;
            }
        }
        Ok(())
    }

    /// What values a type has, in words.
    fn value(&self, ty: &Type) -> Result<String> {
        let (name, arguments) = parts(ty);
        let first = arguments.first();
        Ok(match name.as_str() {
            "Option" => return first.map_or_else(|| Ok(String::new()), |ty| self.value(ty)),
            "Vec" => {
                let item = first.map(|ty| self.value(ty)).transpose()?;
                format!("list of {}", item.unwrap_or_default())
            }
            "BTreeMap" => {
                let value = arguments.get(1).map(|ty| self.value(ty)).transpose()?;
                format!("table: a name, then {}", value.unwrap_or_default())
            }
            "bool" => "`true`, `false`".to_owned(),
            "u16" => "number".to_owned(),
            "Span" => "span: `\"90s\"`, `\"45m\"`, `\"12h\"`, `\"30d\"`".to_owned(),
            "String" | "PluginName" | "EnvironmentName" | "Scope" => "text".to_owned(),
            "SettingValue" => "text, number, `true`, `false`, or list of texts".to_owned(),
            "Accepted" => "text, number, `true` or `false`".to_owned(),
            "SecretSource" => "`{ file = \"/path\" }`, `\"key_store\"` or `\"prompt\"`".to_owned(),
            "Workload" => "[tables](WORKLOADS.md)".to_owned(),
            "Lock" => "the keys of this table".to_owned(),
            other => {
                let variants = self
                    .enums
                    .get(other)
                    .with_context(|| format!("the reference has no words for the type {other}"))?;
                let names: Vec<String> = variants
                    .iter()
                    .map(|(name, docs)| format!("`\"{name}\"` ({})", docs.trim_end_matches('.')))
                    .collect();
                names.join("; ").replace('|', "\\|")
            }
        })
    }
}

/// The name of the type within options.
fn inner(ty: &Type) -> String {
    let (name, arguments) = parts(ty);
    match (name.as_str(), arguments.first()) {
        ("Option", Some(ty)) => inner(ty),
        _ => name,
    }
}

/// The last name of a type, and its arguments.
fn parts(ty: &Type) -> (String, Vec<Type>) {
    let Type::Path(path) = ty else {
        return Default::default();
    };
    let Some(last) = path.path.segments.last() else {
        return Default::default();
    };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| {
                let GenericArgument::Type(ty) = argument else {
                    return None;
                };
                Some(ty.clone())
            })
            .collect(),
        PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
    };
    (last.ident.to_string(), arguments)
}

/// The doc comment, on one line.
fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(literal) = &pair.value else {
            return None;
        };
        match (&literal.lit, pair.path.is_ident("doc")) {
            (Lit::Str(text), true) => Some(text.value().trim().to_owned()),
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// The words of `#[serde(…)]`; a renaming as `rename=…`.
fn serde(attributes: &[Attribute]) -> Vec<String> {
    let mut words = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        let _ = attribute.parse_nested_meta(|meta| {
            let name = meta
                .path
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            match meta.value() {
                Ok(value) => {
                    let text: syn::LitStr = value.parse()?;
                    words.push(format!("{name}={}", text.value()));
                }
                Err(_) => words.push(name),
            }
            Ok(())
        });
    }
    words
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_what_its_field_says() {
        let text = "
            struct Tenant {
                /// Where it is.
                /// Absent: nowhere.
                place: Option<Place>,
                /// What is in it.
                inside: Inside,
                #[serde(skip)]
                hidden: bool,
            }
            struct Inside {
                /// All of them.
                names: Option<Vec<String>>,
            }
            enum Place {
                /// Here.
                #[serde(rename = \"127.0.0.1\")]
                Here,
                /// Over there.
                OverThere,
            }";
        let mut types = Types::default();
        syn::parse_file(text)
            .unwrap()
            .items
            .iter()
            .for_each(|item| types.learn(item));
        let mut page = String::new();
        types.table(&mut page, "Tenant").unwrap();
        let rows: Vec<&str> = page.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| `place` | `\"127.0.0.1\"` (Here); `\"over_there\"` (Over there) | Where it is. Absent: nowhere. |",
                "| `inside` | table | What is in it. |",
                "| `inside.names` | list of text | All of them. |",
            ]
        );
    }

    #[test]
    fn a_key_that_says_nothing_is_an_error() {
        let mut types = Types::default();
        syn::parse_file("struct Tenant { x: bool }")
            .unwrap()
            .items
            .iter()
            .for_each(|item| types.learn(item));
        assert!(types.table(&mut String::new(), "Tenant").is_err());
    }
}
