//! What the puppet is to play: a description and steps, in the shape of the contract. An attack states these as data, and changes
//! what is hostile in them.

use std::path::Path;

use serde_json::{Value, json};
use vestibule_core::Reference;
use vestibule_rehearsal::{Rehearsal, Script};

/// The role of a resource endpoint that an honest plugin would have been approved for.
pub const API: &str = "api";

/// A program for the puppet.
#[derive(Clone, Debug)]
pub struct Program {
    said: Value,
    /// Further lines of the tenant file.
    more: String,
}

impl Program {
    /// An honest description of the practice provider, and an honest sign-in, refresh and revocation.
    #[must_use]
    pub fn honest(idp: &Rehearsal) -> Self {
        let said = json!({
            "profile": profile(idp),
            "steps": {
                "sign-in": [discover(), authorize(), redeem("code"), finish(&["access_token", "refresh_token"])],
                "refresh": [discover(), refresh("refresh_token"), finish(&["access_token", "refresh_token"])],
                "revoke": [discover(), revoke("refresh_token"), revoke("access_token")],
            },
        });
        Self {
            said,
            more: String::new(),
        }
    }

    /// The same, signing in by device.
    #[must_use]
    pub fn by_device(idp: &Rehearsal) -> Self {
        let scopes = ["openid", "profile"];
        Self::honest(idp)
            .profile(|profile| profile["methods"] = json!(["browser", "device"]))
            .steps(
                "sign-in",
                vec![discover(), device(&scopes), finish(&["access_token"])],
            )
    }

    /// With a client that authenticates, whose secret is in this file.
    #[must_use]
    pub fn confidential(mut self, secret: &Path) -> Self {
        self.said["profile"]["client"]["Configured"]["authentication"] =
            json!({"ClientSecretBasic": "client_secret"});
        self.more = format!(
            "[secrets]\nclient_secret = {{ file = {} }}\n",
            json!(secret)
        );
        self
    }

    /// With these steps for a purpose, in place of what was there.
    #[must_use]
    pub fn steps(mut self, purpose: &str, steps: Vec<Value>) -> Self {
        self.said["steps"][purpose] = steps.into();
        self
    }

    /// With these steps between an honest exchange of the code and the end of the sign-in.
    #[must_use]
    pub fn after_tokens(self, steps: Vec<Value>) -> Self {
        let honest = [discover(), authorize(), redeem("code")];
        let end = finish(&["access_token", "refresh_token"]);
        let all = honest.into_iter().chain(steps).chain([end]);
        self.steps("sign-in", all.collect())
    }

    /// With another description: `change` gets the profile.
    #[must_use]
    pub fn profile(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.said["profile"]);
        self
    }

    /// With this in place of one of the puppet's own words: `version`, `summary`, `problems`, `profile_later`.
    #[must_use]
    pub fn says(mut self, what: &str, words: Value) -> Self {
        self.said[what] = words;
        self
    }

    /// The description as it stands.
    #[must_use]
    pub fn described(&self) -> Value {
        self.said["profile"].clone()
    }

    /// Reads these members of a role's reply: pointer, and a pattern for text of up to 200 characters.
    #[must_use]
    pub fn reads(self, role: &str, pointers: &[(&str, &str)]) -> Self {
        self.profile(|profile| {
            for (pointer, pattern) in pointers {
                let readable = json!({
                    "role": role,
                    "pointer": pointer,
                    "shape": {"One": {"Text": [pattern, 200]}},
                });
                list(profile, "readable").push(readable);
            }
        })
    }

    /// The tenant file that has this program.
    ///
    /// # Panics
    /// If a piece of it could not be written as TOML.
    #[must_use]
    pub fn tenant_file(&self, more: &str) -> String {
        let text = self.said.to_string();
        let pieces: Vec<String> = text
            .chars()
            .collect::<Vec<_>>()
            .chunks(PIECE_CHARS)
            .map(|piece| piece.iter().collect())
            .collect();
        // A JSON list of JSON strings is a TOML array of basic strings, as long as nothing in it is escaped as a surrogate pair.
        format!(
            "plugin = \"puppet\"\ninteractive = \"window\"\n{more}\n{}[settings]\nprogram = {}\n[network]\nallow_loopback_http = true\n",
            self.more,
            // The one control character that JSON leaves as it is and TOML does not take.
            json!(pieces).to_string().replace('\u{7f}', "\\u007f")
        )
    }
}

/// A text of a tenant file has 4,096 bytes at most, and a character up to four.
const PIECE_CHARS: usize = 1_000;

/// A list of a profile.
///
/// # Panics
/// If the profile has no such list.
pub fn list<'a>(profile: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    profile[name].as_array_mut().expect("a list of the profile")
}

fn profile(idp: &Rehearsal) -> Value {
    json!({
        "server": {"Discovered": idp.issuer()},
        "client": {"Configured": {"client_id": Script::CLIENT_ID, "authentication": "None"}},
        "methods": ["browser"],
        "scopes": ["openid", "profile", "offline_access"],
        "endpoints": [endpoint(API, "Resource", &idp.api_url())],
        "readable": [],
        "secrets": [],
        "identity": "Oidc",
        "derivation": [],
        "hosts": [],
    })
}

