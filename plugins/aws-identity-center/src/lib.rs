#![doc = include_str!("../README.md")]

mod keys;
mod portal;
mod settings;

#[cfg(test)]
mod tests;

use vestibule_plugin::wit::{HostValue, Outcome, TimeUnit};
use vestibule_plugin::{
    AuthorizationServer, Client, Derivation, Endpoint, Grant, IdentityProvider, Method,
    OutcomeRule, Registration, Result, Session, StandardRole, StoredGrant, export, integer, rows,
    text,
};

use crate::portal::{ACCOUNTS, CREDENTIALS, ROLES};
pub use crate::settings::{Config, Region};

/// AWS IAM Identity Center. The README lists how it deviates from the standards.
pub struct AwsIdentityCenter;

impl IdentityProvider for AwsIdentityCenter {
    type Config = Config;

    fn server(config: &Config) -> AuthorizationServer {
        let authorization =
            Endpoint::standard(StandardRole::Authorization, config.oidc("/authorize"));
        let token = Endpoint::standard(StandardRole::Token, config.oidc("/token"));
        let device = Endpoint::standard(
            StandardRole::DeviceAuthorization,
            config.oidc("/device_authorization"),
        );
        let registration =
            Endpoint::standard(StandardRole::Registration, config.oidc("/client/register"));
        let logout = Endpoint::standard(StandardRole::Revocation, config.portal("/logout"));
        let resource =
            |role: &str, path: &str| portal(Endpoint::resource(role, config.portal(path)));

        AuthorizationServer::fixed(
            &config.start_url,
            Client::registered(client_registration(config)),
        )
        .scopes(["sso:account:access"])
        .endpoint(authorization.rename("scope", "scopes"))
        .endpoint(token.json().camel_case())
        .endpoint(device.json().camel_case())
        .endpoint(registration.json().scopes_listed())
        .endpoint(portal(logout).json())
        .endpoint(resource(ACCOUNTS, "/assignment/accounts"))
        .endpoint(resource(ROLES, "/assignment/roles"))
        .endpoint(resource(CREDENTIALS, "/federation/credentials"))
        .reads(
            ACCOUNTS,
            "/accountList",
            rows([
                ("/accountId", text("[0-9]{12}", 12)),
                ("/accountName", text(".*", 128)),
                ("/emailAddress", text("[^ ]+@[^ ]+", 254)),
            ]),
        )
        .reads(ACCOUNTS, "/nextToken", text("[!-~]+", 256))
        .reads(
            ROLES,
            "/roleList",
            rows([("/roleName", text(r"[\w+=,.@-]+", 64))]),
        )
        .reads(ROLES, "/nextToken", text("[!-~]+", 256))
        .reads(CREDENTIALS, "/roleCredentials/expiration", integer())
        .client_secret("client_secret", "/clientSecret")
        .cloud_key("access_key_id", CREDENTIALS, "/roleCredentials/accessKeyId")
        .cloud_key(
            "secret_access_key",
            CREDENTIALS,
            "/roleCredentials/secretAccessKey",
        )
        .cloud_key(
            "session_token",
            CREDENTIALS,
            "/roleCredentials/sessionToken",
        )
        .hosts(config.device_page_host())
        .derives("account", "AWS account: its 12 digits, or its name")
        .derives(
            "role",
            "permission set in that account, such as ReadOnlyAccess",
        )
        .identity_unknown()
    }

    async fn sign_in(session: &Session, config: &Config) -> Result<Grant> {
        match session.method()? {
            Method::Device => {
                if !session.is_registered() {
                    session.register().await?;
                }
                // `StartDeviceAuthorization` takes no scope: those of the registration count.
                let none: [&str; 0] = [];
                let device = session.device().scopes(none);
                Ok(device.field("startUrl", &config.start_url).await?.into())
            }
            Method::Browser | Method::Workload => Ok(session.tokens().await?.into()),
        }
    }

    async fn revoke(session: &Session, grant: &StoredGrant, _: &Config) -> Result<()> {
        // The service ends the session by its access token, and has nothing that takes a refresh token.
        session.revoke(&grant.access_token()?).await
    }

    async fn derive(session: &Session, derivation: &Derivation, _: &Config) -> Result<Grant> {
        keys::derive(session, derivation).await
    }
}

export!(AwsIdentityCenter);

/// `RegisterClient`.
fn client_registration(config: &Config) -> Registration {
    Registration::new("/clientId")
        .client_secret("client_secret")
        .expires_at("/clientSecretExpiresAt", TimeUnit::Seconds)
        .text("clientName", "Vestibule")
        .text("clientType", "public")
        .host("scopes", HostValue::Scopes)
        .texts(
            "grantTypes",
            [
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
            ],
        )
        .host("redirectUris", HostValue::RedirectUris)
        .text("issuerUrl", &config.start_url)
}

/// What all of the portal's endpoints have in common.
fn portal(endpoint: Endpoint) -> Endpoint {
    endpoint
        .token_header("x-amz-sso_bearer_token")
        .errors_at("/error", "/message")
        .means(OutcomeRule::status(401, Outcome::InvalidGrant))
        .means(OutcomeRule::status(403, Outcome::Denied))
}
