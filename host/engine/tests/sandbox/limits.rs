//! Guests that take more than they may. Each ends its own flow, and nothing else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use vestibule_core::limits::{FLOW_RETAINED_BYTES, FLOW_STEPS, GUEST_MEMORY_BYTES};
use vestibule_core::plugin::Plugin;
use vestibule_core::reply::Reply;
use vestibule_core::step::Step;
use vestibule_core::{Blame, Error, Result};
use vestibule_engine::{LoadedPlugin, Sandbox, SandboxOptions};
use vestibule_guests::{Guest, behaviour, cleared};

use crate::support::{Bench, admitted, assert_plugins_fault, begin, refused};

/// Far above the limit of 50 ms, since these machines are busy; far below what an endless loop takes.
const SOON: Duration = Duration::from_secs(5);

/// How much the process may have grown after a guest that was stopped.
const FLAT_BYTES: usize = 48 << 20;

/// Tests that measure the process run one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Memory that the process has in use.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Lets a hostile guest do its worst while an honest flow waits, and looks at what is left.
fn ends_alone(hostile: &Guest, code: &str, says: &str, act: impl Fn(&LoadedPlugin) -> Result<()>) {
    let _alone = alone();
    let bench = Bench::new();
    let sandbox = bench.sandbox();
    let honest = sandbox.load(&admitted(&Guest::honest())).unwrap();
    let hostile = sandbox.load(&admitted(hostile)).unwrap();
    let (mut waiting, _) = begin(&honest).unwrap();

    let before = resident();
    for _ in 0..5 {
        let started = Instant::now();
        assert_plugins_fault(act(&hostile), code, says);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < FLAT_BYTES, "{grown} bytes more");

    let step = waiting
        .resume(&cleared(Reply::Discovered(Vec::new())))
        .unwrap();
    assert!(matches!(step, Step::Finish(_)));
    begin(&honest).unwrap();
}

fn describe(plugin: &LoadedPlugin) -> Result<()> {
    plugin.describe(&[]).map(drop)
}

fn begin_only(plugin: &LoadedPlugin) -> Result<()> {
    begin(plugin).map(drop)
}

fn begin_and_resume(plugin: &LoadedPlugin) -> Result<()> {
    let (mut flow, _) = begin(plugin)?;
    flow.resume(&cleared(Reply::Discovered(Vec::new())))
        .map(drop)
}

// proves: RES-01
#[test]
fn an_endless_loop_ends_wherever_it_is() {
    let time = |guest: Guest, act: fn(&LoadedPlugin) -> Result<()>| {
        ends_alone(&guest, "plugin.time", "within 50 ms", act);
    };
    time(
        Guest::honest().start("(loop $forever (br $forever))"),
        describe,
    );
    time(
        Guest::honest().start("(loop $forever (br $forever))"),
        begin_only,
    );
    time(Guest::honest().describe(behaviour::LOOP), describe);
    time(Guest::honest().begin(behaviour::LOOP), begin_only);
    time(Guest::honest().resume(behaviour::LOOP), begin_and_resume);
    // In library calls, which no deadline interrupts, but between which there is one.
    time(
        Guest::honest().pages(1000).begin(behaviour::FILL_MEMORY),
        begin_only,
    );
}

#[test]
fn an_endless_loop_ends_in_less_than_a_tenth_of_a_second_of_processor_time() {
    let _alone = alone();
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest().begin(behaviour::LOOP));
    let mut flow = plugin.start_flow().unwrap();
    let before = thread_time();
    refused(flow.begin(&cleared(crate::support::start())));
    let used = thread_time() - before;
    assert!(used < Duration::from_millis(100), "{used:?}");
}

fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

#[test]
fn a_guest_in_a_loop_does_not_hold_up_others() {
    let _alone = alone();
    let bench = Bench::new();
    let sandbox = bench.sandbox();
    let looping = sandbox
        .load(&admitted(&Guest::honest().begin(behaviour::LOOP)))
        .unwrap();
    let honest = sandbox.load(&admitted(&Guest::honest())).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_plugins_fault(begin_only(&looping), "plugin.time", "50 ms"));
        }
        for _ in 0..100 {
            begin_and_resume(&honest).unwrap();
        }
    });
}

#[test]
fn a_memory_bomb_ends_at_its_limit() {
    let grows = Guest::honest().begin(behaviour::GROW_MEMORY);
    ends_alone(&grows, "plugin.memory", "128 MiB", begin_only);
    let born_large = Guest::honest().pages(65536);
    ends_alone(&born_large, "plugin.memory", "128 MiB", describe);
}

#[test]
fn a_table_bomb_ends_at_its_limit() {
    let grows = Guest::honest()
        .item(behaviour::TABLE)
        .begin(behaviour::GROW_TABLE);
    ends_alone(&grows, "plugin.table", "20000", begin_only);
    let born_large = Guest::honest().item("(table 10000000 funcref)");
    ends_alone(&born_large, "plugin.table", "20000", describe);
    // Each within its own bounds, and too many together.
    let several = Guest::honest().item(&"(table 9000 funcref)".repeat(3));
    ends_alone(&several, "plugin.table", "20000", describe);
}

#[test]
fn deep_recursion_ends_at_its_limit() {
    let recursing = Guest::honest()
        .item(behaviour::RECURSION)
        .begin(behaviour::RECURSE);
    ends_alone(&recursing, "plugin.stack", "512 KiB", begin_only);
}

