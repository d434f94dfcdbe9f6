//! The name of a record's file: a digest of its label, keyed by the installation.

use std::fmt;

use vestibule_core::record::{Label, Namespace};

use crate::disk::UNFINISHED;
use crate::installation::InstallationId;
use crate::mac;
use crate::random::{from_hex, hex};

/// The name of a record's file.
///
/// It stands for the whole label: two labels have two names. Being keyed, it does not tell a reader of a backup, who lacks the
/// installation's id, which issuer or person it stands for, and it differs between installations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordName(pub(crate) [u8; 32]);

/// How a sealed record's file name ends.
const SEALED: &str = ".sealed";

impl RecordName {
    /// The name of this label's record here.
    pub(crate) fn of(label: &Label, installation: &InstallationId) -> Self {
        let mut fields = vec![
            label.kind.as_str(),
            label.tenant.as_str(),
            &label.issuer,
            &label.client_id,
            &label.subject,
            &label.derived_for,
        ];
        // Records of the first version had none, and keep their names.
        match label.namespace {
            Namespace::Person if label.environment.is_empty() => {}
            Namespace::Person => fields.push(&label.environment),
            Namespace::Workload => {
                fields.push(&label.environment);
                fields.push(label.namespace.as_str());
            }
        }
        Self::digest(installation, b"vestibule record name", &fields)
    }

    /// The name of something else that belongs to an issuer or a URL.
    pub(crate) fn of_entry(kind: &str, key: &str, installation: &InstallationId) -> Self {
        Self::digest(installation, b"vestibule cache name", &[kind, key])
    }

    fn digest(installation: &InstallationId, purpose: &[u8], fields: &[&str]) -> Self {
        let fields: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
        Self(mac::of(installation.as_bytes(), purpose, &fields))
    }

    /// The name of the file of the record.
    pub(crate) fn sealed_file(&self) -> String {
        format!("{self}{SEALED}")
    }

    /// The record whose file this is; `None` for other files.
    pub(crate) fn of_sealed_file(file: &str) -> Option<Self> {
        file.strip_suffix(SEALED).and_then(from_hex).map(Self)
    }

    /// The record that a file belongs to, also one that was set aside or never finished; `None` for other files.
    pub(crate) fn of_any_file(file: &str) -> Option<Self> {
        file.split('.').next().and_then(from_hex).map(Self)
    }

    /// Whether a file holds a whole record, one that is in use or one that was set aside.
    pub(crate) fn is_whole(file: &str) -> bool {
        Self::of_any_file(file).is_some() && !file.ends_with(UNFINISHED)
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
