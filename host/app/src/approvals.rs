//! Approvals: what was pinned for each tenant, one file each in the state directory.

use serde_json::{from_slice, to_vec_pretty};
use sha2::{Digest, Sha256};
use vestibule_core::approval::{Approval, Permissions};
use vestibule_core::limits::RECORD_BYTES;
use vestibule_core::{Error, Result, TenantName};

use crate::places::Places;
use crate::{files, tenants};

const FOLDER: &str = "approvals";

/// The approval of a tenant, if it was ever approved.
pub(crate) fn read(places: &Places, tenant: &TenantName) -> Result<Option<Approval>> {
    let Some(folder) = files::open_dir(&places.state.join(FOLDER))? else {
        return Ok(None);
    };
    let Some(bytes) = files::read(&folder, &file_name(tenant), RECORD_BYTES)? else {
        return Ok(None);
    };
    let damaged = |_| {
        Error::config(
            "approval.damaged",
            format!("the approval of tenant \"{tenant}\" cannot be read"),
        )
        .hint(format!("run: vestibule tenant approve {tenant}"))
    };
    from_slice(&bytes).map(Some).map_err(damaged)
}

/// The approvals of all other tenants that there are. One that cannot be read belongs to a tenant that asks again, and is left out.
pub(crate) fn others(places: &Places, tenant: &TenantName) -> Result<Vec<Approval>> {
    let names = list(places)?;
    let others = names
        .iter()
        .filter(|name| *name != tenant && tenants::read_text(places, name).is_ok());
    Ok(others
        .filter_map(|name| read(places, name).ok().flatten())
        .collect())
}

/// The names of all tenants that have an approval, with or without a file.
pub(crate) fn list(places: &Places) -> Result<Vec<TenantName>> {
    files::names(
        std::slice::from_ref(&places.state),
        FOLDER,
        ".json",
        |name| TenantName::parse(name).ok(),
    )
}

/// Pins what was approved.
pub(crate) fn write(places: &Places, approval: &Approval) -> Result<()> {
    let state = files::make_dir(&places.state)?;
    let folder = files::make_subdir(&state, FOLDER)?;
    let text = to_vec_pretty(approval)
        .map_err(|_| Error::host("host.json", "the approval cannot be written as JSON"))?;
    files::replace(&folder, &file_name(&approval.tenant), &text)
}

/// Forgets an approval; whether there was one.
pub(crate) fn remove(places: &Places, tenant: &TenantName) -> Result<bool> {
    match files::open_dir(&places.state.join(FOLDER))? {
        Some(folder) => files::remove(&folder, &file_name(tenant)),
        None => Ok(false),
    }
}

/// The fingerprint of what a plugin may do. Grants are bound to it, and not to the plugin's digest: an update that asks for nothing
/// new keeps them.
pub(crate) fn fingerprint(permissions: &Permissions) -> Result<String> {
    let text = serde_json::to_vec(permissions)
        .map_err(|_| Error::host("host.json", "the permissions cannot be written as JSON"))?;
    Ok(tenants::hex(&Sha256::digest(text)))
}

fn file_name(tenant: &TenantName) -> String {
    format!("{tenant}.json")
}
