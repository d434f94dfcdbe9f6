//! Where it all comes together: a provider's state, and one request's view of it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::encoding::Fields;
use crate::fault;
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::mint::Mint;
use crate::record::{Record, Role, SecretKind, Seen, received};
use crate::script::Script;
use crate::twist::{
    CallbackTwist, DeviceTwist, Fault, GrantTwist, IdTokenTwist, JwksTwist, MetadataTwist, Twist,
    WorkloadTwist,
};
use crate::wire::server::Answer;
use crate::wire::{Body, Request, Response};
use crate::{identity_center, provider};

/// Which provider is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// OAuth 2.0 with OpenID Connect, by the book.
    OpenId,
    /// JSON in camelCase, own registration, portal, cloud keys.
    IdentityCenter,
}

/// One running provider.
pub(crate) struct Stage {
    pub(crate) shape: Shape,
    /// `http://127.0.0.1:PORT`.
    pub(crate) origin: String,
    pub(crate) mint: Mint,
    pub(crate) keys: Keys,
    pub(crate) record: Record,
    /// The demo API's own credential for introspection (RFC 7662 §2.1).
    pub(crate) resource_secret: String,
    ledger: Mutex<Ledger>,
    acting: Mutex<Acting>,
}

struct Acting {
    script: Arc<Script>,
    /// How often each fault of the script has happened.
    happened: Vec<u32>,
}

impl Acting {
    fn new(script: Script) -> Self {
        Self {
            happened: vec![0; script.faults.len()],
            script: Arc::new(script),
        }
    }
}

impl Stage {
    /// # Errors
    /// No random bytes, or no keys.
    pub(crate) fn new(shape: Shape, origin: String, script: Script) -> io::Result<Self> {
        let mint = Mint::new()?;
        let stage = Self {
            shape,
            origin,
            resource_secret: mint.token("rh_rs_"),
            mint,
            keys: Keys::generate()?,
            record: Record::default(),
            ledger: Mutex::default(),
            acting: Mutex::new(Acting::new(script)),
        };
        stage
            .record
            .note_secret(SecretKind::ClientSecret, &stage.resource_secret);
        if let Some(secret) = &stage.script().client_secret {
            stage.record.note_secret(SecretKind::ClientSecret, secret);
        }
        Ok(stage)
    }

    pub(crate) fn script(&self) -> Arc<Script> {
        Arc::clone(&self.acting().script)
    }

    pub(crate) fn rescript(&self, script: Script) {
        *self.acting() = Acting::new(script);
    }

    fn acting(&self) -> MutexGuard<'_, Acting> {
        self.acting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that this request meets, if its turn has come.
    fn due_fault(&self, role: Role) -> Option<Fault> {
        let mut acting = self.acting();
        let Acting { script, happened } = &mut *acting;
        for ((at, fault, times), happened) in script.faults.iter().zip(happened) {
            if *at == role && times.is_none_or(|times| *happened < times) {
                *happened += 1;
                return Some(fault.clone());
            }
        }
        None
    }
}

impl Answer for Stage {
    fn answer(&self, request: Request, connection: u64) -> Response {
        let scene = Scene {
            stage: self,
            script: self.script(),
            request: &request,
        };
        let role = match self.shape {
            Shape::OpenId => provider::role(&scene.script, request.path()),
            Shape::IdentityCenter => identity_center::role(request.path()),
        };
        let (query, fields) = (request.query(), request.fields());
        for (kind, value) in received(&query).chain(received(&fields)) {
            self.record.note_secret(kind, value);
        }
        let honest = || match self.shape {
            Shape::OpenId => provider::answer(&scene, role),
            Shape::IdentityCenter => identity_center::answer(&scene, role),
        };
        let response = match self.due_fault(role) {
            Some(fault) => fault::perform(&fault, &request, &self.record, honest),
            None => honest(),
        };
        self.record.note_request(Seen {
            number: 0,
            at: scene.now(),
            connection,
            role,
            method: request.method.clone(),
            target: request.target.clone(),
            path: request.path().to_owned(),
            query,
            headers: request.headers.clone(),
            body: request.body.clone(),
            fields,
            answered: (!matches!(response.body, Body::Dropped | Body::Stalled))
                .then_some(response.status),
        });
        response
    }
}

/// A client as this provider knows it, configured or registered.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    /// Whether it proves who it is.
    pub(crate) is_confidential: bool,
    pub(crate) redirect_uris: Vec<String>,
}

/// One request, with all that an endpoint needs to answer it.
pub(crate) struct Scene<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) script: Arc<Script>,
    pub(crate) request: &'a Request,
}

impl Scene<'_> {
    pub(crate) fn now(&self) -> u64 {
        self.script.clock.now()
    }

    /// An access token's lifetime, whole seconds.
    pub(crate) fn access_ttl(&self) -> u64 {
        self.script.access_ttl.as_secs()
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}{}", self.stage.origin, self.script.path)
    }

    /// Where this shape keeps its endpoints.
    pub(crate) fn url(&self, path: &str) -> String {
        match self.stage.shape {
            Shape::OpenId => format!("{}{path}", self.issuer()),
            Shape::IdentityCenter => {
                format!("{}{}{path}", self.stage.origin, identity_center::OIDC)
            }
        }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.stage
            .ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh secret, written down.
    pub(crate) fn mint(&self, kind: SecretKind, prefix: &str) -> String {
        let value = self.stage.mint.token(prefix);
        self.stage.record.note_secret(kind, &value);
        value
    }

    pub(crate) fn form(&self) -> Fields {
        self.request.fields()
    }

    pub(crate) fn client(&self, id: &str) -> Option<Client> {
        match self.stage.shape {
            Shape::OpenId => (id == self.script.client_id).then(|| Client {
                id: id.to_owned(),
                secret: self.script.client_secret.clone(),
                is_confidential: self.script.client_secret.is_some()
                    || self.script.client_key.is_some(),
                redirect_uris: self.script.redirect_uris.clone(),
            }),
            Shape::IdentityCenter => {
                let now = self.now();
                let ledger = self.ledger();
                let registration = ledger
                    .registrations
                    .get(id)
                    .filter(|known| now < known.expires)?;
                Some(Client {
                    id: id.to_owned(),
                    secret: Some(registration.secret.clone()),
                    is_confidential: true,
                    redirect_uris: registration.redirect_uris.clone(),
                })
            }
        }
    }
}

/// The script's twists, place by place, in their order.
macro_rules! twists_of {
    ($($name:ident: $place:ident($twist:ident)),*) => {
        impl Scene<'_> {$(
            pub(crate) fn $name(&self) -> Vec<$twist> {
                let pick = |twist: &Twist| if let Twist::$place(twist) = twist { Some(twist.clone()) } else { None };
                self.script.twists.iter().filter_map(pick).collect()
            }
        )*}
    };
}
twists_of!(
    metadata_twists: Metadata(MetadataTwist),
    jwks_twists: Jwks(JwksTwist),
    callback_twists: Callback(CallbackTwist),
    device_twists: Device(DeviceTwist),
    grant_twists: Grant(GrantTwist),
    workload_twists: Workload(WorkloadTwist),
    id_token_twists: IdToken(IdTokenTwist)
);
