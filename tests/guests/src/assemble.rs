//! From text to a component that exports the contract.

use std::fmt::Write as _;
use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Resolve, WorldId};

use crate::behaviour;

const PROVIDER: &str = "vestibule:idp/provider@0.1.0";

/// A guest under construction. What is not said is honest: it describes itself, begins with `discover`, and finishes.
///
/// Bodies are WebAssembly text that leaves the address of the answer on the stack.
#[derive(Clone, Debug)]
pub struct Guest {
    pages: u32,
    items: String,
    describe: String,
    begin: String,
    resume: String,
}

impl Guest {
    /// An honest guest, with two pages of memory.
    #[must_use]
    pub fn honest() -> Self {
        Self {
            pages: 2,
            items: String::new(),
            describe: behaviour::DESCRIPTION.into(),
            begin: behaviour::DISCOVER.into(),
            resume: behaviour::FINISH.into(),
        }
    }

    /// With so many pages of memory from the start.
    #[must_use]
    pub fn pages(mut self, pages: u32) -> Self {
        self.pages = pages;
        self
    }

    /// With further functions, tables, globals or data.
    #[must_use]
    pub fn item(mut self, item: &str) -> Self {
        self.items.push_str(item);
        self.items.push('\n');
        self
    }

    /// With a start function, which runs while the guest is instantiated.
    #[must_use]
    pub fn start(self, body: &str) -> Self {
        self.item(&format!("(func $start {body}) (start $start)"))
    }

    /// With another `describe`.
    #[must_use]
    pub fn describe(mut self, body: &str) -> Self {
        self.describe = body.into();
        self
    }

    /// With another `begin`.
    #[must_use]
    pub fn begin(mut self, body: &str) -> Self {
        self.begin = body.into();
        self
    }

    /// With another `resume`.
    #[must_use]
    pub fn resume(mut self, body: &str) -> Self {
        self.resume = body.into();
        self
    }

    /// The component.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        let (resolve, world) = contract();
        let mut module = wat::parse_str(self.text(&resolve)).expect("the guest's text is legal");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("the contract can be embedded");
        ComponentEncoder::default()
            .module(&module)
            .expect("the guest has the contract's types")
            .encode()
            .expect("the guest can be wrapped")
    }

    fn text(&self, resolve: &Resolve) -> String {
        let mut text = format!(
            "(module\n(memory (export \"memory\") {})\n{}\n{}\n",
            self.pages,
            behaviour::ALLOCATOR,
            self.items
        );
        let provider = resolve
            .interfaces
            .iter()
            .map(|(_, interface)| interface)
            .find(|interface| interface.name.as_deref() == Some("provider"))
            .expect("the contract has a provider");
        for (name, function) in &provider.functions {
            let body = match name.as_str() {
                "describe" => &self.describe,
                "begin" => &self.begin,
                "resume" => &self.resume,
                other => panic!("the contract has a new function, {other}"),
            };
            let signature = signature(resolve, function);
            let _ = writeln!(
                text,
                "(func (export \"{PROVIDER}#{name}\") {signature} {body})"
            );
        }
        text.push(')');
        text
    }
}

fn contract() -> (Resolve, WorldId) {
    let mut resolve = Resolve::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_path(folder).expect("the contract is legal");
    let world = resolve
        .select_world(&[package], Some("identity-provider"))
        .expect("the contract has its world");
    (resolve, world)
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
    let list = |keyword: &str, types: &[WasmType]| {
        let types: Vec<&str> = types.iter().map(core_type).collect();
        format!("({keyword} {})", types.join(" "))
    };
    format!(
        "{} {}",
        list("param", &signature.params),
        list("result", &signature.results)
    )
}

fn core_type(kind: &WasmType) -> &'static str {
    match kind {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

/// A core module: what a plugin is before it is wrapped.
#[must_use]
pub fn core_module() -> Vec<u8> {
    wat::parse_str("(module)").expect("legal text")
}

/// A component of this text, whatever it exports.
#[must_use]
pub fn plain_component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("legal text")
}
