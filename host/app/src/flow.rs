//! The drive loop: the one choke point between a plugin and everything that it can cause.

use tokio::time::timeout;
use vestibule_broker::loopback::Outcome;
use vestibule_broker::subject_token::Platform;
use vestibule_broker::{
    Broker, Credential, Finished, NewRegistration, RevocationResult, Surroundings,
};
use vestibule_core::authentication::Demand;
use vestibule_core::description::{Client, ClientAuthentication};
use vestibule_core::event::{Event, Observer};
use vestibule_core::limits::FLOW_TIME;
use vestibule_core::plugin::Plugin;
use vestibule_core::record::{Facts, Method, Part, Record};
use vestibule_core::start::{NamedReference, Purpose, Start, StoredGrant};
use vestibule_core::step::Step;
use vestibule_core::{Allowed, Blame, Error, Kind, Result, Scope, SecretKind, SettingName, Shown};
use vestibule_policy::ClientType;
use vestibule_policy::steps::StepRules;
use vestibule_store::KeyStoreId;

use crate::describe::describe_as_approved;
use crate::memory::StoreMemory;
use crate::plugins;
use crate::tally::{Counted, Tally};
use crate::vestibule::{Approved, Vestibule};

/// What is wanted of a flow.
pub(crate) enum Wanted {
    /// A new grant.
    SignIn { login_hint: Option<String> },
    /// A new grant, in place of this one, that meets a resource's challenge.
    StepUp(Record),
    /// New tokens for a grant.
    Refresh(Record),
    /// The end of a grant.
    Revoke(Record),
    /// A token for somebody else (RFC 8693). Of the grant, the access token alone goes into it.
    Exchange { grant: Record, audience: String },
    /// A credential that hangs on a grant.
    Derive {
        grant: Record,
        parameters: Vec<(SettingName, String)>,
        interactive: bool,
    },
}

/// How a flow is to run.
pub(crate) struct FlowPlan<'a> {
    pub(crate) approved: &'a Approved,
    pub(crate) wanted: Wanted,
    pub(crate) method: Method,
    pub(crate) scopes: Vec<Scope>,
    /// How the person must authenticate. Nothing, where nobody signs in.
    pub(crate) demand: Demand,
    pub(crate) registration: Option<Record>,
    pub(crate) key_store: KeyStoreId,
}

/// What a flow came to, besides its end.
#[derive(Default)]
pub(crate) struct Traces {
    /// A registration that it made. Kept even if the flow fails.
    pub(crate) registration: Option<NewRegistration>,
    /// What became of each revocation.
    pub(crate) revocations: Vec<RevocationResult>,
    /// The provider said that the stored grant is no longer good.
    pub(crate) grant_is_dead: bool,
    /// The browser's last page, to be answered when it is known how everything ended.
    pub(crate) page: Option<vestibule_broker::loopback::PageHandle>,
    /// Whether the client can keep a secret, as the plugin's schema says. Nothing if the flow ended before the plugin was asked.
    pub(crate) client: Option<ClientType>,
    /// What was sent, and the rule that ended it.
    pub(crate) counted: Counted,
}

impl Vestibule {
    /// Runs one flow of a plugin, from a fresh instance to its end. A flow that does not end in time is ended.
    pub(crate) async fn run(&self, plan: FlowPlan<'_>) -> (Result<Finished>, Traces) {
        let mut traces = Traces::default();
        let tally = Tally::new(self.outside.observer.as_ref());
        let ended = match timeout(FLOW_TIME, self.run_untimed(plan, &tally, &mut traces)).await {
            Ok(ended) => ended,
            Err(_) => Err(Error::user(
                "flow.timeout",
                format!(
                    "this took longer than {} minutes and was ended",
                    FLOW_TIME.as_secs() / 60
                ),
            )),
        };
        traces.counted = tally.counted();
        (ended, traces)
    }

