//! A guest takes what a barrier has cleared, and only asking a barrier makes a `Cleared`.

use vestibule_core::Cleared;
use vestibule_core::plugin::Flow;
use vestibule_core::reply::Reply;
use vestibule_core::start::Start;

fn unsearched(flow: &mut dyn Flow, reply: &Reply) {
    let _step = flow.resume(reply);
}

fn begun_unsearched(flow: &mut dyn Flow, start: &Start) {
    let _step = flow.begin(start);
}

fn forged(reply: Reply) -> Cleared<Reply> {
    Cleared(reply)
}

fn exchanged(cleared: &mut Cleared<Reply>, other: Reply) {
    *cleared.get() = other;
}

fn main() {}
