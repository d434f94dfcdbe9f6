//! What a plugin is to the rest of the host: three functions.

use crate::cleared::Cleared;
use crate::description::Description;
use crate::error::Result;
use crate::reply::Reply;
use crate::setting::Setting;
use crate::start::Start;
use crate::step::Step;

/// A plugin that was admitted.
pub trait Plugin {
    /// The digest of its component, `sha256:…`.
    fn digest(&self) -> String;

    /// What it is, and what it would do under these settings. Asked in an instance of its own, which is then thrown away.
    fn describe(&self, settings: &[Setting]) -> Result<Description>;

    /// A fresh instance for one flow of one tenant (PLUG-10).
    fn start_flow(&self) -> Result<Box<dyn Flow>>;
}

/// One flow of a plugin. After an error it is dead, and every further call fails.
pub trait Flow {
    /// Starts the flow. Once.
    fn begin(&mut self, start: &Cleared<Start>) -> Result<Step>;

    /// Says what to do next.
    fn resume(&mut self, reply: &Cleared<Reply>) -> Result<Step>;
}