/// A row of the endpoint table, with a standard dialect.
#[must_use]
pub fn endpoint(role: &str, class: &str, url: &str) -> Value {
    json!({
        "role": role,
        "class": class,
        "url": url,
        "method": "Post",
        "token_header": null,
        "dialect": {
            "encoding": "Form",
            "renames": [],
            "scope_form": {"Joined": " "},
            "error_code": "/error",
            "error_description": "/error_description",
            "outcomes": [],
        },
    })
}

/// Stands for a reference that the guest has got.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({"$ref": name})
}

/// Stands for the same reference with half of it changed.
#[must_use]
pub fn guess(name: &str) -> Value {
    json!({"$half": name})
}

/// A text that the guest knows, and that nobody finds in its settings: so it is with what it should not know.
#[must_use]
pub fn hidden(text: &str) -> String {
    text.chars()
        .enumerate()
        .flat_map(|(at, letter)| {
            (at % 4 == 3)
                .then_some('\u{a6}')
                .into_iter()
                .chain([letter])
        })
        .collect()
}

/// Stands for all that has entered the guest.
#[must_use]
pub fn told() -> Value {
    json!({"$told": null})
}

/// Stands for a text of so many characters.
#[must_use]
pub fn long(characters: usize) -> Value {
    json!({"$long": characters})
}

/// A reference written out, as a guest has it that has kept one.
#[must_use]
pub fn kept(reference: Reference) -> Value {
    json!({"high": reference.high, "low": reference.low})
}

/// `discover`
#[must_use]
pub fn discover() -> Value {
    json!("Discover")
}

/// An honest authorization request.
#[must_use]
pub fn authorize() -> Value {
    authorize_with(&["openid", "profile", "offline_access"], &[])
}

/// An authorization request for these scopes, with these parameters added.
#[must_use]
pub fn authorize_with(scopes: &[&str], extra: &[(&str, &str)]) -> Value {
    json!({"Authorize": {
        "scopes": scopes,
        "offline": true,
        "login_hint": null,
        "resources": [],
        "extra": extra,
    }})
}

/// A device authorization request for these scopes.
#[must_use]
pub fn device(scopes: &[&str]) -> Value {
    json!({"Device": {"scopes": scopes, "extra": []}})
}

/// A token request with the reference of this name as the code.
#[must_use]
pub fn redeem(name: &str) -> Value {
    grant(json!({"AuthorizationCode": reference(name)}), vec![])
}

/// A token request with the reference of this name as the refresh token.
#[must_use]
pub fn refresh(name: &str) -> Value {
    grant(json!({"RefreshToken": reference(name)}), vec![])
}

/// A token request with these fields added.
#[must_use]
pub fn grant(grant_type: Value, extra: Vec<Value>) -> Value {
    request(
        "token",
        json!({"Grant": {"grant_type": grant_type, "scopes": [], "extra": extra}}),
    )
}

/// A revocation of the token of this name.
#[must_use]
pub fn revoke(name: &str) -> Value {
    request("revocation", json!({"Revocation": reference(name)}))
}

/// A step for a workload's own assertion.
#[must_use]
pub fn subject_token(source: &str, audience: &str) -> Value {
    json!({"SubjectToken": {"source": source, "audience": audience}})
}

/// A token request with the reference of this name as the assertion (RFC 7523 section 2.1).
#[must_use]
pub fn jwt_bearer(name: &str) -> Value {
    grant(json!({"JwtBearer": reference(name)}), vec![])
}

/// A userinfo request with the token of this name.
#[must_use]
pub fn userinfo(name: &str) -> Value {
    request("userinfo", json!({"Userinfo": reference(name)}))
}

/// A request of the plugin's own.
#[must_use]
pub fn call(role: &str, token: Value, query: &[(&str, Value)], body: Vec<Value>) -> Value {
    let query: Vec<Value> = query
        .iter()
        .map(|(name, value)| json!([name, value]))
        .collect();
    request(
        role,
        json!({"Call": {"token": token, "query": query, "body": body}}),
    )
}

/// A request to this role.
#[must_use]
pub fn request(role: &str, exchange: Value) -> Value {
    json!({"Request": {"role": role, "exchange": exchange}})
}

/// A field with text.
#[must_use]
pub fn text(name: &str, value: impl Into<Value>) -> Value {
    json!({"name": name, "value": {"Text": value.into()}})
}

/// A field with the secret of this reference.
#[must_use]
pub fn secret(name: &str, reference: Value) -> Value {
    json!({"name": name, "value": {"Secret": reference}})
}

/// An end with OAuth tokens, each under its own name.
#[must_use]
pub fn finish(parts: &[&str]) -> Value {
    let named: Vec<(&str, Value)> = parts.iter().map(|name| (*name, reference(name))).collect();
    finish_as("Oauth", &named)
}

/// An end with a grant of this kind, whose parts are these.
#[must_use]
pub fn finish_as(primary: &str, parts: &[(&str, Value)]) -> Value {
    let parts: Vec<Value> = parts
        .iter()
        .map(|(name, reference)| json!({"name": name, "reference": reference}))
        .collect();
    json!({"Finish": {"Grant": {"primary": primary, "parts": parts, "expires_at": null}}})
}

/// A question for the person.
#[must_use]
pub fn choose(what: &str, options: &[(&str, &str)]) -> Value {
    let options: Vec<Value> = options
        .iter()
        .map(|(id, label)| json!({"id": id, "label": label}))
        .collect();
    json!({"Choose": {"what": what, "options": options}})
}

/// An end that says why.
#[must_use]
pub fn fail(message: Value) -> Value {
    json!({"Fail": {"message": message}})
}
