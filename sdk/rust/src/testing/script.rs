//! What the host answers, and what came of it.

use std::collections::VecDeque;
use std::marker::PhantomData;

use super::reply::Reply;
use super::run::{Run, last};
use super::transcript::{Names, line};
use crate::flow::Flow;
use crate::provider::Plugin;
use crate::session::Method;
use crate::wit::{
    self, Authorized, Derivation, Exchange, Metadata, NamedReference, Problem, ProblemKind,
    Profile, Purpose, Setting, SettingField, SettingPresence, SettingValue, SignIn, Start, Step,
    StoredGrant,
};

/// What the host will answer, and under which circumstances.
pub struct Script<P> {
    settings: Vec<Setting>,
    method: Method,
    registered: bool,
    login_hint: Option<String>,
    replies: VecDeque<Scripted>,
    plugin: PhantomData<P>,
}

enum Scripted {
    Discovered(Vec<String>),
    Authorized,
    Tokens(Reply),
    Response(Reply),
    Asserted,
    Chosen(String),
    Failed(Problem),
}

impl<P: Plugin> Default for Script<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Plugin> Script<P> {
    /// A browser is at hand, and no registration.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Vec::new(),
            method: Method::Browser,
            registered: false,
            login_hint: None,
            replies: VecDeque::new(),
            plugin: PhantomData,
        }
    }

    /// The tenant has this setting.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push(Setting {
            name: name.to_owned(),
            value: SettingValue::Text(value.to_owned()),
        });
        self
    }

    /// The host chooses this way to sign in.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The host has a registration that has not expired.
    #[must_use]
    pub fn registered(mut self) -> Self {
        self.registered = true;
        self
    }

    /// The person means this account.
    #[must_use]
    pub fn login_hint(mut self, hint: &str) -> Self {
        self.login_hint = Some(hint.to_owned());
        self
    }

    /// Next: the metadata, with endpoints of these roles.
    #[must_use]
    pub fn discovered<const N: usize>(self, roles: [&str; N]) -> Self {
        self.then(Scripted::Discovered(roles.map(str::to_owned).into()))
    }

    /// Next: the person consents.
    #[must_use]
    pub fn authorized(self) -> Self {
        self.then(Scripted::Authorized)
    }

    /// Next: a workload's assertion.
    #[must_use]
    pub fn asserted(self) -> Self {
        self.then(Scripted::Asserted)
    }

    /// Next: tokens.
    #[must_use]
    pub fn tokens(self, reply: Reply) -> Self {
        self.then(Scripted::Tokens(reply))
    }

    /// Next: any other successful reply.
    #[must_use]
    pub fn response(self, reply: Reply) -> Self {
        self.then(Scripted::Response(reply))
    }

    /// Next: the person chooses the option with this id.
    #[must_use]
    pub fn chosen(self, id: &str) -> Self {
        self.then(Scripted::Chosen(id.to_owned()))
    }

    /// Next: the provider does not do it.
    #[must_use]
    pub fn failed(self, kind: ProblemKind, code: Option<&str>) -> Self {
        self.then(Scripted::Failed(Problem {
            kind,
            code: code.map(str::to_owned),
        }))
    }

    /// What the plugin says of itself under these settings.
    #[must_use]
    pub fn describe(&self) -> wit::Description {
        crate::describe::<P>(&self.settings_with_defaults())
    }

    /// A new sign-in.
    #[must_use]
    pub fn sign_in(self) -> Run {
        let login_hint = self.login_hint.clone();
        self.run(|_| Purpose::SignIn(SignIn { login_hint }))
    }

    /// A refresh of a grant with these parts.
    #[must_use]
    pub fn refresh<const N: usize>(self, parts: [&str; N]) -> Run {
        self.run(|names| Purpose::Refresh(names.grant(&parts)))
    }

    /// A revocation of a grant with these parts.
    #[must_use]
    pub fn revoke<const N: usize>(self, parts: [&str; N]) -> Run {
        self.run(|names| Purpose::Revoke(names.grant(&parts)))
    }

    /// An exchange of this token for another audience.
    #[must_use]
    pub fn exchange(self, subject: &str, audience: Option<&str>) -> Run {
        let audience = audience.map(str::to_owned);
        self.run(|names| {
            Purpose::Exchange(Exchange {
                subject: names.part(subject),
                audience,
            })
        })
    }

    /// A step-up of a grant with these parts.
    #[must_use]
    pub fn step_up<const N: usize>(self, parts: [&str; N]) -> Run {
        self.run(|names| Purpose::StepUp(names.grant(&parts)))
    }

    /// A derived credential, with a person who can be asked.
    #[must_use]
    pub fn derive<const N: usize, const M: usize>(
        self,
        parts: [&str; N],
        parameters: [(&str, &str); M],
    ) -> Run {
        self.run(|names| names.derivation(&parts, &parameters, true))
    }

    /// A derived credential, with nobody to ask.
    #[must_use]
    pub fn derive_unattended<const N: usize, const M: usize>(
        self,
        parts: [&str; N],
        parameters: [(&str, &str); M],
    ) -> Run {
        self.run(|names| names.derivation(&parts, &parameters, false))
    }

    fn then(mut self, reply: Scripted) -> Self {
        self.replies.push_back(reply);
        self
    }

    fn run(mut self, purpose: impl FnOnce(&mut Names) -> Purpose) -> Run {
        let settings = self.settings_with_defaults();
        let profile = match crate::describe::<P>(&settings).profile {
            Ok(profile) => profile,
            Err(problems) => panic!("the settings are wrong: {problems:?}"),
        };
        let mut names = Names::default();
        let start = Start {
            purpose: purpose(&mut names),
            settings,
            method: self.method.to_wit(),
            scopes: profile.scopes.clone(),
            registered: self.registered,
        };

        let mut slot: Option<Flow> = None;
        let mut steps = vec![crate::begin::<P>(&mut slot, start)];
        loop {
            let step = last(&steps);
            if matches!(step, Step::Finish(_) | Step::Fail(_)) {
                break;
            }
            let Some(scripted) = self.replies.pop_front() else {
                panic!(
                    "the script has no reply to this step: {}",
                    line(step, &names)
                );
            };
            let reply = scripted.answer(step, &profile, &mut names);
            steps.push(crate::resume(&mut slot, reply));
        }
        let run = Run { steps, names };
        assert!(
            self.replies.is_empty(),
            "the flow ended before the script did:\n{}",
            run.transcript()
        );
        run
    }

    /// As the host does: what has a default is always given.
    fn settings_with_defaults(&self) -> Vec<Setting> {
        let mut settings = self.settings.clone();
        let schema = crate::describe::<P>(&[]).settings;
        for SettingField { name, presence, .. } in schema {
            match presence {
                SettingPresence::DefaultsTo(value)
                    if !settings.iter().any(|setting| setting.name == name) =>
                {
                    settings.push(Setting { name, value });
                }
                SettingPresence::DefaultsTo(_)
                | SettingPresence::Required
                | SettingPresence::Optional => {}
            }
        }
        settings
    }
}

