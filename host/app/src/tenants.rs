//! Tenant files: `tenants.d/NAME.toml` of the user, then of the system. Read by name, so that ten thousand of them cost nothing.

use sha2::{Digest, Sha256};
use vestibule_audit::{Change, Event};
use vestibule_core::limits::TENANT_FILE_BYTES;
use vestibule_core::tenant::{Locks, Tenant, Written, place};
use vestibule_core::{Error, Result, TenantName};

use crate::known::Known;
use crate::places::Places;
use crate::vestibule::Vestibule;
use crate::{files, locks};

const FOLDER: &str = "tenants.d";

/// A tenant's file: what it says, and where it says it.
#[derive(Clone, Debug)]
pub struct TenantFile {
    name: TenantName,
    text: String,
    tenant: Tenant,
}

impl TenantFile {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// If a line of it is wrong.
    pub fn parse(name: &TenantName, text: &str) -> Result<Self> {
        Ok(Self {
            name: name.clone(),
            text: text.to_owned(),
            tenant: Tenant::parse(name, text)?,
        })
    }

    /// What the file says.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The line of a key, counted from 1; nothing if the file does not have it.
    #[must_use]
    pub fn line(&self, path: &[&str]) -> Option<usize> {
        Written::new(&self.text).line(path)
    }

    /// The tenant as it holds on this machine: within its locks, and within those for its issuer once that is known.
    ///
    /// # Errors
    /// If the file says what a lock does not leave to it (`tenant.locked`).
    pub fn under(&self, locks: &Locks, issuer: Option<&str>) -> Result<Tenant> {
        let mut tenant = self.tenant.clone();
        if locks.is_empty() {
            return Ok(tenant);
        }
        let written = Written::new(&self.text);
        let of_issuer = issuer.and_then(|issuer| locks.issuer.get(issuer));
        for lock in std::iter::once(&locks.all).chain(of_issuer) {
            vestibule_policy::locks::hold(&mut tenant, &written, lock).map_err(|beyond| {
                let path: Vec<&str> = beyond.path.iter().map(String::as_str).collect();
                let place = place(&self.name, written.line(&path));
                locks::beyond(&place, &beyond.message)
            })?;
        }
        Ok(tenant)
    }

    /// The digest of what the file means: comments and order do not count, every setting and policy does. What the machine's policy makes
    /// of it does not: a lock only narrows, and asks for no new approval.
    pub(crate) fn digest(&self) -> Result<String> {
        let meaning = serde_json::to_vec(&self.tenant)
            .map_err(|_| Error::host("host.json", "the tenant cannot be written as JSON"))?;
        Ok(hex(&Sha256::digest(meaning)))
    }
}

/// Reads a tenant's file.
///
/// # Errors
/// If there is none, or a line of it is wrong.
pub fn read(places: &Places, name: &TenantName) -> Result<TenantFile> {
    TenantFile::parse(name, &read_text(places, name)?)
}

/// The text of a tenant's file.
///
/// # Errors
/// If there is none.
pub fn read_text(places: &Places, name: &TenantName) -> Result<String> {
    for directory in &places.config {
        let Some(folder) = files::open_dir(&directory.join(FOLDER))? else {
            continue;
        };
        if let Some(text) = files::read_own_text(&folder, &file_name(name), TENANT_FILE_BYTES)? {
            return Ok(text);
        }
    }
    Err(
        Error::config("tenant.missing", format!("there is no tenant \"{name}\""))
            .hint("run: vestibule tenant list — or add it: vestibule tenant add"),
    )
}

/// The names of all tenants, in alphabetical order. A file whose name is none is left out.
pub fn list(places: &Places) -> Result<Vec<TenantName>> {
    files::names(&places.config, FOLDER, ".toml", |name| {
        TenantName::parse(name).ok()
    })
}

/// Parses the text of a tenant that is to be added. Nothing is written.
///
/// # Errors
/// If a line of it is wrong, or there is a tenant of this name.
pub fn parse_new(places: &Places, name: &TenantName, text: &str) -> Result<TenantFile> {
    let file = TenantFile::parse(name, text)?;
    if list(places)?.contains(name) {
        return Err(Error::user(
            "tenant.exists",
            format!("there is a tenant \"{name}\" already"),
        )
        .hint(format!("look at it: vestibule tenant show {name}")));
    }
    Ok(file)
}

/// Writes a new tenant's file, after it was parsed. An existing one is never overwritten.
///
/// # Errors
/// Those of [`parse_new`], or if it cannot be written.
pub fn add(places: &Places, name: &TenantName, text: &str) -> Result<TenantFile> {
    let file = parse_new(places, name, text)?;
    let config = files::make_dir(places.user_config())?;
    let folder = files::make_subdir(&config, FOLDER)?;
    files::replace(&folder, &file_name(name), text.as_bytes())?;
    Ok(file)
}

impl Vestibule {
    /// Writes a new tenant's file, as [`add`] does, and records it.
    ///
    /// # Errors
    /// Those of [`add`]; or `audit.unwritable`, for a tenant of high risk, which then is not added.
    pub fn add_tenant(&self, name: &TenantName, text: &str) -> Result<TenantFile> {
        let file = parse_new(&self.places, name, text)?;
        let mut known = Known::of(name);
        known.tenant(&file.under(&locks::read(&self.places)?, None)?);
        let change = Change {
            what: "added".to_owned(),
            before: None,
            after: Some(file.digest()?),
            given_up: None,
        };
        self.record_change(Event::Policy, &known, change)?;
        add(&self.places, name, text)
    }
}

/// Removes the user's file of a tenant; whether there was one. A system's file is not ours to remove.
pub fn remove(places: &Places, name: &TenantName) -> Result<bool> {
    match files::open_dir(&places.user_config().join(FOLDER))? {
        Some(folder) => files::remove(&folder, &file_name(name)),
        None => Ok(false),
    }
}

/// Bytes as lower-case hexadecimal digits, behind the name of the digest.
pub(crate) fn hex(digest: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in digest {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn file_name(name: &TenantName) -> String {
    format!("{name}.toml")
}
