//! The cache of compiled code, under attack.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use vestibule_core::plugin::Plugin;
use vestibule_core::{Blame, Result};
use vestibule_engine::{Admitted, LoadedPlugin, Sandbox};
use vestibule_guests::{Guest, behaviour};

use crate::support::{Bench, admitted, assert_plugins_fault, begin, entry, refused};

/// Compiles a guest and gives back its one entry.
fn filled(bench: &Bench, guest: &Guest) -> (Admitted, Vec<u8>) {
    let plugin = admitted(guest);
    bench.sandbox().load(&plugin).unwrap();
    (plugin, fs::read(entry(&bench.cache())).unwrap())
}

fn works(plugin: &LoadedPlugin) {
    plugin.describe(&[]).unwrap();
    begin(plugin).unwrap();
}

/// The entry is of no use, and with a compiler at hand that is no error.
fn is_rebuilt(bench: &Bench, plugin: &Admitted) {
    assert!(bench.sandbox().load_cached(plugin.digest()).is_none());
    works(&bench.sandbox().load(plugin).unwrap());
    works(&bench.without_compiler().load(plugin).unwrap());
}

#[test]
fn what_was_compiled_once_is_loaded_without_a_compiler() {
    let bench = Bench::new();
    let (plugin, _) = filled(&bench, &Guest::honest());
    works(&bench.without_compiler().load(&plugin).unwrap());
    works(
        &bench
            .without_compiler()
            .load_cached(plugin.digest())
            .unwrap(),
    );
}

// proves: SUP-03
#[test]
fn an_altered_or_foreign_entry_is_never_run() {
    let bench = Bench::new();
    let (plugin, good) = filled(&bench, &Guest::honest());
    let file = entry(&bench.cache());

    // One bit, in the authentication code, in the headers, and all over the code.
    let sandbox = bench.without_compiler();
    let step = (good.len() / 400).max(1);
    for at in (0..256)
        .chain((256..good.len()).step_by(step))
        .chain([good.len() - 1])
    {
        let mut altered = good.clone();
        altered[at] ^= 1 << (at % 8);
        fs::write(&file, &altered).unwrap();
        assert!(sandbox.load_cached(plugin.digest()).is_none(), "byte {at}");
    }
    is_rebuilt(&bench, &plugin);

    // A valid entry of another plugin.
    let trapping = admitted(&Guest::honest().begin(behaviour::TRAP));
    bench.sandbox().load(&trapping).unwrap();
    let other = fs::read_dir(bench.cache())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "code") && *path != file)
        .unwrap();
    fs::copy(&other, &file).unwrap();
    fs::remove_file(&other).unwrap();
    is_rebuilt(&bench, &plugin);

    // The same plugin's entry of another installation, which has another key.
    let elsewhere = Bench::new();
    let (_, foreign) = filled(&elsewhere, &Guest::honest());
    fs::write(&file, &foreign).unwrap();
    is_rebuilt(&bench, &plugin);

    // Bare compiled code, as a publisher might ship it.
    fs::write(&file, &good[32..]).unwrap();
    is_rebuilt(&bench, &plugin);

    // A lost key makes every entry foreign.
    fs::remove_file(bench.cache().join("key")).unwrap();
    is_rebuilt(&bench, &plugin);
}

// proves: SUP-05
#[test]
fn a_missing_or_damaged_entry_is_rebuilt_from_the_component() {
    let bench = Bench::new();
    let (plugin, good) = filled(&bench, &Guest::honest());
    let file = entry(&bench.cache());
    let noise: Vec<u8> = (0..good.len()).map(|at| (at * 31 % 251) as u8).collect();
    let mut extended = good.clone();
    extended.push(0);
    for damaged in [
        &b""[..],
        &good[..1],
        &good[..32],
        &good[..33],
        &good[..good.len() / 2],
        &good[..good.len() - 1],
        &extended,
        &noise,
    ] {
        fs::write(&file, damaged).unwrap();
        is_rebuilt(&bench, &plugin);
    }
    fs::remove_file(&file).unwrap();
    is_rebuilt(&bench, &plugin);

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(bench.sandbox().load_cached(plugin.digest()).is_none());
    works(&bench.sandbox().load(&plugin).unwrap());
    fs::remove_dir(&file).unwrap();

    fs::remove_dir_all(bench.cache()).unwrap();
    is_rebuilt(&bench, &plugin);

    // From verified source only: another component does not do.
    fs::remove_file(&file).unwrap();
    let other = Guest::honest().begin(behaviour::TRAP).component();
    let error = refused(bench.sandbox().load_pinned(other, plugin.digest()));
    assert_eq!(error.code(), "plugin.changed");
}

#[test]
fn a_damaged_key_is_replaced() {
    let bench = Bench::new();
    let (plugin, _) = filled(&bench, &Guest::honest());
    let key = bench.cache().join("key");
    for damaged in [&b""[..], &[0; 31], &[0; 33]] {
        fs::write(&key, damaged).unwrap();
        is_rebuilt(&bench, &plugin);
        assert_eq!(fs::read(&key).unwrap().len(), 32);
    }
}

