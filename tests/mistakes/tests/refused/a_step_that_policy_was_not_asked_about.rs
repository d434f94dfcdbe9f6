//! The broker performs what policy allowed, and only asking a rulebook makes an `Allowed`.

use vestibule_broker::Broker;
use vestibule_core::Allowed;
use vestibule_core::step::Step;

async fn unasked(broker: &mut Broker<'_>) {
    let _reply = broker.perform(Step::Discover).await;
}

fn ended_unasked(broker: &mut Broker<'_>, step: Step) {
    let _finished = broker.finish(step);
}

fn forged() -> Allowed<Step> {
    Allowed(Step::Discover)
}

fn exchanged(allowed: &mut Allowed<Step>) {
    allowed.0 = Step::Discover;
}

fn main() {}
