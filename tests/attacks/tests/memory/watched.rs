//! The program, traced: stopped at the end of its life, when all of it has run and its memory is still there (ptrace(2),
//! `PTRACE_EVENT_EXIT`).

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use nix::libc::{PTRACE_EVENT_EXIT, PTRACE_EVENT_STOP};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tempfile::TempDir;
use vestibule_e2e::Machine;
use vestibule_e2e::wait::wait_for;

use crate::memory::Memory;

/// Longer than anything takes that works, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(120);

/// A run of the program, watched to its end.
pub(crate) struct Watched {
    id: Pid,
    end: Receiver<(Option<i32>, Memory)>,
    /// What it says goes into files, outside of what is searched for traces.
    said: TempDir,
}

/// A run that has ended.
pub(crate) struct Ended {
    /// The exit code, or nothing if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// All that was in its memory after it had done everything.
    pub(crate) memory: Memory,
}

impl Watched {
    /// Starts `vestibule` with these arguments.
    #[track_caller]
    pub(crate) fn start(machine: &Machine, arguments: &[&str]) -> Self {
        let said = TempDir::new().unwrap();
        let mut command = machine.command(arguments);
        command
            .stdin(Stdio::null())
            .stdout(File::create(said.path().join("stdout")).unwrap())
            .stderr(File::create(said.path().join("stderr")).unwrap());
        let (started, starts) = channel();
        let (ended, end) = channel();
        // Who traces is a thread, and everything about it is asked by that thread.
        thread::spawn(move || {
            let id = trace(&mut command);
            started.send(id).unwrap();
            // Nobody waits any more if the test has failed meanwhile.
            let _ = ended.send(follow(id));
        });
        let id = starts
            .recv_timeout(LIMIT)
            .expect("it can be started and traced; the thread has said why not");
        Self { id, end, said }
    }

    /// The address to sign in at, once it is printed.
    #[track_caller]
    pub(crate) fn address(&self) -> String {
        let found = wait_for(LIMIT, || {
            let said = self.said("stderr");
            let (_, rest) = said.split_once("Sign in at this address:\n\n  ")?;
            rest.split_once('\n').map(|(url, _)| url.to_owned())
        });
        found.unwrap_or_else(|| panic!("no address to sign in at: {}", self.said("stderr")))
    }

    /// What is in its memory while it waits for something.
    #[track_caller]
    pub(crate) fn memory(&self) -> Memory {
        let waits = wait_for(LIMIT, || self.all_threads_sleep().then_some(()));
        assert!(waits.is_some(), "it does not wait: {}", self.said("stderr"));
        Memory::of(self.id)
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        kill(self.id, Signal::SIGINT).expect("it runs");
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(self) -> Ended {
        match self.end.recv_timeout(LIMIT) {
            Ok((code, memory)) => Ended {
                code,
                stdout: self.said("stdout"),
                stderr: self.said("stderr"),
                memory,
            },
            Err(RecvTimeoutError::Timeout) => {
                let _ = kill(self.id, Signal::SIGKILL);
                panic!("it did not end: {}", self.said("stderr"))
            }
            Err(RecvTimeoutError::Disconnected) => {
                panic!("its memory could not be read; the thread has said why not")
            }
        }
    }

    fn all_threads_sleep(&self) -> bool {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id)).unwrap();
        tasks.flatten().all(|task| {
            let state = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // Behind the name in brackets.
            let state = state.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
            state.is_some_and(|state| state.starts_with('S'))
        })
    }

    fn said(&self, stream: &str) -> String {
        let bytes = fs::read(self.said.path().join(stream)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Starts it and traces it. Its first thread alone is traced: it is the one that lives as long as the memory does.
#[expect(clippy::zombie_processes, reason = "`follow` waits for it")]
fn trace(command: &mut Command) -> Pid {
    let child = command
        .spawn()
        .unwrap_or_else(|why| panic!("{command:?}: {why}; `cargo xtask test` builds it"));
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap());
    // Should the test end before it does, so does it.
    let options = Options::PTRACE_O_TRACEEXIT | Options::PTRACE_O_EXITKILL;
    ptrace::seize(id, options).unwrap_or_else(|why| {
        panic!(
            "a child process cannot be traced here ({why}): a container needs the capability CAP_SYS_PTRACE or a seccomp profile that \
             allows ptrace, a machine kernel.yama.ptrace_scope below 2; without it nothing can be said about memory"
        )
    });
    id
}

/// Lets it run to its end, and looks into its memory there.
fn follow(id: Pid) -> (Option<i32>, Memory) {
    let mut memory = None;
    loop {
        match waitpid(id, Some(WaitPidFlag::__WALL)).expect("it is ours to wait for") {
            WaitStatus::PtraceEvent(_, _, PTRACE_EVENT_EXIT) => {
                memory = Some(Memory::of(id));
                ptrace::cont(id, None).expect("it goes on to its end");
            }
            WaitStatus::PtraceEvent(_, _, PTRACE_EVENT_STOP) => {
                ptrace::cont(id, None).expect("it goes on")
            }
            WaitStatus::Stopped(_, signal) => ptrace::cont(id, signal).expect("it gets its signal"),
            WaitStatus::Exited(_, code) => {
                return (Some(code), memory.expect("it was stopped at its end"));
            }
            WaitStatus::Signaled(..) => return (None, memory.expect("it was stopped at its end")),
            other @ (WaitStatus::PtraceEvent(..)
            | WaitStatus::PtraceSyscall(_)
            | WaitStatus::Continued(_)
            | WaitStatus::StillAlive) => panic!("this was not asked for: {other:?}"),
        }
    }
}
