//! `vestibule tenant add`: from options, from a file, or from standard input; and on to the approval.

use std::path::{Path, PathBuf};

use toml::{Table, Value};
use vestibule_app::tenants;
use vestibule_core::limits::TENANT_FILE_BYTES;
use vestibule_core::setting::{SettingField, SettingKind};
use vestibule_core::{Error, PluginName, Result, SettingName, TenantName};

use super::approve;
use crate::named_file;
use crate::runtime::block_on;
use crate::session::{Opens, Session};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  vestibule tenant add work --plugin oidc \\
      --set issuer=https://idp.example --set client_id=vestibule
  vestibule tenant add work work.toml
  vestibule tenant add work - < work.toml";

/// Add a tenant, and go on to approve it
///
/// The tenant comes from a file, from standard input (-), or from the options below. What turns out to be wrong is not added.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Its name: what you will type
    #[arg(value_parser = values::tenant)]
    name: TenantName,
    /// A tenant file, or - for standard input
    #[arg(conflicts_with = "plugin", required_unless_present = "plugin")]
    file: Option<PathBuf>,
    /// The plugin, as `plugin list` names it
    #[arg(long, value_parser = values::plugin)]
    plugin: Option<PluginName>,
    /// A setting of the plugin; a list is written A,B,C
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::pair, requires = "plugin")]
    set: Vec<(SettingName, String)>,
    /// A secret setting: the file that holds it, and only you can read; or key_store, or prompt
    #[arg(long, value_name = "KEY=WHERE", value_parser = values::pair, requires = "plugin")]
    secret: Vec<(SettingName, String)>,
    /// A way to sign in that is allowed: browser, device
    #[arg(long, value_name = "METHOD", requires = "plugin")]
    method: Vec<String>,
    /// A scope to ask for, in place of the plugin's own
    #[arg(long, value_name = "SCOPE", requires = "plugin")]
    scope: Vec<String>,
    /// Ask for consent at each sign-in
    #[arg(long, requires = "plugin")]
    high_risk: bool,
    /// Sign in although the provider does not say who has
    #[arg(long, requires = "plugin")]
    allow_unknown_identity: bool,
    /// Allow plain http to loopback addresses, for practice and test providers
    #[arg(long, requires = "plugin")]
    allow_loopback_http: bool,
    /// Approve without asking, for scripts
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(args: Args, session: &Session) -> Result<()> {
    let vestibule = session.vestibule(Opens::Nothing)?;
    let text = match (&args.file, &args.plugin) {
        (Some(file), _) => read(file)?,
        (None, Some(plugin)) => {
            let document = document(&args, plugin, &vestibule.settings_of(plugin)?)?;
            toml::to_string(&document)
                .map_err(|_| Error::host("host.toml", "the tenant cannot be written as TOML"))?
        }
        (None, None) => return Err(Error::user("usage", "give a file, or --plugin")),
    };
    let file = tenants::parse_new(vestibule.places(), &args.name, &text)?;
    let proposing = vestibule.propose_tenant(&args.name, file);
    let proposal = block_on(session.printer, proposing)?;
    // Whoever interrupts the question leaves nothing behind.
    let agreed = approve::ask(&proposal, args.yes, session)?;
    vestibule.add_tenant(&args.name, &text)?;
    session.printer.say(&format!("Added tenant {}.", args.name));
    approve::settle(&vestibule, &proposal, agreed, session)
}

/// The text of a file that somebody named.
fn read(file: &Path) -> Result<String> {
    let not_text = |_| {
        Error::user(
            "tenant.read",
            format!("{} is not UTF-8 text", file.display()),
        )
    };
    String::from_utf8(named_file::read(file, TENANT_FILE_BYTES)?).map_err(not_text)
}

fn document(args: &Args, plugin: &PluginName, schema: &[SettingField]) -> Result<Table> {
    let mut document = Table::new();
    document.insert("plugin".to_owned(), Value::String(plugin.to_string()));
    let settings: Result<Table> = args
        .set
        .iter()
        .map(|(name, text)| Ok((name.to_string(), setting(name, text, schema)?)))
        .collect();
    let secrets = args.secret.iter().map(|(name, place)| {
        let source = match place.as_str() {
            "key_store" | "prompt" => Value::String(place.clone()),
            file => Value::Table(Table::from_iter([(
                "file".to_owned(),
                Value::String(file.to_owned()),
            )])),
        };
        (name.to_string(), source)
    });
    let texts = |list: &[String]| Value::Array(list.iter().cloned().map(Value::String).collect());
    let mut policy = Table::new();
    if !args.method.is_empty() {
        policy.insert("methods".to_owned(), texts(&args.method));
    }
    if !args.scope.is_empty() {
        policy.insert("scopes".to_owned(), texts(&args.scope));
    }
    if args.high_risk {
        policy.insert("risk".to_owned(), Value::String("high".to_owned()));
    }
    if args.allow_unknown_identity {
        policy.insert("allow_unknown_identity".to_owned(), Value::Boolean(true));
    }
    let mut network = Table::new();
    if args.allow_loopback_http {
        network.insert("allow_loopback_http".to_owned(), Value::Boolean(true));
    }
    for (name, table) in [
        ("settings", settings?),
        ("secrets", secrets.collect()),
        ("policy", policy),
        ("network", network),
    ] {
        if !table.is_empty() {
            document.insert(name.to_owned(), Value::Table(table));
        }
    }
    Ok(document)
}

/// A value of the kind that the plugin's schema says. What the schema does not know is left to the one who checks it against it.
fn setting(name: &SettingName, text: &str, schema: &[SettingField]) -> Result<Value> {
    let should_be =
        |what: &str| Error::user("tenant.set", format!("the setting \"{name}\" is {what}"));
    match schema
        .iter()
        .find(|field| field.name == *name)
        .map(|field| &field.kind)
    {
        Some(SettingKind::Integer) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| should_be("a whole number")),
        Some(SettingKind::Boolean) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| should_be("true or false")),
        Some(SettingKind::Texts) => Ok(Value::Array(
            text.split(',')
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        )),
        Some(SettingKind::Secret) => Err(should_be(
            "a secret, and a command line is no place for it",
        )
        .hint(format!(
            "say where it is: --secret {name}=FILE, or {name}=key_store, or {name}=prompt"
        ))),
        Some(
            SettingKind::Text
            | SettingKind::Url
            | SettingKind::Issuer
            | SettingKind::OneOf(_)
            | SettingKind::PublicClientSecret,
        )
        | None => Ok(Value::String(text.to_owned())),
    }
}
