//! `[workload]` as it is written, and how it becomes what it means. Read twice if something is wrong with it: the second time with the
//! places, so that the error can point at the line.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::parts::FileName;
use super::{
    Audience, Aws, AwsAlgorithm, Azure, From, Source, SourceEndpoint, TokenDirectory, TokenFile,
    VariableName,
};
use crate::name::SettingName;
use crate::text::Shown;

/// Where EKS projects its tokens.
const EKS_DIRECTORY: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount";

/// Where AKS projects its tokens.
const AKS_DIRECTORY: &str = "/var/run/secrets/azure/tokens";

/// The table. `T` is a text, with its place or without.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct Workload<T> {
    #[serde(default = "BTreeMap::new")]
    sources: BTreeMap<SettingName, Keys<T>>,
}

/// One source: every key that any has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Keys<T> {
    from: Option<T>,
    audience: Option<T>,
    directory: Option<T>,
    file: Option<T>,
    variable: Option<T>,
    service: Option<T>,
    service_account: Option<T>,
    client_id: Option<T>,
    resource: Option<T>,
    region: Option<T>,
    algorithm: Option<T>,
    endpoint: Option<T>,
}

/// A text, with its place if that is known.
pub(super) trait Written {
    fn text(&self) -> &str;
    fn place(&self) -> Option<Range<usize>>;
}

impl Written for String {
    fn text(&self) -> &str {
        self
    }

    fn place(&self) -> Option<Range<usize>> {
        None
    }
}

impl Written for Spanned<String> {
    fn text(&self) -> &str {
        self.get_ref()
    }

    fn place(&self) -> Option<Range<usize>> {
        Some(self.span())
    }
}

/// What is wrong, and where, if that is known.
struct Complaint {
    place: Option<Range<usize>>,
    words: String,
}

impl TryFrom<Workload<String>> for super::Workload {
    type Error = String;

    fn try_from(written: Workload<String>) -> Result<Self, String> {
        meant(written).map_err(|complaint| complaint.words)
    }
}

/// See [`super::complaint`].
pub(super) fn complaint(text: &str) -> Option<(Range<usize>, String)> {
    #[derive(Deserialize)]
    struct File {
        workload: Option<Workload<Spanned<String>>>,
    }
    let file: File = toml::from_str(text).ok()?;
    let complaint = meant(file.workload?).err()?;
    Some((complaint.place?, complaint.words))
}

fn meant<T: Written>(written: Workload<T>) -> Result<super::Workload, Complaint> {
    let sources = written.sources.into_iter();
    let sources = sources.map(|(name, keys)| {
        let source = keys.meant(&name)?;
        Ok((name, source))
    });
    Ok(super::Workload {
        sources: sources.collect::<Result<_, _>>()?,
    })
}

impl<T: Written> Keys<T> {
    fn meant(mut self, name: &SettingName) -> Result<Source, Complaint> {
        let Some(from) = self.from.take() else {
            return Err(Complaint {
                place: self.first_place(),
                words: format!("source \"{name}\" has no key \"from\", which is one of {KINDS}"),
            });
        };
        let mut keys = Reader {
            name,
            from: &from,
            keys: self,
            known: vec!["from", "audience"],
        };
        let audience = keys.required("audience", |keys| &mut keys.audience, Audience::parse)?;
        let from = match from.text() {
            "github_actions" => From::GithubActions {
                endpoint: keys.endpoint()?,
            },
            "gitlab_ci" => From::GitlabCi {
                variable: keys.variable()?,
            },
            "kubernetes" => From::Kubernetes(keys.token_file()?),
            "spiffe" => From::Spiffe(keys.token_file()?),
            "aws" => From::Aws(keys.aws()?),
            "gcp" => From::Gcp {
                service_account: keys.optional(
                    "service_account",
                    |keys| &mut keys.service_account,
                    path_segment,
                )?,
                endpoint: keys.endpoint()?,
            },
            "azure" => From::Azure(keys.azure()?),
            "file" => From::File(keys.token_file()?),
            "variable" => From::Variable {
                variable: keys.variable()?,
            },
            other => {
                return Err(Complaint {
                    place: from.place(),
                    words: format!(
                        "source \"{name}\": from = \"{}\" is not one of {KINDS}",
                        Shown::new(other)
                    ),
                });
            }
        };
        keys.end()?;
        Ok(Source { audience, from })
    }

    fn all(&self) -> [(&'static str, Option<&T>); 11] {
        [
            ("audience", self.audience.as_ref()),
            ("directory", self.directory.as_ref()),
            ("file", self.file.as_ref()),
            ("variable", self.variable.as_ref()),
            ("service", self.service.as_ref()),
            ("service_account", self.service_account.as_ref()),
            ("client_id", self.client_id.as_ref()),
            ("resource", self.resource.as_ref()),
            ("region", self.region.as_ref()),
            ("algorithm", self.algorithm.as_ref()),
            ("endpoint", self.endpoint.as_ref()),
        ]
    }

    /// Where the first key of it stands.
    fn first_place(&self) -> Option<Range<usize>> {
        let places = self.all().into_iter().filter_map(|(_, key)| key?.place());
        places.min_by_key(|place| place.start)
    }
}

const KINDS: &str =
    "github_actions, gitlab_ci, kubernetes, spiffe, aws, gcp, azure, file, variable";

/// Takes the keys of one source, and knows afterwards which of them were not asked for.
struct Reader<'a, T> {
    name: &'a SettingName,
    from: &'a T,
    keys: Keys<T>,
    known: Vec<&'static str>,
}

