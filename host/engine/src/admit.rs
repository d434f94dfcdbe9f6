//! Admission: which bytes are a plugin. Decided by reading alone, before anything is compiled.

use std::fmt::Write as _;

use vestibule_core::limits::COMPONENT_BYTES;
use vestibule_core::{Error, Result, Shown};
use wasmparser::{Parser, Payload, Validator};

use crate::abi;
use crate::config::FEATURES;
use crate::digest::PluginDigest;

/// A component that may be compiled: valid, of bearable size, importing nothing, and exporting what the world demands.
///
/// It owns the bytes that were checked, so that no others can be compiled in their place (SUP-01).
pub struct Admitted {
    component: Box<[u8]>,
    digest: PluginDigest,
}

/// Imports that a refusal names. A Python guest that was built without stubs has 25.
const SHOWN_IMPORTS: usize = 100;

impl Admitted {
    /// Checks a component. Errors are the plugin's and say what is wrong with it.
    pub fn new(component: Vec<u8>) -> Result<Self> {
        check_size(&component)?;
        check_encoding(&component)?;
        let outline = Outline::read(&component).map_err(|error| invalid(&error))?;
        // Before validation, since what a plugin wants says more to its author than that it wants it in a way we do not know.
        check_imports(&outline.imports)?;
        Validator::new_with_features(FEATURES)
            .validate_all(&component)
            .map_err(|error| invalid(&error))?;
        abi::check_exports(&outline.exports)?;
        Ok(Self {
            digest: PluginDigest::of(&component),
            component: component.into_boxed_slice(),
        })
    }

    /// The digest of these very bytes.
    #[must_use]
    pub fn digest(&self) -> PluginDigest {
        self.digest
    }

    /// The bytes.
    #[must_use]
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.component.len()
    }
}

pub(crate) fn check_size(component: &[u8]) -> Result<()> {
    if component.len() as u64 > COMPONENT_BYTES {
        return Err(Error::plugin(
            "plugin.size",
            format!(
                "the plugin has {} MiB, and a plugin may have {} MiB",
                component.len() >> 20,
                COMPONENT_BYTES >> 20
            ),
        ));
    }
    Ok(())
}

fn check_encoding(component: &[u8]) -> Result<()> {
    if Parser::is_component(component) {
        return Ok(());
    }
    if Parser::is_core_wasm(component) {
        return Err(Error::plugin(
            "plugin.core_module",
            "this is a core module; wrap it with `wasm-tools component new` to make it a component",
        ));
    }
    Err(Error::plugin(
        "plugin.not_a_component",
        "this is not a WebAssembly component",
    ))
}

fn check_imports(imports: &[String]) -> Result<()> {
    if imports.is_empty() {
        return Ok(());
    }
    let mut message = String::from("a plugin imports nothing, and this one wants ");
    for (index, import) in imports.iter().take(SHOWN_IMPORTS).enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        // Writing to a `String` does not fail.
        let _ = write!(message, "{separator}{}", Shown::new(import));
    }
    if let Some(more @ 1..) = imports.len().checked_sub(SHOWN_IMPORTS) {
        let _ = write!(message, " and {more} more");
    }
    Err(Error::plugin("plugin.imports", message)
        .hint("build it for a target without WASI, or with its imports stubbed"))
}

fn invalid(error: &wasmparser::BinaryReaderError) -> Error {
    Error::plugin(
        "plugin.invalid",
        format!(
            "this is not a valid component: {} (at byte {})",
            Shown::new(error.message()),
            error.offset()
        ),
    )
}

/// What the outermost component imports and exports, by name.
struct Outline {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Outline {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of all kinds of sections only these matter here, and wasmparser adds kinds"
    )]
    fn read(component: &[u8]) -> wasmparser::Result<Self> {
        let mut outline = Self {
            imports: Vec::new(),
            exports: Vec::new(),
        };
        // Modules and components within are read along, and closed by an `End` each.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        outline.imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        outline.exports.push(export?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}
