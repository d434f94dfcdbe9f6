//! A workload's own assertion, as subject of RFC 7523 and RFC 8693.

use super::{Session, unexpected};
use crate::error::Result;
use crate::secret::SubjectToken;
use crate::wit::{Reply, Step, SubjectTokenRequest};

impl Session {
    /// Fetches the assertion of a source that the tenant file names, for this audience.
    ///
    /// # Errors
    ///
    /// None but the plugin's own: if the source has none, the host ends the flow.
    pub async fn subject_token(&self, source: &str, audience: &str) -> Result<SubjectToken> {
        let request = SubjectTokenRequest {
            source: source.to_owned(),
            audience: audience.to_owned(),
        };
        let reply = self
            .ask("subject-token", Step::SubjectToken(request))
            .await?;
        let Reply::SubjectToken(reference) = reply else {
            return Err(unexpected("subject-token", &reply));
        };
        Ok(SubjectToken::new(reference))
    }
}