// proves: RES-02
#[test]
fn many_greedy_guests_together_stay_within_the_limit_of_all() {
    let _alone = alone();
    let limit = 3 * GUEST_MEMORY_BYTES + (GUEST_MEMORY_BYTES / 2);
    let bench = Bench::new();
    let sandbox = Sandbox::open(SandboxOptions {
        total_memory: limit,
        ..bench.options()
    })
    .unwrap();
    // Grows to just below what one may have, and uses all of it.
    let greedy = Guest::honest().begin(
        "(if (i32.lt_s (memory.grow (i32.const 2040)) (i32.const 0)) (then (unreachable)))
         (memory.fill (i32.const 131072) (i32.const 1) (i32.const 133000000))
         (i32.const 4096)",
    );
    let plugin = sandbox.load(&admitted(&greedy)).unwrap();
    let before = resident();
    let mut flows = Vec::new();
    let mut refusals = 0;
    for _ in 0..20 {
        match begin(&plugin) {
            Ok(flow) => flows.push(flow),
            Err(error) => {
                assert_eq!(
                    (error.code(), error.blame()),
                    ("engine.memory", Blame::Host),
                    "{error}"
                );
                refusals += 1;
            }
        }
    }
    assert_eq!((flows.len(), refusals), (3, 17));
    assert!(resident() - before < limit + FLAT_BYTES);

    // What the dead and the finished had is free again.
    drop(flows);
    assert!(resident().saturating_sub(before) < FLAT_BYTES);
    begin(&plugin).unwrap();

    // One guest alone reaches its own limits: memory, tables, instances and stack.
    for (guest, code) in [
        (
            Guest::honest().begin(behaviour::GROW_MEMORY),
            "plugin.memory",
        ),
        (
            Guest::honest()
                .item(behaviour::TABLE)
                .begin(behaviour::GROW_TABLE),
            "plugin.table",
        ),
        (
            Guest::honest()
                .item(behaviour::RECURSION)
                .begin(behaviour::RECURSE),
            "plugin.stack",
        ),
    ] {
        let plugin = sandbox.load(&admitted(&guest)).unwrap();
        assert_plugins_fault(begin_only(&plugin), code, "more than");
    }
}

// proves: RES-03
#[test]
fn large_answers_end_at_the_limits_of_one_and_of_all() {
    let one = |guest: Guest| ends_alone(&guest, "plugin.answer_size", "1024 KiB", begin_only);
    // One text of 100 MB, of one byte more than may be, and many texts of no bytes at all.
    one(Guest::honest()
        .pages(1600)
        .begin(&behaviour::fail_with(100_000_000)));
    one(Guest::honest()
        .pages(64)
        .begin(&behaviour::fail_with((1 << 20) + 1)));
    one(Guest::honest()
        .pages(64)
        .begin(&behaviour::choose(0, 100_000)));
    one(Guest::honest()
        .pages(64)
        .begin(&behaviour::choose(600_000, 20_000)));

    // Answers that are each within their limit, and too many.
    let step = 900_000;
    let chatty = Guest::honest()
        .pages(64)
        .begin(&behaviour::choose(step, 0))
        .resume(&behaviour::choose(step, 0));
    ends_alone(&chatty, "plugin.answer_size", "8 MiB together", |plugin| {
        let (mut flow, _) = begin(plugin)?;
        let mut answers = 1;
        let error: Error = loop {
            match flow.resume(&cleared(Reply::Chosen(String::new()))) {
                Ok(_) => answers += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(answers, FLOW_RETAINED_BYTES / step as usize);
        Err(error)
    });
    // So it is with lists whose texts are empty.
    let listing = Guest::honest()
        .pages(64)
        .begin(&behaviour::choose(0, 15_000))
        .resume(&behaviour::choose(0, 15_000));
    ends_alone(&listing, "plugin.answer_size", "8 MiB together", |plugin| {
        let (mut flow, _) = begin(plugin)?;
        for _ in 0..FLOW_STEPS {
            flow.resume(&cleared(Reply::Chosen(String::new())))?;
        }
        Ok(())
    });
}

#[test]
fn a_description_is_bounded_too() {
    let large = "
        (i32.store (i32.const 2048) (i32.const 65536)) (i32.store (i32.const 2052) (i32.const 100000000))
        (i32.store (i32.const 2080) (i32.const 1))
        (i32.const 2048)";
    ends_alone(
        &Guest::honest().pages(1600).describe(large),
        "plugin.answer_size",
        "1024 KiB",
        describe,
    );
}

#[test]
fn a_flow_without_end_is_stopped_even_if_nobody_else_counts() {
    let endless = Guest::honest().resume(behaviour::DISCOVER);
    ends_alone(&endless, "plugin.steps", "40 steps", |plugin| {
        let (mut flow, _) = begin(plugin)?;
        loop {
            flow.resume(&cleared(Reply::Discovered(Vec::new())))?;
        }
    });
}

#[test]
fn a_trap_ends_its_flow() {
    ends_alone(
        &Guest::honest().begin(behaviour::TRAP),
        "plugin.trap",
        "unreachable",
        begin_only,
    );
}

#[test]
fn thousands_of_flows_can_wait_at_once() {
    let _alone = alone();
    let bench = Bench::new();
    let plugin = bench.load(&Guest::honest());
    let before = resident();
    let flows: Vec<_> = (0..10_000).map(|_| begin(&plugin).unwrap()).collect();
    let each = (resident() - before) / flows.len();
    assert!(each < 128 << 10, "{each} bytes each");
}
