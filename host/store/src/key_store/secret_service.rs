//! The Secret Service of a Linux desktop (freedesktop.org Secret Service API 0.2) over D-Bus.
//!
//! Nothing here asks the person anything: a locked keyring is unusable, and says so. Every exchange has an end
//! (`limits::KEY_STORE_ANSWER`), since a service that hangs is as common as one that is absent.

use std::collections::HashMap;
use std::future::Future;

use secret_service::{Collection, EncryptionType, SecretService as Service};
use vestibule_core::limits::KEY_STORE_ANSWER;
use zeroize::{Zeroize, Zeroizing};

use super::{KeyName, KeyStore, KeyStoreId, MasterKey, SessionBus, Unusable};
use crate::random;

/// The default collection of the Secret Service.
#[derive(Clone, Debug)]
pub struct SecretService {
    address: Option<String>,
}

impl SecretService {
    /// The Secret Service on this bus. Nothing is connected before it is needed.
    #[must_use]
    pub fn new(bus: &SessionBus) -> Self {
        Self {
            address: address(bus),
        }
    }
}

/// The address of the session's bus, if there is one to try.
fn address(bus: &SessionBus) -> Option<String> {
    let named = bus.address.as_ref().filter(|address| !address.is_empty());
    named.cloned().or_else(|| {
        let socket = bus
            .runtime_dir
            .as_ref()
            .filter(|dir| dir.is_absolute())?
            .join("bus");
        rustix::fs::stat(&socket).ok()?;
        Some(format!("unix:path={}", socket.to_str()?))
    })
}

/// What is asked of the service.
enum Question {
    Probe,
    Find(KeyName),
    Keep(KeyName, MasterKey),
    Forget(KeyName),
}

impl KeyStore for SecretService {
    fn id(&self) -> KeyStoreId {
        KeyStoreId::SecretService
    }

    fn probe(&self) -> Result<(), Unusable> {
        self.ask(Question::Probe).map(drop)
    }

    fn find(&self, name: &KeyName) -> Result<Option<MasterKey>, Unusable> {
        self.ask(Question::Find(name.clone()))
    }

    fn keep(&self, name: &KeyName, key: &MasterKey) -> Result<(), Unusable> {
        self.ask(Question::Keep(name.clone(), key.clone()))
            .map(drop)
    }

    fn forget(&self, name: &KeyName) -> Result<(), Unusable> {
        self.ask(Question::Forget(name.clone())).map(drop)
    }
}

impl SecretService {
    /// Asks, and waits for the answer no longer than the limit. In a thread with its own runtime: the caller may be within one,
    /// where waiting is not allowed.
    fn ask(&self, question: Question) -> Result<Option<MasterKey>, Unusable> {
        let address = self
            .address
            .clone()
            .ok_or_else(|| unusable("there is no session bus"))?;
        let talk = std::thread::Builder::new()
            .name("secret-service".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| unusable(error.to_string()))?;
                runtime.block_on(in_time(answer(&address, question)))
            })
            .map_err(|error| unusable(error.to_string()))?;
        talk.join()
            .unwrap_or_else(|_| Err(unusable("the D-Bus client broke")))
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, Unusable>>) -> Result<T, Unusable> {
    tokio::time::timeout(KEY_STORE_ANSWER, answer)
        .await
        .unwrap_or_else(|_| {
            Err(unusable(format!(
                "it did not answer within {} s",
                KEY_STORE_ANSWER.as_secs()
            )))
        })
}

async fn answer(address: &str, question: Question) -> Result<Option<MasterKey>, Unusable> {
    let bus = zbus::connection::Builder::address(address)
        .map_err(|error| unusable(format!("the bus address is not usable: {error}")))?
        .build()
        .await
        .map_err(|error| unusable(format!("the session bus does not answer: {error}")))?;
    // Other programs can watch the bus; Diffie-Hellman keeps the key from them.
    let service = Service::connect_with_existing(EncryptionType::Dh, bus)
        .await
        .map_err(said)?;
    let collection = unlocked_collection(&service).await?;
    match question {
        Question::Probe => Ok(None),
        Question::Find(name) => find(&collection, &name).await,
        Question::Keep(name, key) => keep(&collection, &name, &key).await.map(|()| None),
        Question::Forget(name) => {
            for item in collection
                .search_items(attributes(&name))
                .await
                .map_err(said)?
            {
                item.delete().await.map_err(said)?;
            }
            Ok(None)
        }
    }
}

async fn unlocked_collection<'a>(service: &'a Service<'a>) -> Result<Collection<'a>, Unusable> {
    let collection = match service.get_default_collection().await {
        Ok(collection) => collection,
        Err(secret_service::Error::NoResult) => {
            return Err(unusable("there is no default keyring in it"));
        }
        Err(error) => return Err(said(error)),
    };
    if collection.is_locked().await.map_err(said)? {
        return Err(Unusable {
            hint: Some("unlock the keyring of your desktop, and try again"),
            ..unusable("it is locked")
        });
    }
    Ok(collection)
}

async fn find(collection: &Collection<'_>, name: &KeyName) -> Result<Option<MasterKey>, Unusable> {
    let items = collection
        .search_items(attributes(name))
        .await
        .map_err(said)?;
    let Some(item) = items.first() else {
        return Ok(None);
    };
    let secret = Zeroizing::new(item.get_secret().await.map_err(said)?);
    // Hexadecimal, since some implementations of the service store text only.
    let mut key = std::str::from_utf8(&secret)
        .ok()
        .and_then(random::from_hex::<32>);
    let found = key.map(|bytes| MasterKey::new(Zeroizing::new(bytes)));
    key.zeroize();
    Ok(found)
}

async fn keep(
    collection: &Collection<'_>,
    name: &KeyName,
    key: &MasterKey,
) -> Result<(), Unusable> {
    let text = Zeroizing::new(random::hex(key.bytes()));
    collection
        .create_item(
            "Vestibule: the key of stored sign-ins",
            attributes(name),
            text.as_bytes(),
            true,
            "text/plain",
        )
        .await
        .map(drop)
        .map_err(said)
}

fn attributes(name: &KeyName) -> HashMap<&'static str, &str> {
    HashMap::from([
        ("xdg:schema", "org.freedesktop.Secret.Generic"),
        ("application", "vestibule"),
        ("installation", name.installation()),
    ])
}

fn unusable(reason: impl Into<String>) -> Unusable {
    Unusable::new(KeyStoreId::SecretService, reason)
}

fn said(error: secret_service::Error) -> Unusable {
    use secret_service::Error;

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library's list of errors is open"
    )]
    match error {
        Error::Unavailable => unusable("no program on the session bus offers it"),
        Error::Locked | Error::Prompt | Error::PromptDisconnected => {
            unusable("it wants to ask you something first")
        }
        other => unusable(format!(
            "it answered: {}",
            vestibule_core::Shown::new(&other.to_string())
        )),
    }
}
