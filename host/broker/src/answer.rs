//! What becomes of an endpoint's answer, the same for every step: a refusal is kept for the person and told to the plugin as a known
//! code (PLUG-08); of a success, only what was declared readable crosses, and secrets become references (PLUG-06).

use vestibule_core::Result;
use vestibule_core::reply::{Member, Reply, Response};
use vestibule_core::start::NamedReference;

use crate::broker::Broker;
use crate::json::Document;
use crate::outcome::Refusal;
use crate::readable;

impl Broker<'_> {
    /// A refusal: the truer reason if the flow ends because of it.
    pub(crate) fn refused(&mut self, role: &str, refusal: &Refusal) -> Reply {
        self.refusal = Some(refusal.error(role, &self.vault));
        Reply::Failed(refusal.problem())
    }

    /// The members and secrets of a document that the plugin may know of. The one place where the first barrier is applied.
    pub(crate) fn let_through(
        &mut self,
        role: &str,
        document: &Document,
    ) -> Result<(Vec<Member>, Vec<NamedReference>)> {
        let permissions = self.around.permissions;
        let members = readable::members(role, document, &permissions.readable);
        let secrets = readable::secrets(role, document, &permissions.secrets, &mut self.vault)?;
        Ok((members, secrets))
    }

    /// The reply of an endpoint that answers with data, told to whoever watches.
    pub(crate) fn response(&mut self, role: &str, document: &Document) -> Result<Reply> {
        let (members, secrets) = self.let_through(role, document)?;
        self.tell_kept(&secrets)?;
        self.learn_account(role, document);
        Ok(Reply::Response(Response { members, secrets }))
    }
}
