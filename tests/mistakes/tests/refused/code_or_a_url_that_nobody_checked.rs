//! What runs was compiled or authenticated, and a browser gets a URL that was parsed.

use vestibule_broker::browser::BrowserUrl;
use vestibule_engine::artifact::Artifact;
use vestibule_engine::{LoadedPlugin, Sandbox};

fn compiled_elsewhere(code: Vec<u8>) {
    let _artifact = Artifact::compiled(code);
}

fn loaded_unread(sandbox: &Sandbox, component: Vec<u8>) {
    let _plugin = sandbox.load(&component);
}

fn loaded_under_another_name(digest: [u8; 32], component: Vec<u8>, sandbox: &Sandbox) {
    let _plugin = sandbox.load_pinned(component, digest);
}

fn loaded_from_nothing() -> LoadedPlugin {
    Default::default()
}

fn a_command_for_the_browser(text: String) {
    let _url = BrowserUrl::parse(text);
}

fn a_url_by_hand(text: String) -> BrowserUrl {
    BrowserUrl(text.into())
}

fn main() {}
