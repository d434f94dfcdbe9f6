//! What happens in a flow, told to whoever watches: the command line, a narration, a test's tap.

use std::time::Duration;

use crate::name::Scope;
use crate::reply::Reply;
use crate::secret::{Reference, Secret, SecretKind};
use crate::start::Start;
use crate::step::Step;

/// One thing that happened. Holds no secret, except that the authorization URL carries `state` and `nonce`, as it must.
#[derive(Debug)]
pub enum Event<'a> {
    /// A plugin has to be compiled first; it happens once.
    Compiling,
    /// The plugin is started. With [`Event::Replied`], the one way by which values enter a guest.
    Began {
        /// Everything that the guest is about to see.
        start: &'a Start,
    },
    /// The plugin asks for a step.
    Asked {
        /// Its number in the flow, from 1.
        number: u32,
        /// The step.
        step: &'a Step,
    },
    /// Policy has allowed the step.
    Allowed {
        /// Its number.
        number: u32,
    },
    /// Policy has refused the step, which ends the flow.
    Denied {
        /// Its number.
        number: u32,
        /// The rule that refused it.
        rule: &'static str,
    },
    /// The host is about to exchange a request with an endpoint.
    Requesting {
        /// The role.
        role: &'a str,
        /// The HTTP method.
        method: &'a str,
        /// Scheme, host, port and path.
        url: &'a str,
        /// Bytes of the body.
        bytes: usize,
    },
    /// A secret was put into a request.
    Placed {
        /// What it is.
        kind: SecretKind,
        /// The role of the endpoint.
        role: &'a str,
        /// The place in its request, in words.
        placement: &'a str,
    },
    /// The provider answered.
    Answered {
        /// The role.
        role: &'a str,
        /// The HTTP status.
        status: u16,
        /// Bytes of the body.
        bytes: usize,
    },
    /// A secret was taken in; from here on, it is only a reference.
    Kept {
        /// What it is.
        kind: SecretKind,
        /// Its name.
        name: &'a str,
        /// What the plugin sees of it, where it gets it at all.
        reference: Option<Reference>,
    },
    /// The host checked something whose omission would be an exploit.
    Verified {
        /// What, in a few words.
        what: &'a str,
    },
    /// The person is sent to the provider. Always told, so that the URL can be opened by hand.
    Browser {
        /// The whole URL.
        url: &'a str,
        /// Where the answer is awaited.
        redirect_uri: &'a str,
        /// Whether the system's browser is being started.
        opening: bool,
    },
    /// A sign-in is about to begin: tenant, issuer, client, plugin, access and method, before anything is opened (UI-05).
    SigningIn {
        /// One line each, already safe to show.
        lines: &'a [String],
    },
    /// Something that the person should know before it goes on, in the host's own words.
    Notice {
        /// One sentence.
        text: &'a str,
    },
    /// Something that weakens a protection, or did not work, in the host's own words.
    Warning {
        /// One sentence.
        text: &'a str,
    },
    /// The browser would not start.
    BrowserFailed {
        /// Why, in one sentence.
        reason: &'a str,
    },
    /// A code to be entered on another device (RFC 8628 section 3.3). Always told: without it nobody can go on.
    DevicePrompt(&'a DevicePrompt<'a>),
    /// The host waits for somebody to enter the code. Told about once a second.
    DeviceWaiting {
        /// How long the code is still good, or is still asked about.
        left: Duration,
    },
    /// Another process is busy with the same grant.
    WaitingForLock {
        /// The tenant.
        tenant: &'a str,
    },
    /// The plugin is resumed. This is the one place through which values enter a guest.
    Replied {
        /// Everything that the guest is about to see.
        reply: &'a Reply,
    },
}

/// What a person needs to know to enter a device code, and to see whether they should (DEV-09, DEV-11). All of it comes from the host
/// but code and address, and these were checked: the one has letters, digits and hyphens alone, the other is on an approved host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePrompt<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The issuer, character for character.
    pub issuer: &'a str,
    /// The plugin's name.
    pub plugin: &'a str,
    /// The digest of its component, `sha256:…`.
    pub plugin_digest: &'a str,
    /// The scopes that are asked for.
    pub access: &'a [Scope],
    /// Where the code is entered.
    pub verification_uri: &'a str,
    /// The same with the code in it, where the provider offers that.
    pub verification_uri_complete: Option<&'a str>,
    /// The code, as the provider wrote it.
    pub user_code: &'a str,
    /// How long it is good.
    pub expires_in: Duration,
}

/// Someone who watches a flow. Called in order, on the flow's own task; must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event<'_>);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _event: &Event<'_>) {}
}

/// Someone who can answer a question.
pub trait Person: Send + Sync {
    /// Whether anybody is there: without a terminal nobody is, and every answer is no (UI-06).
    fn is_present(&self) -> bool;

    /// Lets the person choose one of the options; gives its index. Text is foreign, to be shown quoted and sanitised.
    fn choose(&self, question: &Question<'_>) -> crate::Result<usize>;

    /// Asks for consent. The safe answer, no, is the default.
    fn consent(&self, question: &Consent<'_>) -> crate::Result<bool>;

    /// Asks for a secret of the operator's own, which is not shown while it is typed. Who does not answer has nobody to ask.
    fn secret(&self, question: &SecretQuestion<'_>) -> crate::Result<Secret> {
        Err(crate::Error::user(
            "secret.nobody",
            format!(
                "there is nobody to ask for the secret \"{}\"",
                question.setting
            ),
        ))
    }
}

/// Which secret is wanted, and of whom the operator has it.
#[derive(Debug)]
pub struct SecretQuestion<'a> {
    /// For which tenant.
    pub tenant: &'a str,
    /// Which setting of its plugin.
    pub setting: &'a str,
    /// The issuer that it will be sent to, already safe to show.
    pub issuer: &'a str,
}

/// A question that a plugin has for the person.
#[derive(Debug)]
pub struct Question<'a> {
    /// Which plugin asks.
    pub plugin: &'a str,
    /// For which tenant.
    pub tenant: &'a str,
    /// What is chosen, in the plugin's word.
    pub what: &'a str,
    /// The options' labels, in the plugin's words.
    pub options: &'a [String],
}

/// A question that the host has for the person, in the host's own words.
#[derive(Debug)]
pub struct Consent<'a> {
    /// What is about to happen: one line each, already safe to show.
    pub lines: &'a [String],
    /// The question.
    pub question: &'a str,
}
