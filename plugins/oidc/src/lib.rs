#![doc = include_str!("../README.md")]

use vestibule_plugin::settings::{ClientAuthenticationMethod, Issuer, OptionalSecret};
use vestibule_plugin::wit::SettingProblem;
use vestibule_plugin::{
    Assertion, AuthorizationServer, Client, IdentityProvider, Workload, WorkloadGrant, export,
    settings,
};

#[cfg(test)]
mod tests;

settings! {
    /// One OpenID provider and our client there.
    pub struct Config {
        /// The provider's issuer identifier, exactly as the provider writes it.
        issuer: Issuer,
        /// The client_id under which the provider's operator registered Vestibule.
        client_id: String,
        /// How the client authenticates at the token endpoint (RFC 7591 section 2).
        token_endpoint_auth_method: ClientAuthenticationMethod = "none",
        /// Where the client secret is kept, for a client that authenticates with one.
        client_secret: OptionalSecret,
        /// Where the private key is kept, for a client that signs its assertions: PEM (PKCS #8) or a JWK.
        client_key: OptionalSecret,
        /// Further hosts on which the provider's metadata places endpoints, besides the issuer's own.
        endpoint_hosts: Option<Vec<String>>,
        /// A workload signs in, by this grant, and no person.
        workload: Option<WorkloadGrant>,
        /// Of a workload: the name of the source in [workload.sources] whose assertion it presents.
        subject_token_source: Option<String>,
        /// Of a workload: whom that assertion is for. Without it, the issuer.
        subject_token_audience: Option<String>,
        /// Of a token exchange: the type of that assertion. Without it, a JWT.
        subject_token_type: Option<String>,
        /// Of a token exchange: the name of the source whose assertion says who acts for the subject.
        actor_token_source: Option<String>,
        /// Of a token exchange: whom that assertion is for. Without it, the issuer.
        actor_token_audience: Option<String>,
        /// Of a workload: the audience of the token.
        audience: Option<String>,
    }
}

/// Any provider that conforms to OpenID Connect. Deviations: none.
pub struct Oidc;

impl IdentityProvider for Oidc {
    type Config = Config;

    fn server(config: &Config) -> AuthorizationServer {
        let proof = match config.token_endpoint_auth_method {
            ClientAuthenticationMethod::PrivateKeyJwt => &config.client_key,
            ClientAuthenticationMethod::None
            | ClientAuthenticationMethod::ClientSecretBasic
            | ClientAuthenticationMethod::ClientSecretPost => &config.client_secret,
        };
        let client =
            Client::configured(&config.client_id, config.token_endpoint_auth_method, proof);
        let server = AuthorizationServer::discover(&config.issuer, client)
            .hosts(config.endpoint_hosts.iter().flatten());
        match workload(config) {
            Some(workload) => server.workload(workload),
            None => server,
        }
    }

    fn check(config: &Config) -> Vec<SettingProblem> {
        let presents = config
            .workload
            .is_some_and(WorkloadGrant::presents_an_assertion);
        let exchanges = config.workload == Some(WorkloadGrant::TokenExchange);
        let settings = [
            (
                "subject_token_source",
                &config.subject_token_source,
                presents,
            ),
            (
                "subject_token_audience",
                &config.subject_token_audience,
                presents,
            ),
            ("subject_token_type", &config.subject_token_type, exchanges),
            ("actor_token_source", &config.actor_token_source, exchanges),
            (
                "actor_token_audience",
                &config.actor_token_audience,
                config.actor_token_source.is_some(),
            ),
            ("audience", &config.audience, config.workload.is_some()),
        ];
        let mut problems: Vec<SettingProblem> = settings
            .into_iter()
            .filter(|(_, value, has_use)| value.is_some() && !has_use)
            .map(|(name, _, _)| problem(name, "is of no use with this workload setting"))
            .collect();
        if presents && config.subject_token_source.is_none() {
            problems.push(problem(
                "subject_token_source",
                "is needed: it names the source of the assertion",
            ));
        }
        problems
    }
}

fn problem(name: &str, message: &str) -> SettingProblem {
    SettingProblem {
        name: name.to_owned(),
        message: message.to_owned(),
    }
}

/// How the workload of this tenant signs in, if it is one.
fn workload(config: &Config) -> Option<Workload> {
    let assertion = |source: &Option<String>, audience: &Option<String>| {
        let audience = audience.clone().unwrap_or_else(|| (&config.issuer).into());
        source
            .clone()
            .map(|source| Assertion::new(source, audience))
    };
    let subject = assertion(&config.subject_token_source, &config.subject_token_audience);
    let actor = assertion(&config.actor_token_source, &config.actor_token_audience);
    let workload = match config.workload? {
        WorkloadGrant::ClientCredentials => Workload::client_credentials(),
        WorkloadGrant::JwtBearer => Workload::jwt_bearer(subject?),
        WorkloadGrant::TokenExchange => {
            let subject = match &config.subject_token_type {
                Some(token_type) => subject?.of_type(token_type),
                None => subject?,
            };
            Workload::token_exchange(subject, actor)
        }
    };
    Some(workload.audience(config.audience.clone()))
}

export!(Oidc);
