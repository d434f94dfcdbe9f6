//! A plugin that can run: what the core's traits ask for.

use std::sync::Arc;

use vestibule_core::description::Description;
use vestibule_core::plugin::{Flow, Plugin};
use vestibule_core::reply::Reply;
use vestibule_core::setting::Setting;
use vestibule_core::start::Start;
use vestibule_core::step::Step;
use vestibule_core::{Cleared, Error, Result, Shown};
use wasmtime::component::{Component, Linker};

use crate::abi::v0_1::{self as abi, IdentityProviderPre, Weigh};
use crate::digest::PluginDigest;
use crate::instance::{Guest, Instance, Runtime};

/// A compiled plugin, linked to nothing. Cheap to clone; each use makes an instance of its own.
#[derive(Clone)]
pub struct LoadedPlugin {
    digest: PluginDigest,
    runtime: Arc<Runtime>,
    linked: IdentityProviderPre<Guest>,
}

impl LoadedPlugin {
    /// Links a compiled component. The linker is empty, so that code which imports anything fails here once more (PLUG-12), and
    /// the functions are checked to have the contract's types.
    pub(crate) fn link(
        runtime: &Arc<Runtime>,
        component: &Component,
        digest: PluginDigest,
    ) -> Result<Self> {
        let linked = Linker::new(&runtime.engine)
            .instantiate_pre(component)
            .and_then(IdentityProviderPre::new)
            .map_err(|error| {
                Error::plugin(
                    "plugin.abi",
                    format!(
                        "the plugin does not have the contract's types: {}",
                        Shown::new(&format!("{error:#}"))
                    ),
                )
            })?;
        Ok(Self {
            digest,
            runtime: Arc::clone(runtime),
            linked,
        })
    }

    /// The digest of the component that it was compiled from.
    #[must_use]
    pub fn plugin_digest(&self) -> PluginDigest {
        self.digest
    }
}

impl Plugin for LoadedPlugin {
    fn digest(&self) -> String {
        self.digest.to_string()
    }

    fn describe(&self, settings: &[Setting]) -> Result<Description> {
        let settings = abi::settings(settings);
        Instance::new(&self.runtime, &self.linked)?.call(
            |provider, store| provider.call_describe(store, &settings),
            // One answer, which the engine bounds, of an instance that goes at once.
            |_| 0,
            abi::description,
        )
    }

    fn start_flow(&self) -> Result<Box<dyn Flow>> {
        Ok(Box::new(SandboxedFlow {
            instance: Instance::new(&self.runtime, &self.linked)?,
            begun: false,
        }))
    }
}

/// One flow in one instance.
struct SandboxedFlow {
    instance: Instance,
    begun: bool,
}

impl Flow for SandboxedFlow {
    fn begin(&mut self, start: &Cleared<Start>) -> Result<Step> {
        if std::mem::replace(&mut self.begun, true) {
            return Err(Error::host("engine.flow", "a flow begins only once"));
        }
        let start = abi::start(start.get());
        self.instance.call(
            |provider, store| provider.call_begin(store, &start),
            Weigh::weight,
            abi::step,
        )
    }

    fn resume(&mut self, reply: &Cleared<Reply>) -> Result<Step> {
        if !self.begun {
            return Err(Error::host(
                "engine.flow",
                "a flow must begin before it goes on",
            ));
        }
        let reply = abi::reply(reply.get());
        self.instance.call(
            |provider, store| provider.call_resume(store, &reply),
            Weigh::weight,
            abi::step,
        )
    }
}