impl Names {
    fn grant(&mut self, parts: &[&str]) -> StoredGrant {
        StoredGrant {
            parts: parts.iter().map(|part| self.part(part)).collect(),
        }
    }

    fn part(&mut self, name: &str) -> NamedReference {
        NamedReference {
            name: name.to_owned(),
            reference: self.mint(&format!("stored {name}")),
        }
    }

    fn derivation(
        &mut self,
        parts: &[&str],
        parameters: &[(&str, &str)],
        interactive: bool,
    ) -> Purpose {
        let parameter = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters = parameters.iter().map(parameter).collect();
        Purpose::Derive(Derivation {
            grant: self.grant(parts),
            parameters,
            interactive,
        })
    }
}

impl Scripted {
    fn answer(self, step: &Step, profile: &Profile, names: &mut Names) -> wit::Reply {
        match (self, step) {
            (Self::Discovered(roles), Step::Discover) => wit::Reply::Discovered(Metadata { roles }),
            (Self::Authorized, Step::Authorize(_)) => wit::Reply::Authorized(Authorized {
                code: names.mint("code"),
            }),
            (Self::Asserted, Step::SubjectToken(request)) => {
                wit::Reply::SubjectToken(names.mint(&format!("assertion of {}", request.source)))
            }
            (Self::Tokens(reply), Step::Device(_)) => reply.tokens("token", profile, names),
            (Self::Tokens(reply), Step::Request(request)) => {
                reply.tokens(&request.role, profile, names)
            }
            (Self::Response(reply), Step::Request(request)) => {
                let secrets = reply.declared_secrets(&request.role, profile, names);
                let members = reply.declared_members(&request.role, profile);
                wit::Reply::Response(wit::Response { members, secrets })
            }
            (Self::Chosen(id), Step::Choose(choice)) => {
                assert!(
                    choice.options.iter().any(|option| option.id == id),
                    "`{id}` is not among the options"
                );
                wit::Reply::Chosen(id)
            }
            (Self::Failed(problem), Step::Request(_) | Step::Device(_)) => {
                wit::Reply::Failed(problem)
            }
            _ => panic!(
                "the script has another kind of reply than this step: {}",
                line(step, names)
            ),
        }
    }
}
