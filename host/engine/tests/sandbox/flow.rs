//! An honest guest.

use vestibule_core::Blame;
use vestibule_core::plugin::Plugin;
use vestibule_core::reply::Reply;
use vestibule_core::step::{Finish, Step};
use vestibule_guests::{Guest, behaviour, cleared};

use crate::support::{Bench, assert_plugins_fault, begin, refused, start};

#[test]
fn an_honest_guest_describes_itself_and_finishes_a_flow() {
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest());

    let description = plugin.describe(&[]).unwrap();
    assert_eq!(description.name.as_str(), "guest");
    assert_eq!(description.version, "0.1.0");
    assert!(description.profile.unwrap_err().is_empty());

    let (mut flow, step) = begin(&plugin).unwrap();
    assert!(matches!(step, Step::Discover), "{step:?}");
    let step = flow
        .resume(&cleared(Reply::Discovered(Vec::new())))
        .unwrap();
    assert!(matches!(step, Step::Finish(Finish::Done)), "{step:?}");
}

#[test]
fn flows_have_instances_of_their_own() {
    // Begins with `discover` where nobody has begun before in the same memory, and traps where somebody has.
    let once = "
        (if (i32.load (i32.const 8192)) (then (unreachable)))
        (i32.store (i32.const 8192) (i32.const 1))
        (i32.const 4096)";
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest().begin(once));
    let first = begin(&plugin).unwrap();
    let second = begin(&plugin).unwrap();
    drop((first, second));
    begin(&plugin).unwrap();
}

#[test]
fn a_flow_is_dead_after_its_first_error() {
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest().resume(behaviour::TRAP));
    let (mut flow, _) = begin(&plugin).unwrap();
    let reply = cleared(Reply::Discovered(Vec::new()));
    assert_plugins_fault(flow.resume(&reply), "plugin.trap", "crashed");
    assert_plugins_fault(flow.resume(&reply), "plugin.dead", "over");
}

#[test]
fn an_answer_that_is_no_legal_text_is_the_plugins_fault() {
    let not_utf8 = "
        (i32.store8 (i32.const 4096) (i32.const 7))
        (i32.store8 (i32.const 8192) (i32.const 255))
        (i32.store (i32.const 4104) (i32.const 8192)) (i32.store (i32.const 4108) (i32.const 1))
        (i32.const 4096)";
    let outside = "
        (i32.store8 (i32.const 4096) (i32.const 7))
        (i32.store (i32.const 4104) (i32.const -8)) (i32.store (i32.const 4108) (i32.const 8))
        (i32.const 4096)";
    let no_such_step = "(i32.store8 (i32.const 4096) (i32.const 99)) (i32.const 4096)";
    let bench = Bench::new();
    for answer in [
        not_utf8,
        outside,
        no_such_step,
        "(i32.const -4)",
        "(i32.const 3)",
    ] {
        let plugin = bench.load(&Guest::honest().begin(answer));
        let error = refused(begin(&plugin).map(drop));
        assert_eq!(error.blame(), Blame::Plugin, "{answer}: {error}");
    }
}

#[test]
fn the_host_is_told_when_it_calls_out_of_order() {
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest());
    let mut flow = plugin.start_flow().unwrap();
    let error = refused(flow.resume(&cleared(Reply::Discovered(Vec::new()))));
    assert_eq!(error.blame(), Blame::Host);
    flow.begin(&cleared(start())).unwrap();
    assert_eq!(refused(flow.begin(&cleared(start()))).blame(), Blame::Host);
}
