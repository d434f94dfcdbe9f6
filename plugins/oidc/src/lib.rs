#![doc = include_str!("../README.md")]

use vestibule_plugin::settings::{ClientAuthenticationMethod, Issuer, OptionalSecret};
use vestibule_plugin::{AuthorizationServer, Client, IdentityProvider, export, settings};

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
        let client = Client::configured(
            &config.client_id,
            config.token_endpoint_auth_method,
            proof,
        );
        AuthorizationServer::discover(&config.issuer, client)
            .hosts(config.endpoint_hosts.iter().flatten())
    }
}

export!(Oidc);
