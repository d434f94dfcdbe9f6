//! The end of a flow: a grant is built from what the flow has proven, not from what the plugin says (PLUG-09).

use vestibule_core::authentication::{Claim, Claims};
use vestibule_core::description::IdentitySource;
use vestibule_core::record::{Part, Primary};
use vestibule_core::step::{Finish, Grant, Step};
use vestibule_core::{Allowed, Error, Result, Scope, SecretKind, SecretName};

use crate::broker::Broker;
use crate::id_token::{IdTokenVerified, VerifiedIdToken};
use crate::json::Value;

/// What a flow ended in.
#[derive(Debug)]
pub enum Finished {
    /// With a grant.
    Grant(Box<FinishedGrant>),
    /// With nothing to keep.
    Done,
}

/// A grant whose every part came out of this flow, and whose identity was proven. Only the end of a flow makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct FinishedGrant {
    /// What it is in the first place.
    pub primary: Primary,
    /// Its secrets.
    pub parts: Vec<Part>,
    /// Who it is for.
    pub identity: Identity,
    /// What was asked for; on a refresh, what was granted before.
    pub asked: Vec<Scope>,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// In how many seconds the access token expires, if there is one.
    pub expires_in: Option<u32>,
    /// When other parts expire, in Unix seconds.
    pub expires_at: Option<u64>,
    /// Whether the provider gave a new refresh token.
    pub renewed_refresh_token: bool,
    /// Who acts for the one that the grant is for (RFC 8693 section 4.1).
    pub actor: Option<String>,
}

/// Who a grant is for. Which of these it is was pinned at approval, and each takes its proof to build.
#[derive(Debug)]
pub enum Identity {
    /// The subject of a validated ID token. Subject and proof come from the same token: they cannot be put together elsewhere.
    #[non_exhaustive]
    Oidc {
        /// `sub`: with the issuer the only key of an identity (IDT-12).
        subject: String,
        /// What a later ID token must agree with, to be sealed with the grant.
        original: String,
        /// A name for people, from a validated claim. Never an identity.
        name: Option<String>,
        /// What the token says of the person, for the tenant's policy to judge.
        claims: Claims,
        /// The proof.
        proof: IdTokenVerified,
    },
    /// The account that the provider named, where the approval says it does.
    Account(String),
    /// No person, but the client itself, by its credentials or by an assertion of the workload that it is: a name for people, as that
    /// says. The provider has judged it, and nobody here has.
    Workload(String),
    /// The same as of the grant that the flow went on with.
    AsBefore,
    /// Not known. The tenant's policy allows that.
    Unknown,
}