// proves: SUP-04
#[test]
fn the_cache_is_private_and_read_from_one_private_copy() {
    let bench = Bench::new();
    let (plugin, good) = filled(&bench, &Guest::honest());
    let (cache, file) = (bench.cache(), entry(&bench.cache()));
    assert_eq!(mode(&cache), 0o700);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&cache.join("key")), 0o600);

    // A directory that others can write to is refused.
    for open in [0o770, 0o702, 0o777, 0o1777] {
        fs::set_permissions(&cache, fs::Permissions::from_mode(open)).unwrap();
        let error = refused(Sandbox::open(bench.options()));
        assert_eq!(
            (error.code(), error.blame()),
            ("cache.not_private", Blame::Config)
        );
        assert!(error.next_step().unwrap().contains("chmod go-w"));
    }
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();

    // A link to a directory is refused, even to a private one of ours.
    let moved = cache.with_file_name("moved");
    fs::rename(&cache, &moved).unwrap();
    symlink(&moved, &cache).unwrap();
    assert_eq!(
        refused(Sandbox::open(bench.options())).code(),
        "cache.directory"
    );
    fs::remove_file(&cache).unwrap();
    fs::rename(&moved, &cache).unwrap();

    // An entry that is a link, has a second name, or has other writers is as good as none, although its bytes are right.
    let aside = cache.with_file_name("aside");
    let unusable = |prepare: &dyn Fn()| {
        fs::write(&aside, &good).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o600)).unwrap();
        fs::remove_file(&file).unwrap();
        prepare();
        assert!(bench.sandbox().load_cached(plugin.digest()).is_none());
        is_rebuilt(&bench, &plugin);
        assert_eq!(
            fs::read(&aside).unwrap(),
            good,
            "nothing was written through the link"
        );
        let _ = fs::remove_file(&aside);
    };
    unusable(&|| symlink(&aside, &file).unwrap());
    // Within the directory, where nothing but the rule about links stops it.
    unusable(&|| {
        fs::copy(&aside, cache.join("inside")).unwrap();
        symlink("inside", &file).unwrap();
    });
    unusable(&|| fs::hard_link(&aside, &file).unwrap());
    unusable(&|| {
        fs::copy(&aside, &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
    });

    // Once loaded, the file is of no more concern: it is overwritten in place, and cut, while instances are made and run.
    let good = fs::read(&file).unwrap();
    let loaded = bench.without_compiler().load(&plugin).unwrap();
    let (flow, _) = begin(&loaded).unwrap();
    overwrite_in_place(&file, &vec![0xcc; good.len()]);
    works(&loaded);
    fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(0)
        .unwrap();
    works(&loaded);
    drop(flow);
    assert!(
        !maps_a_file_in(&cache),
        "the process maps a file of the cache"
    );
}

#[test]
fn a_key_that_is_a_link_is_not_used() {
    let bench = Bench::new();
    filled(&bench, &Guest::honest());
    let key = bench.cache().join("key");
    let planted = bench.cache().with_file_name("planted");
    fs::write(&planted, [7; 32]).unwrap();
    fs::remove_file(&key).unwrap();
    symlink(&planted, &key).unwrap();
    bench.sandbox();
    assert!(fs::symlink_metadata(&key).unwrap().is_file());
    assert_ne!(fs::read(&key).unwrap(), [7; 32]);
    assert_eq!(fs::read(&planted).unwrap(), [7; 32]);
}

#[test]
fn a_cache_that_cannot_be_written_costs_time_only() {
    let bench = Bench::new();
    let sandbox = bench.sandbox();
    // The directory is gone from under the open sandbox, so that nothing can be kept.
    fs::remove_dir_all(bench.cache()).unwrap();
    works(&sandbox.load(&admitted(&Guest::honest())).unwrap());
}

#[test]
fn processes_that_compile_the_same_plugin_at_once_all_succeed() {
    let bench = Bench::new();
    let plugin = admitted(&Guest::honest());
    std::thread::scope(|scope| {
        let loads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    bench.sandbox().load(&plugin)?.describe(&[]).map(drop)
                })
            })
            .collect();
        for load in loads {
            load.join().unwrap().unwrap();
        }
    });
    works(&bench.sandbox().load(&plugin).unwrap());
    entry(&bench.cache());
    let leftovers = fs::read_dir(bench.cache()).unwrap().count();
    assert_eq!(leftovers, 2, "the key and the entry");
}

#[test]
fn a_plugin_that_was_never_admitted_cannot_come_out_of_the_cache() {
    let bench = Bench::new();
    let wants = vestibule_guests::plain_component(
        "(component (import \"wasi:cli/environment@0.2.0\" (instance)))",
    );
    let digest = vestibule_engine::PluginDigest::of(&wants);
    assert_plugins_fault(
        bench.sandbox().load_pinned(wants, digest),
        "plugin.imports",
        "wasi:cli/environment@0.2.0",
    );
    assert!(bench.sandbox().load_cached(digest).is_none());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn overwrite_in_place(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
}

fn maps_a_file_in(folder: &Path) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.contains(folder.to_str().unwrap())
}