    async fn run_untimed(
        &self,
        plan: FlowPlan<'_>,
        observer: &dyn Observer,
        traces: &mut Traces,
    ) -> Result<Finished> {
        let FlowPlan {
            approved,
            wanted,
            method,
            scopes,
            demand,
            registration,
            key_store,
        } = plan;
        let sandbox = self.sandbox()?;
        let plugin = plugins::load_pinned(
            &self.places,
            sandbox,
            &approved.approval.plugin,
            &approved.approval.plugin_digest,
        )
        .map_err(|problem| with_hint(problem, approved))?;
        let described = describe_as_approved(&plugin, approved)?;
        let client = ClientType::of(
            &approved.permissions().client,
            &described.description.settings,
        );
        traces.client = Some(client);
        let memory = StoreMemory {
            store: self.store()?,
            key_store,
            clock: self.outside.clock.as_ref(),
        };
        let around = Surroundings {
            tenant: &approved.name,
            permissions: approved.permissions(),
            policy: &approved.tenant.policy,
            redirect: &approved.tenant.redirect,
            plugin: approved.approval.plugin.as_str(),
            plugin_digest: &approved.approval.plugin_digest,
            scopes: &scopes,
            demand: &demand,
            observer,
            person: self.outside.person.as_ref(),
            browser: self.outside.browser.as_ref(),
            memory: &memory,
            clock: self.outside.clock.as_ref(),
            steady: self.outside.steady.as_ref(),
        };
        let mut broker = Broker::new(
            around,
            self.http_for(approved.permissions(), &approved.tenant.network)?,
        );
        broker.set_platform(Platform {
            workload: &approved.tenant.workload,
            variables: self.outside.variables.as_ref(),
            network: self.network()?,
            exceptions: &approved.tenant.network,
        });
        self.set_client(&mut broker, approved, registration, method, observer)?;
        let start = Start {
            purpose: purpose(&mut broker, wanted)?,
            settings: described.settings,
            method,
            scopes: scopes.clone(),
            registered: broker.has_client(),
        };
        let mut rules =
            StepRules::new(approved.permissions(), &approved.tenant, &start).for_client(client);
        let ended = drive(&plugin, start, &mut rules, &mut broker, observer).await;
        traces.registration = broker.take_registration();
        traces.revocations = broker.take_revocations();
        traces.grant_is_dead = broker.grant_is_dead();
        traces.page = broker.take_page();
        // The provider's refusal is a truer reason than what the plugin made of it.
        ended.map_err(|problem| {
            if problem.blame() == Blame::Plugin && problem.code() == PLUGIN_FAILED {
                broker.take_refusal().unwrap_or(problem)
            } else {
                problem
            }
        })
    }
}

impl Vestibule {
    /// Says which client is asking: the one that the operator configured, or the one that was registered before.
    fn set_client(
        &self,
        broker: &mut Broker<'_>,
        approved: &Approved,
        registration: Option<Record>,
        method: Method,
        observer: &dyn Observer,
    ) -> Result<()> {
        let judged = |setting| self.judge_client_secret(approved, setting, method, observer);
        match (&approved.permissions().client, registration) {
            (
                Client::Configured {
                    client_id,
                    authentication,
                },
                _,
            ) => {
                let credential = match authentication {
                    ClientAuthentication::None => Credential::None,
                    ClientAuthentication::ClientSecretBasic(setting) => {
                        judged(setting)?;
                        Credential::Basic(self.operator_secret(approved, setting)?)
                    }
                    ClientAuthentication::ClientSecretPost(setting) => {
                        judged(setting)?;
                        Credential::Post(self.operator_secret(approved, setting)?)
                    }
                    ClientAuthentication::PrivateKeyJwt(setting) => {
                        self.tell_client_key(approved, setting, method, observer);
                        Credential::PrivateKeyJwt(self.operator_key(approved, setting)?)
                    }
                };
                broker.set_client(client_id.clone(), credential)
            }
            (Client::Registered { client_secret, .. }, Some(record)) => {
                let Record {
                    facts: Facts { client_id, .. },
                    parts,
                    ..
                } = record;
                let Some(client_id) = client_id else {
                    return Ok(());
                };
                let secret = parts
                    .into_iter()
                    .find(|part: &Part| Some(&part.name) == client_secret.as_ref())
                    .map(|part| part.secret);
                broker.set_client(client_id, secret.map_or(Credential::None, Credential::Post))
            }
            (Client::Registered { .. }, None) => Ok(()),
        }
    }
}

