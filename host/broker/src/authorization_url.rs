//! The authorization request (RFC 6749 section 4.1.1), built from typed fields, with a challenge (RFC 7636 section 4.3) in any case.
//!
//! It goes into the URL that the browser opens, or is pushed to the provider first (RFC 9126), after which the URL holds a mere
//! reference to it. A plugin can add parameters. It cannot set, repeat or shadow one that matters (RESP-08).

mod extra;

use std::collections::HashSet;

use url::form_urlencoded;
use vestibule_core::words::{folded, is_reserved_for_authorization};
use vestibule_core::{Error, ProviderUrl, Result, Secret, Shown};
use zeroize::Zeroizing;

use crate::browser::BrowserUrl;
use crate::pkce::{self, Challenge};

pub use extra::ExtraParameters;

/// A standard name and what this provider calls it, as pinned in the description.
pub type Renames = [(String, String)];

/// The fields of an authorization request. `response_type=code` and the method of the challenge are not among them: there is no
/// other. `state` and a challenge always are.
#[derive(Debug)]
pub struct AuthorizationRequest<'a> {
    /// `client_id`.
    pub client_id: &'a str,
    /// `redirect_uri`, as the listener says it.
    pub redirect_uri: &'a str,
    /// `scope`, joined as the provider's dialect says. Left out if empty.
    pub scope: &'a str,
    /// `state`.
    pub state: &'a Secret,
    /// `nonce` (OIDC Core section 3.1.2.1).
    pub nonce: Option<&'a Secret>,
    /// `code_challenge`.
    pub challenge: &'a Challenge,
    /// `prompt` (OIDC Core section 3.1.2.1).
    pub prompt: Option<&'a str>,
    /// `max_age`, in seconds (OIDC Core section 3.1.2.1).
    pub max_age: Option<u32>,
    /// `acr_values` (OIDC Core section 3.1.2.1).
    pub acr_values: Option<&'a str>,
    /// `claims`, as JSON (OIDC Core section 5.5).
    pub claims: Option<&'a str>,
    /// `login_hint` (OIDC Core section 3.1.2.1).
    pub login_hint: Option<&'a str>,
    /// `dpop_jkt` (RFC 9449 section 10).
    pub dpop_jkt: Option<&'a str>,
    /// `resource`, the only parameter that may be repeated (RFC 8707 section 2).
    pub resources: &'a [String],
    /// What the plugin adds.
    pub extra: &'a ExtraParameters,
    /// What the provider calls the standard names.
    pub renames: &'a Renames,
}

impl AuthorizationRequest<'_> {
    /// The URL for the browser. The endpoint's own query is kept (RFC 6749 section 3.1) unless it sets what is ours to set.
    pub fn url(&self, endpoint: &ProviderUrl) -> Result<BrowserUrl> {
        with_query(endpoint, &self.form()?)
    }

    /// The body of a pushed authorization request (RFC 9126 section 2.1), without the client's authentication.
    pub fn form(&self) -> Result<Form> {
        let mut fields = Fields::new(self.renames);
        fields.set("response_type", "code");
        fields.set("client_id", self.client_id);
        fields.set("redirect_uri", self.redirect_uri);
        fields.set_some("scope", Some(self.scope).filter(|scope| !scope.is_empty()));
        fields.set("state", self.state.expose());
        fields.set_some("nonce", self.nonce.map(Secret::expose));
        fields.set("code_challenge", self.challenge.as_str());
        fields.set("code_challenge_method", pkce::METHOD);
        fields.set_some("prompt", self.prompt);
        fields.set_some(
            "max_age",
            self.max_age.map(|age| age.to_string()).as_deref(),
        );
        fields.set_some("acr_values", self.acr_values);
        fields.set_some("claims", self.claims);
        fields.set_some("login_hint", self.login_hint);
        fields.set_some("dpop_jkt", self.dpop_jkt);
        fields.set_each("resource", self.resources);
        fields.finish(self.extra)
    }
}

/// The URL for the browser after the request was pushed: `client_id` and `request_uri`, nothing else (RFC 9126 section 4).
pub fn pushed_request_url(
    endpoint: &ProviderUrl,
    client_id: &str,
    request_uri: &str,
    renames: &Renames,
) -> Result<BrowserUrl> {
    let mut fields = Fields::new(renames);
    fields.set("client_id", client_id);
    fields.set("request_uri", request_uri);
    with_query(endpoint, &fields.finish(&ExtraParameters::none())?)
}

/// Names and values, in order, erased when dropped.
pub type Form = Vec<(String, Zeroizing<String>)>;

/// Collects fields under the names that the provider has for them.
struct Fields<'a> {
    renames: &'a Renames,
    pairs: Form,
    /// The names as a lenient server would read them. One of them twice would let it choose.
    taken: HashSet<String>,
    clash: Option<String>,
}

impl<'a> Fields<'a> {
    fn new(renames: &'a Renames) -> Self {
        Self {
            renames,
            pairs: Form::new(),
            taken: HashSet::new(),
            clash: None,
        }
    }

    fn set(&mut self, standard: &str, value: &str) {
        let name = self.name_of(standard);
        self.push(&name, value);
    }

    fn set_some(&mut self, standard: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(standard, value);
        }
    }

    fn set_each(&mut self, standard: &str, values: &[String]) {
        let name = self.name_of(standard);
        let mut values = values.iter();
        if let Some(first) = values.next() {
            self.push(&name, first);
        }
        self.pairs
            .extend(values.map(|value| (name.clone(), Zeroizing::new(value.clone()))));
    }

    fn name_of(&self, standard: &str) -> String {
        self.renames
            .iter()
            .find(|(from, _)| from == standard)
            .map_or(standard, |(_, to)| to)
            .to_owned()
    }

    fn push(&mut self, name: &str, value: &str) {
        if !self.taken.insert(folded(name)) {
            self.clash.get_or_insert_with(|| name.to_owned());
        }
        self.pairs
            .push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    fn finish(mut self, extra: &ExtraParameters) -> Result<Form> {
        for (name, value) in extra.iter() {
            self.push(name, value);
        }
        match self.clash {
            None => Ok(self.pairs),
            Some(name) => Err(Error::plugin(
                "authorization_request.repeated",
                format!(
                    "the plugin's renames or extra parameters set \"{}\" a second time",
                    Shown::new(&name)
                ),
            )),
        }
    }
}

fn with_query(endpoint: &ProviderUrl, form: &Form) -> Result<BrowserUrl> {
    let own = endpoint.as_url().query().unwrap_or_default();
    refuse_collisions(own, form)?;
    let mut added = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form {
        added.append_pair(name, value);
    }
    let mut url = endpoint.as_url().clone();
    let separator = if own.is_empty() { "" } else { "&" };
    url.set_query(Some(&format!("{own}{separator}{}", added.finish())));
    BrowserUrl::parse(url.into())
}

/// The endpoint comes from the provider or the tenant; what it has in its query must not compete with the request.
fn refuse_collisions(own: &str, form: &Form) -> Result<()> {
    let ours: HashSet<String> = form.iter().map(|(name, _)| folded(name)).collect();
    for (name, _) in form_urlencoded::parse(own.as_bytes()) {
        if is_reserved_for_authorization(&name) || ours.contains(&folded(&name)) {
            return Err(Error::provider(
                "authorization_endpoint.query",
                format!(
                    "the authorization endpoint's own query sets \"{}\", which is for the request to set",
                    Shown::new(&name)
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "authorization_url/tests.rs"]
mod tests;
