//! What has happened in a flow so far, as far as steps show it (PLUG-09).

use vestibule_core::Scope;
use vestibule_core::approval::Permissions;
use vestibule_core::description::Client;
use vestibule_core::record::Method;
use vestibule_core::start::{Purpose, Start};
use vestibule_core::step::{GrantType, HttpExchange, Step};
use vestibule_core::tenant::Tenant;

use super::sent;
use crate::refresh_token::ClientType;

/// One flow: how it started, and what was allowed since.
pub(super) struct Flow<'a> {
    pub(super) permissions: &'a Permissions,
    pub(super) tenant: &'a Tenant,
    pub(super) goal: Goal,
    pub(super) method: Method,
    pub(super) scopes: Vec<Scope>,
    pub(super) client: ClientType,
    pub(super) has_registration: bool,
    pub(super) steps: u32,
    pub(super) requests: u32,
    pub(super) choices: u32,
    pub(super) sent_bytes: usize,
    pub(super) authorized: bool,
    pub(super) redeemed: bool,
    pub(super) registered: bool,
    pub(super) device: bool,
    pub(super) ended: bool,
}

/// The purpose, without its references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    SignIn,
    Refresh,
    Revoke,
    Exchange { audience: Option<String> },
    Derive { interactive: bool },
    StepUp,
}

impl Goal {
    fn of(purpose: &Purpose) -> Self {
        match purpose {
            Purpose::SignIn { .. } => Self::SignIn,
            Purpose::Refresh(_) => Self::Refresh,
            Purpose::Revoke(_) => Self::Revoke,
            Purpose::Exchange { audience, .. } => Self::Exchange {
                audience: audience.clone(),
            },
            Purpose::Derive { interactive, .. } => Self::Derive {
                interactive: *interactive,
            },
            Purpose::StepUp(_) => Self::StepUp,
        }
    }

    /// The word that stands in messages, as `Purpose::as_str` has it.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
            Self::Revoke => "revocation",
            Self::Exchange { .. } => "exchange",
            Self::Derive { .. } => "derivation",
            Self::StepUp => "step-up",
        }
    }
}

impl<'a> Flow<'a> {
    pub(super) fn new(permissions: &'a Permissions, tenant: &'a Tenant, start: &Start) -> Self {
        Self {
            permissions,
            tenant,
            goal: Goal::of(&start.purpose),
            method: start.method,
            scopes: start.scopes.clone(),
            client: ClientType::Public,
            has_registration: start.registered,
            steps: 0,
            requests: 0,
            choices: 0,
            sent_bytes: 0,
            authorized: false,
            redeemed: false,
            registered: false,
            device: false,
            ended: false,
        }
    }

    /// Whether the plugin still owes a registration before the client can ask for anything.
    pub(super) fn lacks_client(&self) -> bool {
        matches!(self.permissions.client, Client::Registered { .. })
            && !self.has_registration
            && !self.registered
    }

    /// Counts an allowed step. An attempt counts as its deed: what failed at the provider is not tried again in the same flow.
    pub(super) fn record(&mut self, step: &Step) {
        self.steps = self.steps.saturating_add(1);
        self.sent_bytes = self.sent_bytes.saturating_add(sent::bytes(step));
        if reaches_provider(step) {
            self.requests = self.requests.saturating_add(1);
        }
        match step {
            Step::Authorize(_) => self.authorized = true,
            Step::Device(_) => self.device = true,
            Step::Choose(_) => self.choices = self.choices.saturating_add(1),
            Step::Finish(_) | Step::Fail(_) => self.ended = true,
            Step::Request(request) => match &request.exchange {
                HttpExchange::Grant(grant) => {
                    self.redeemed |= matches!(grant.grant_type, GrantType::AuthorizationCode(_));
                }
                HttpExchange::Registration(_) => self.registered = true,
                HttpExchange::Revocation(_)
                | HttpExchange::Introspection(_)
                | HttpExchange::Userinfo(_)
                | HttpExchange::Call(_) => {}
            },
            Step::Discover | Step::SubjectToken(_) => {}
        }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }
}

/// Whether the step makes the host ask the provider something.
pub(super) fn reaches_provider(step: &Step) -> bool {
    match step {
        Step::Discover | Step::Authorize(_) | Step::Request(_) | Step::Device(_) => true,
        Step::SubjectToken(_) | Step::Choose(_) | Step::Finish(_) | Step::Fail(_) => false,
    }
}