/// The code of an end that the plugin declared itself.
const PLUGIN_FAILED: &str = "plugin.failed";

/// Asks the plugin, asks policy, lets the broker do it, and resumes the plugin with what it may see, until the flow ends.
pub async fn drive(
    plugin: &dyn Plugin,
    start: Start,
    rules: &mut StepRules<'_>,
    broker: &mut Broker<'_>,
    observer: &dyn Observer,
) -> Result<Finished> {
    let mut flow = plugin.start_flow()?;
    // The tap: here and below, the one place through which values enter a guest.
    let start = broker.clear_start(start)?;
    observer.event(&Event::Began { start: start.get() });
    let mut step = flow.begin(&start)?;
    let mut number = 1;
    loop {
        // Before anybody is told: what a plugin should not know is no step to perform, and none to show.
        broker.search(&step)?;
        observer.event(&Event::Asked {
            number,
            step: &step,
        });
        let ends = matches!(step, Step::Finish(_));
        if let Step::Fail(message) = &step {
            return Err(Error::plugin(
                PLUGIN_FAILED,
                format!("the plugin ended the flow: \"{}\"", Shown::new(message)),
            ));
        }
        let allowed = match Allowed::by(rules, step) {
            Ok(allowed) => allowed,
            Err(denied) => {
                let rule = denied.rule;
                observer.event(&Event::Denied { number, rule });
                return Err(denied.into());
            }
        };
        observer.event(&Event::Allowed { number });
        if ends {
            return broker.finish(allowed);
        }
        let reply = broker.perform(allowed).await?;
        observer.event(&Event::Replied { reply: reply.get() });
        step = flow.resume(&reply)?;
        number += 1;
    }
}

/// What the plugin is started with. Stored secrets go into the vault first; the plugin gets references.
fn purpose(broker: &mut Broker<'_>, wanted: Wanted) -> Result<Purpose> {
    let stored = |broker: &mut Broker<'_>, record: Record| -> Result<StoredGrant> {
        let Record {
            label: _,
            facts,
            parts,
        } = record;
        broker.continue_session(&facts)?;
        let parts: Vec<NamedReference> = broker.admit(parts)?;
        Ok(StoredGrant { parts })
    };
    Ok(match wanted {
        Wanted::SignIn { login_hint } => Purpose::SignIn { login_hint },
        // Another session begins: nothing of the earlier one is taken over, its refresh token least of all (STEP-05).
        Wanted::StepUp(record) => Purpose::StepUp(StoredGrant {
            parts: broker.admit(record.parts)?,
        }),
        Wanted::Refresh(record) => Purpose::Refresh(stored(broker, record)?),
        Wanted::Revoke(record) => Purpose::Revoke(stored(broker, record)?),
        Wanted::Exchange {
            mut grant,
            audience,
        } => {
            grant
                .parts
                .retain(|part| part.kind == SecretKind::AccessToken);
            let subject = stored(broker, grant)?
                .parts
                .into_iter()
                .next()
                .ok_or_else(|| {
                    Error::user(
                        "exchange.subject",
                        "the sign-in has no access token that could be exchanged",
                    )
                })?;
            Purpose::Exchange {
                subject,
                audience: Some(audience),
            }
        }
        Wanted::Derive {
            grant,
            parameters,
            interactive,
        } => Purpose::Derive {
            grant: stored(broker, grant)?,
            parameters,
            interactive,
        },
    })
}

/// What the browser's last page shows, by how a sign-in ended.
pub(crate) fn page_for<T>(ended: &Result<T>) -> Outcome {
    match ended {
        Ok(_) => Outcome::SignedIn,
        Err(problem) if problem.kind() == Kind::Other && problem.blame() == Blame::User => {
            Outcome::Denied
        }
        Err(_) => Outcome::Failed,
    }
}

fn with_hint(problem: Error, approved: &Approved) -> Error {
    if problem.code() == "approval.plugin" {
        problem.hint(format!(
            "if you have updated it, run: vestibule tenant approve {}",
            approved.name
        ))
    } else {
        problem
    }
}
