//! Steps and flows for the tests of rules.

use vestibule_core::allowed::{Allowed, Denied};
use vestibule_core::approval::Permissions;
use vestibule_core::record::{Method, Primary};
use vestibule_core::start::{NamedReference, Purpose, Start, StoredGrant};
use vestibule_core::step::{
    AuthorizationRequest, Call, Choice, ChoiceOption, DeviceRequest, Field, FieldValue, Finish,
    Grant, GrantType, HttpExchange, Request, Step, SubjectTokenRequest, TokenExchange, TokenGrant,
};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Reference, Scope};

use crate::refresh_token::ClientType;
use crate::testing::{approve, identity_center, member, oidc, role, scope, secret_name, tenant};

use super::StepRules;

pub(super) const SECRET: Reference = Reference { high: 1, low: 2 };

pub(super) fn named(name: &str) -> NamedReference {
    NamedReference {
        name: secret_name(name),
        reference: SECRET,
    }
}

pub(super) fn stored() -> StoredGrant {
    StoredGrant {
        parts: vec![named("access_token")],
    }
}

pub(super) fn sign_in() -> Purpose {
    Purpose::SignIn { login_hint: None }
}

pub(super) fn derive(interactive: bool) -> Purpose {
    Purpose::Derive {
        grant: stored(),
        parameters: Vec::new(),
        interactive,
    }
}

pub(super) fn exchange_for(audience: Option<&str>) -> Purpose {
    Purpose::Exchange {
        subject: named("access_token"),
        audience: audience.map(str::to_owned),
    }
}

pub(super) fn scopes(names: &[&str]) -> Vec<Scope> {
    names.iter().map(|name| scope(name)).collect()
}

pub(super) fn authorization(change: impl FnOnce(&mut AuthorizationRequest)) -> Step {
    let mut request = AuthorizationRequest {
        scopes: Vec::new(),
        offline: true,
        login_hint: None,
        resources: Vec::new(),
        extra: Vec::new(),
    };
    change(&mut request);
    Step::Authorize(request)
}

pub(super) fn authorize() -> Step {
    authorization(|_| {})
}

pub(super) fn request(to: &str, exchange: HttpExchange) -> Step {
    Step::Request(Request {
        role: role(to),
        exchange,
    })
}

pub(super) fn grant(grant_type: GrantType) -> Step {
    granted(grant_type, &[], Vec::new())
}

pub(super) fn granted(grant_type: GrantType, names: &[&str], extra: Vec<Field>) -> Step {
    request(
        "token",
        HttpExchange::Grant(TokenGrant {
            grant_type,
            scopes: scopes(names),
            extra,
        }),
    )
}

pub(super) fn redeem() -> Step {
    grant(GrantType::AuthorizationCode(SECRET))
}

pub(super) fn token_exchange(audience: Option<&str>) -> Step {
    exchanging(|exchange| exchange.audience = audience.map(str::to_owned))
}

pub(super) fn exchanging(change: impl FnOnce(&mut TokenExchange)) -> Step {
    let mut exchange = TokenExchange {
        subject_token: SECRET,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token".to_owned(),
        actor_token: None,
        requested_token_type: None,
        audience: None,
    };
    change(&mut exchange);
    grant(GrantType::TokenExchange(exchange))
}

pub(super) fn device(extra: Vec<Field>) -> Step {
    Step::Device(DeviceRequest {
        scopes: Vec::new(),
        extra,
    })
}

pub(super) fn field(name: &str, value: FieldValue) -> Field {
    Field {
        name: member(name),
        value,
    }
}

pub(super) fn texted(name: &str, text: &str) -> Field {
    field(name, FieldValue::Text(text.to_owned()))
}

pub(super) fn register(fields: Vec<Field>) -> Step {
    request("registration", HttpExchange::Registration(fields))
}

pub(super) fn call(
    to: &str,
    token: Option<Reference>,
    query: &[(&str, &str)],
    body: Vec<Field>,
) -> Step {
    let query = query
        .iter()
        .map(|(name, value)| (member(name), (*value).to_owned()))
        .collect();
    request(to, HttpExchange::Call(Call { token, query, body }))
}

pub(super) fn userinfo() -> Step {
    request("userinfo", HttpExchange::Userinfo(SECRET))
}

pub(super) fn subject_token(source: &str, audience: &str) -> Step {
    Step::SubjectToken(SubjectTokenRequest {
        source: source.to_owned(),
        audience: audience.to_owned(),
    })
}

pub(super) fn choose(ids: &[&str]) -> Step {
    let options = ids
        .iter()
        .map(|id| ChoiceOption {
            id: (*id).to_owned(),
            label: format!("option {id}"),
        })
        .collect();
    Step::Choose(Choice {
        what: "account".to_owned(),
        options,
    })
}

pub(super) fn finish(primary: Primary, parts: &[&str]) -> Step {
    Step::Finish(Finish::Grant(Grant {
        primary,
        parts: parts.iter().map(|part| named(part)).collect(),
        expires_at: None,
    }))
}

pub(super) fn tokens() -> Step {
    finish(Primary::Oauth, &["access_token", "refresh_token"])
}

/// The one source of assertions that there is.
const SOURCES: &str = "[workload.sources.ci]\nfrom = \"gcp\"\naudience = \"https://idp.example\"\n";

/// A flow under test.
pub(super) struct Case {
    pub(super) permissions: Permissions,
    pub(super) tenant: Tenant,
    pub(super) start: Start,
    pub(super) client: ClientType,
}

impl Case {
    pub(super) fn new(permissions: Permissions, purpose: Purpose) -> Self {
        let scopes = permissions.scopes.clone();
        let start = Start {
            purpose,
            settings: Vec::new(),
            method: Method::Browser,
            scopes,
            registered: false,
        };
        Self {
            permissions,
            tenant: tenant(SOURCES),
            start,
            client: ClientType::Public,
        }
    }

    pub(super) fn oidc(purpose: Purpose) -> Self {
        Self::new(approve(&oidc()).unwrap(), purpose)
    }

    pub(super) fn identity_center(purpose: Purpose) -> Self {
        Self::new(approve(&identity_center()).unwrap(), purpose)
    }

    pub(super) fn by(mut self, method: Method) -> Self {
        self.start.method = method;
        self.tenant.policy.methods = Some(vec![method]);
        self
    }

    /// With a client that authenticates.
    pub(super) fn confidential(mut self) -> Self {
        self.client = ClientType::Confidential;
        self
    }

    pub(super) fn registered(mut self) -> Self {
        self.start.registered = true;
        self
    }

    /// The verdict on the last step; the ones before it must be allowed.
    pub(super) fn judge(&self, steps: Vec<Step>) -> Result<(), Denied> {
        let mut rules =
            StepRules::new(&self.permissions, &self.tenant, &self.start).for_client(self.client);
        let last = steps.len() - 1;
        for (at, step) in steps.into_iter().enumerate() {
            let shown = format!("{step:?}");
            let verdict = Allowed::by(&mut rules, step).map(drop);
            if at == last {
                return verdict;
            }
            assert_eq!(verdict, Ok(()), "{shown}");
        }
        unreachable!()
    }

    #[track_caller]
    pub(super) fn allows(&self, steps: Vec<Step>) {
        assert_eq!(self.judge(steps), Ok(()));
    }

    #[track_caller]
    pub(super) fn denies(&self, rule: &str, steps: Vec<Step>) -> Denied {
        let shown = format!("{:?}", steps.last());
        let denied = self.judge(steps).expect_err(&shown);
        assert_eq!(denied.rule, rule, "{}: {shown}", denied.reason);
        denied
    }
}
