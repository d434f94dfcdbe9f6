//! The versions of the plugin contract that this host speaks. Each has a module that translates it to and from the core's types.

pub(crate) mod v0_1;

use vestibule_core::{Error, Result, Shown};

/// The package of the contract.
const PACKAGE: &str = "vestibule:idp/";

/// The version that this host speaks.
const VERSION: &str = "0.1.0";

/// The interfaces that a plugin exports.
const INTERFACES: [&str; 2] = ["types", "provider"];

/// Checks the names of a component's exports: the contract's interfaces in a version that this host speaks, and nothing besides.
/// Their types are checked when the component is linked.
pub(crate) fn check_exports(exports: &[String]) -> Result<()> {
    for export in exports {
        let interface = export
            .strip_prefix(PACKAGE)
            .and_then(|rest| rest.split_once('@'))
            .filter(|(interface, _)| INTERFACES.contains(interface));
        match interface {
            Some((_, VERSION)) => {}
            Some((_, other)) => {
                return Err(Error::plugin(
                    "plugin.abi",
                    format!(
                        "the plugin needs ABI {}, this host speaks {VERSION}",
                        Shown::new(other)
                    ),
                ));
            }
            None => {
                return Err(Error::plugin(
                    "plugin.exports",
                    format!(
                        "the plugin exports \"{}\", which is not part of the contract",
                        Shown::new(export)
                    ),
                ));
            }
        }
    }
    for interface in INTERFACES {
        let name = format!("{PACKAGE}{interface}@{VERSION}");
        if !exports.contains(&name) {
            return Err(Error::plugin(
                "plugin.exports",
                format!("this is not a plugin of Vestibule: it does not export {name}"),
            ));
        }
    }
    Ok(())
}