impl Broker<'_> {
    /// Ends the flow. Takes the grant's secrets out of the vault; all others die with the broker.
    pub fn finish(&mut self, step: Allowed<Step>) -> Result<Finished> {
        let Step::Finish(finish) = step.into_inner() else {
            return Err(Error::host(
                "host.drive",
                "only a finish step ends a flow well",
            ));
        };
        match finish {
            Finish::Done => Ok(Finished::Done),
            Finish::Grant(grant) => self
                .grant(grant)
                .map(|grant| Finished::Grant(Box::new(grant))),
        }
    }

    fn grant(&mut self, grant: Grant) -> Result<FinishedGrant> {
        let identity = self.identity(grant.primary)?;
        let mut parts: Vec<Part> = Vec::with_capacity(grant.parts.len());
        for part in grant.parts {
            if parts.iter().any(|earlier| earlier.name == part.name) {
                return Err(Error::plugin(
                    "plugin.grant",
                    format!("the plugin's grant has two parts \"{}\"", part.name),
                ));
            }
            let (kind, name) = self.vault.kind_of(part.reference)?;
            check_part(&part.name, kind, name, grant.primary)?;
            let (kind, secret) = self.vault.take(part.reference)?;
            parts.push(Part {
                name: part.name,
                kind,
                secret,
            });
        }
        self.keep_refresh_token(&mut parts)?;
        let has = |name: &str| parts.iter().any(|part| part.name.as_str() == name);
        let obtained = self.session.tokens.take();
        match grant.primary {
            Primary::Oauth if !has("access_token") || obtained.is_none() => {
                return Err(Error::plugin(
                    "plugin.grant",
                    "the plugin ends with OAuth tokens that this flow did not obtain",
                ));
            }
            Primary::CloudKeys | Primary::Opaque if parts.is_empty() => {
                return Err(Error::plugin(
                    "plugin.grant",
                    "the plugin ends with a grant that has no parts",
                ));
            }
            Primary::CloudKeys
                if ["access_key_id", "secret_access_key", "session_token"]
                    .iter()
                    .any(|name| !has(name)) =>
            {
                return Err(Error::plugin(
                    "plugin.grant",
                    "the plugin ends with cloud keys, and one of the three is missing",
                ));
            }
            Primary::Oauth | Primary::CloudKeys | Primary::Opaque => {}
        }
        Ok(FinishedGrant {
            primary: grant.primary,
            parts,
            identity,
            asked: obtained
                .as_ref()
                .map(|tokens| tokens.asked.clone())
                .unwrap_or_default(),
            scopes: obtained
                .as_ref()
                .map(|tokens| tokens.scopes.clone())
                .unwrap_or_default(),
            expires_in: obtained.as_ref().map(|tokens| tokens.expires_in),
            expires_at: grant.expires_at.map(|(value, unit)| unit.to_seconds(value)),
            renewed_refresh_token: obtained.is_some_and(|tokens| tokens.renewed_refresh_token),
            actor: self.session.actor.take(),
        })
    }

    /// A refresh that brings no new refresh token leaves the old one in force (RFC 6749 section 6, RFT-01), whatever the plugin says.
    fn keep_refresh_token(&mut self, parts: &mut Vec<Part>) -> Result<()> {
        let has = parts
            .iter()
            .any(|part| part.kind == SecretKind::RefreshToken);
        let stored = self
            .session
            .admitted
            .iter()
            .find(|part| part.name.as_str() == SecretKind::RefreshToken.as_str())
            .cloned();
        if let (true, false, Some(stored)) = (self.session.continued, has, stored) {
            let (kind, secret) = self.vault.take(stored.reference)?;
            parts.push(Part {
                name: stored.name,
                kind,
                secret,
            });
        }
        Ok(())
    }

    /// Who the grant is for, by the source that was pinned.
    fn identity(&mut self, primary: Primary) -> Result<Identity> {
        if self.session.continued && (primary != Primary::Oauth || self.session.id_token.is_none())
        {
            return Ok(Identity::AsBefore);
        }
        if let Some(workload) = self.session.workload.take() {
            return Ok(Identity::Workload(workload));
        }
        match &self.around.permissions.identity {
            IdentitySource::Oidc => {
                let verified = self.session.id_token.take();
                let verified = verified.ok_or_else(|| {
                    Error::plugin(
                        "plugin.identity",
                        "the plugin ends without the ID token that says who has signed in",
                    )
                })?;
                let original = serde_json::to_string(&verified.original()).map_err(|_| {
                    Error::host("host.json", "the ID token's facts cannot be written")
                })?;
                Ok(Identity::Oidc {
                    subject: verified.subject().to_owned(),
                    original,
                    name: display_name(&verified),
                    claims: claims_of(&verified),
                    proof: verified.proof(),
                })
            }
            IdentitySource::Account { .. } => {
                let account = self.session.account.take();
                account.map(Identity::Account).ok_or_else(|| {
                    Error::provider(
                        "identity.account",
                        "the provider did not say which account has signed in",
                    )
                })
            }
            IdentitySource::Unknown if self.around.policy.allow_unknown_identity => {
                Ok(Identity::Unknown)
            }
            IdentitySource::Unknown => Err(Error::policy(
                "identity.unknown",
                "this provider does not say who has signed in",
            )
            .hint(
                "this line of the tenant file would allow it: policy.allow_unknown_identity = true",
            )),
        }
    }
}

/// A part has the name of what it is: nothing is kept under a false name.
fn check_part(name: &SecretName, kind: SecretKind, kept_as: &str, primary: Primary) -> Result<()> {
    let fits = match kind {
        SecretKind::AccessToken | SecretKind::RefreshToken | SecretKind::IdToken => {
            primary == Primary::Oauth && name.as_str() == kind.as_str()
        }
        SecretKind::CloudKey | SecretKind::Opaque => name.as_str() == kept_as,
        SecretKind::AuthorizationCode
        | SecretKind::CodeVerifier
        | SecretKind::State
        | SecretKind::Nonce
        | SecretKind::DeviceCode
        | SecretKind::ClientSecret
        | SecretKind::ClientKey
        | SecretKind::ClientAssertion
        | SecretKind::SubjectAssertion => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Error::plugin(
            "plugin.grant",
            format!("the plugin's grant has a part \"{name}\" that is something else"),
        ))
    }
}

/// The claims that a policy can judge. Others have no form that it could name.
fn claims_of(verified: &VerifiedIdToken) -> Claims {
    let members = verified.claims().root().as_object();
    let claims = members.into_iter().flatten().filter_map(|(name, value)| {
        let claim = match value {
            Value::Bool(value) => Claim::Boolean(*value),
            Value::Text(text) => Claim::Text(text.to_string()),
            Value::List(items) => Claim::Texts(
                items
                    .iter()
                    .filter_map(Value::as_text)
                    .map(ToOwned::to_owned)
                    .collect(),
            ),
            Value::Integer(_) | Value::Float(_) => Claim::Integer(value.as_integer()?),
            Value::Null | Value::Object(_) => return None,
        };
        Some((name.clone(), claim))
    });
    claims.collect()
}

/// The first of the claims that people call themselves by (OIDC Core section 5.1), short enough to show.
fn display_name(verified: &VerifiedIdToken) -> Option<String> {
    let claim = |pointer: &str| {
        verified
            .claims()
            .text(pointer)
            .ok()
            .flatten()
            .filter(|name| !name.is_empty() && name.len() <= 128)
    };
    ["/preferred_username", "/email", "/name"]
        .into_iter()
        .find_map(claim)
        .map(ToOwned::to_owned)
}