impl<T: Written> Reader<'_, T> {
    fn optional<V>(
        &mut self,
        key: &'static str,
        take: impl FnOnce(&mut Keys<T>) -> &mut Option<T>,
        parse: impl FnOnce(&str) -> Result<V, String>,
    ) -> Result<Option<V>, Complaint> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let Some(written) = take(&mut self.keys).take() else {
            return Ok(None);
        };
        parse(written.text())
            .map(Some)
            .map_err(|problem| Complaint {
                place: written.place(),
                words: format!("source \"{}\": {key} {problem}", self.name),
            })
    }

    fn required<V>(
        &mut self,
        key: &'static str,
        take: impl FnOnce(&mut Keys<T>) -> &mut Option<T>,
        parse: impl FnOnce(&str) -> Result<V, String>,
    ) -> Result<V, Complaint> {
        let value = self.optional(key, take, parse)?;
        value.ok_or_else(|| self.missing(key))
    }

    fn missing(&self, key: &str) -> Complaint {
        Complaint {
            place: self.from.place(),
            words: format!(
                "source \"{}\" (from = \"{}\") needs the key \"{key}\"",
                self.name,
                Shown::new(self.from.text())
            ),
        }
    }

    fn endpoint(&mut self) -> Result<Option<SourceEndpoint>, Complaint> {
        self.optional("endpoint", |keys| &mut keys.endpoint, SourceEndpoint::parse)
    }

    fn variable(&mut self) -> Result<VariableName, Complaint> {
        self.required("variable", |keys| &mut keys.variable, VariableName::parse)
    }

    fn token_file(&mut self) -> Result<TokenFile, Complaint> {
        Ok(TokenFile {
            directory: self.required(
                "directory",
                |keys| &mut keys.directory,
                TokenDirectory::parse,
            )?,
            file: self.required("file", |keys| &mut keys.file, FileName::parse)?,
        })
    }

    /// The directory that the platform fills, unless the operator names another.
    fn directory_or(&mut self, usual: &str) -> Result<TokenDirectory, Complaint> {
        let named = self.optional(
            "directory",
            |keys| &mut keys.directory,
            TokenDirectory::parse,
        )?;
        match named {
            Some(directory) => Ok(directory),
            None => TokenDirectory::parse(usual).map_err(|words| Complaint { place: None, words }),
        }
    }

    fn aws(&mut self) -> Result<Aws, Complaint> {
        let service =
            self.required("service", |keys| &mut keys.service, one_of(&["eks", "sts"]))?;
        if service == "eks" {
            let directory = self.directory_or(EKS_DIRECTORY)?;
            return Ok(Aws::Eks { directory });
        }
        let algorithms = one_of(&["RS256", "ES384"]);
        Ok(Aws::Sts {
            region: self.required("region", |keys| &mut keys.region, region)?,
            algorithm: match self.optional("algorithm", |keys| &mut keys.algorithm, algorithms)? {
                Some("ES384") => AwsAlgorithm::Es384,
                Some(_) | None => AwsAlgorithm::Rs256,
            },
            endpoint: self.endpoint()?,
        })
    }

    fn azure(&mut self) -> Result<Azure, Complaint> {
        let service = self.required(
            "service",
            |keys| &mut keys.service,
            one_of(&["virtual_machine", "app_service", "aks"]),
        )?;
        if service == "aks" {
            let directory = self.directory_or(AKS_DIRECTORY)?;
            return Ok(Azure::Aks { directory });
        }
        let resource = self.optional(
            "resource",
            |keys| &mut keys.resource,
            |text| Audience::parse(text).map(|_| text.to_owned()),
        )?;
        let client_id = self.optional("client_id", |keys| &mut keys.client_id, path_segment)?;
        let endpoint = self.endpoint()?;
        Ok(if service == "virtual_machine" {
            Azure::VirtualMachine {
                resource,
                client_id,
                endpoint,
            }
        } else {
            Azure::AppService {
                resource,
                client_id,
                endpoint,
            }
        })
    }

    /// No key is left that this kind of source has no use for.
    fn end(self) -> Result<(), Complaint> {
        for (key, written) in self.keys.all() {
            if let Some(written) = written {
                return Err(Complaint {
                    place: written.place(),
                    words: format!(
                        "source \"{}\" (from = \"{}\") has no use for the key \"{key}\"; its keys are {}",
                        self.name,
                        Shown::new(self.from.text()),
                        self.known.join(", ")
                    ),
                });
            }
        }
        Ok(())
    }
}

fn one_of(words: &'static [&'static str]) -> impl FnOnce(&str) -> Result<&'static str, String> {
    move |text| {
        let found = words.iter().find(|word| **word == text).copied();
        found.ok_or_else(|| format!("is not one of {}", words.join(", ")))
    }
}

/// A name that becomes a part of a path or a query.
fn path_segment(text: &str) -> Result<String, String> {
    let legal = (1..=256).contains(&text.len())
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@'));
    if legal {
        return Ok(text.to_owned());
    }
    Err("must be letters, digits, '-', '_', '.' and '@'".to_owned())
}

/// The name of a region, which becomes a part of a host's name.
fn region(text: &str) -> Result<String, String> {
    let legal = (1..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if legal {
        return Ok(text.to_owned());
    }
    Err("must be the name of a region, as eu-central-1".to_owned())
}
