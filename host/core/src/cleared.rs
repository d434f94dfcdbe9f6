//! The proof that the second barrier was asked: nothing enters a guest without it (PLUG-07).

use crate::error::Result;
use crate::reply::Reply;
use crate::setting::SettingValue;
use crate::start::{Purpose, Start, StoredGrant};

/// What may enter a guest. A guest takes nothing else, and there is no other way to make one than to ask a barrier: a reply that
/// nobody has searched does not compile.
#[derive(Debug)]
pub struct Cleared<T>(T);

impl<T: Enters> Cleared<T> {
    /// Asks the barrier.
    ///
    /// # Errors
    /// If the value holds what it must not. Then it is gone.
    pub fn by(barrier: &dyn Barrier, value: T) -> Result<Self> {
        barrier.search(&value)?;
        Ok(Self(value))
    }
}

impl<T> Cleared<T> {
    /// What was cleared.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// Something that knows what must not pass.
pub trait Barrier {
    /// Searches a value that is about to enter a guest.
    ///
    /// # Errors
    /// If it holds what must not pass. The error does not say what.
    fn search(&self, entering: &dyn Enters) -> Result<()>;
}

/// Something that enters a guest: what it holds, as text.
pub trait Enters {
    /// Every text and number in it. What is left out here would pass unseen, so that implementations match exhaustively, down to the
    /// scalars. A number counts because a secret of digits alone is one to whoever reads it so.
    fn for_each_word(&self, visit: &mut dyn FnMut(&str));
}

impl Enters for Reply {
    fn for_each_word(&self, visit: &mut dyn FnMut(&str)) {
        self.for_each_text(visit);
        self.for_each_integer(&mut |number| visit(&number.to_string()));
    }
}

impl Enters for Start {
    fn for_each_word(&self, visit: &mut dyn FnMut(&str)) {
        let Self {
            purpose,
            settings,
            method: _,
            scopes,
            registered: _,
        } = self;
        let mut stored = |grant: &StoredGrant| {
            for part in &grant.parts {
                visit(part.name.as_str());
            }
        };
        match purpose {
            Purpose::SignIn { login_hint } => {
                if let Some(hint) = login_hint {
                    visit(hint);
                }
            }
            Purpose::Refresh(grant) | Purpose::Revoke(grant) | Purpose::StepUp(grant) => {
                stored(grant);
            }
            Purpose::Exchange { subject, audience } => {
                visit(subject.name.as_str());
                if let Some(audience) = audience {
                    visit(audience);
                }
            }
            Purpose::Derive {
                grant,
                parameters,
                interactive: _,
            } => {
                stored(grant);
                for (name, value) in parameters {
                    visit(name.as_str());
                    visit(value);
                }
            }
        }
        for setting in settings {
            visit(setting.name.as_str());
            match &setting.value {
                SettingValue::Text(text) => visit(text),
                SettingValue::Texts(texts) => texts.iter().for_each(|text| visit(text)),
                SettingValue::Integer(number) => visit(&number.to_string()),
                SettingValue::Boolean(_) => {}
            }
        }
        scopes.iter().for_each(|scope| visit(scope.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::reply::{Member, MemberValue, Response, Scalar};
    use crate::{Pointer, RoleName};

    /// Lets nothing pass that has this text.
    struct Against(&'static str);

    impl Barrier for Against {
        fn search(&self, entering: &dyn Enters) -> Result<()> {
            let mut found = false;
            entering.for_each_word(&mut |word| found |= word.contains(self.0));
            if found {
                return Err(Error::provider("barrier.secret", "it is there"));
            }
            Ok(())
        }
    }

    #[test]
    fn every_text_and_number_of_a_reply_is_searched() {
        let reply = |scalar: Scalar, in_rows: bool| {
            Reply::Response(Response {
                members: vec![Member {
                    role: RoleName::parse("api").unwrap(),
                    pointer: Pointer::parse("/x").unwrap(),
                    value: if in_rows {
                        MemberValue::Rows(vec![vec![None, Some(scalar)]])
                    } else {
                        MemberValue::One(scalar)
                    },
                }],
                secrets: Vec::new(),
            })
        };
        for in_rows in [false, true] {
            let text = || Scalar::Text("a 1234567890123456 b".to_owned());
            let number = || Scalar::Integer(1_234_567_890_123_456);
            for scalar in [text, number] {
                let found = Cleared::by(&Against("1234567890123456"), reply(scalar(), in_rows));
                assert!(found.is_err());
                let passed = Cleared::by(&Against("something else"), reply(scalar(), in_rows));
                assert!(passed.is_ok());
            }
        }
        let chosen = Reply::Chosen("marker".to_owned());
        assert!(Cleared::by(&Against("marker"), chosen).is_err());
    }
}
