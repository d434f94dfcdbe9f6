//! From a provider to the three functions of the contract: `describe`, `begin`, `resume`.

use crate::flow::{Flow, fail};
use crate::grant::{Derivation, StoredGrant};
use crate::provider::Plugin;
use crate::session::Session;
use crate::settings::{self, Settings};
use crate::wit::{
    Description, OutcomeOfFlow, Purpose, Reply, Setting, SettingProblem, Start, Step,
};

/// Makes a provider the plugin that this crate is: `export!(Provider);`. Name, version and summary are those of
/// `Cargo.toml`.
#[macro_export]
macro_rules! export {
    ($provider:ty) => {
        impl $crate::Plugin for $provider {
            const ABOUT: $crate::About = $crate::About {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                summary: env!("CARGO_PKG_DESCRIPTION"),
            };
        }

        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "generated: the component model's calling convention")]
        const _: () = {
            struct Component;

            thread_local! {
                /// The one flow of this instance.
                static FLOW: std::cell::RefCell<Option<$crate::Flow>> = const { std::cell::RefCell::new(None) };
            }

            impl $crate::bindings::exports::vestibule::idp::provider::Guest for Component {
                fn describe(settings: Vec<$crate::wit::Setting>) -> $crate::wit::Description {
                    $crate::describe::<$provider>(&settings)
                }

                fn begin(start: $crate::wit::Start) -> $crate::wit::Step {
                    FLOW.with_borrow_mut(|flow| $crate::begin::<$provider>(flow, start))
                }

                fn resume(reply: $crate::wit::Reply) -> $crate::wit::Step {
                    FLOW.with_borrow_mut(|flow| $crate::resume(flow, reply))
                }
            }

            $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}

/// `describe` of the contract.
#[must_use]
pub fn describe<P: Plugin>(given: &[Setting]) -> Description {
    Description {
        name: P::ABOUT.name.to_owned(),
        version: P::ABOUT.version.to_owned(),
        summary: P::ABOUT.summary.to_owned(),
        settings: P::Config::schema(),
        profile: read::<P>(given).map(|config| P::server(&config).into_profile()),
    }
}

/// The settings, if each is legal and all fit together.
fn read<P: Plugin>(given: &[Setting]) -> Result<P::Config, Vec<SettingProblem>> {
    let config = settings::read::<P::Config>(given)?;
    let problems = P::check(&config);
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems)
    }
}

/// `begin` of the contract. An instance has one flow, which lies in `slot`.
pub fn begin<P: Plugin>(slot: &mut Option<Flow>, start: Start) -> Step {
    if slot.is_some() {
        return fail("a flow has begun already");
    }
    match read::<P>(&start.settings) {
        Ok(config) => slot.insert(flow::<P>(config, start)).begin(),
        Err(problems) => {
            let lines: Vec<_> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.name, problem.message))
                .collect();
            fail(lines.join("; "))
        }
    }
}

/// `resume` of the contract.
pub fn resume(slot: &mut Option<Flow>, reply: Reply) -> Step {
    match slot {
        Some(flow) => flow.resume(reply),
        None => fail("no flow has begun"),
    }
}

fn flow<P: Plugin>(config: P::Config, start: Start) -> Flow {
    Flow::new(|mailbox| async move {
        let session = Session::new(mailbox, P::server(&config), &start);
        let grant = match start.purpose {
            Purpose::SignIn(_) => P::sign_in(&session, &config).await?,
            Purpose::Refresh(grant) => {
                P::refresh(&session, &StoredGrant::new(grant), &config).await?
            }
            Purpose::Exchange(exchange) => P::exchange(&session, &exchange.into(), &config).await?,
            Purpose::Derive(derivation) => {
                P::derive(&session, &Derivation::new(derivation), &config).await?
            }
            Purpose::StepUp(grant) => {
                P::step_up(&session, &StoredGrant::new(grant), &config).await?
            }
            Purpose::Revoke(grant) => {
                P::revoke(&session, &StoredGrant::new(grant), &config).await?;
                return Ok(OutcomeOfFlow::Done);
            }
        };
        Ok(OutcomeOfFlow::Grant(grant.into_wit()))
    })
}
