//! Waiting, and being interrupted: Ctrl-C returns at once in every phase, and what was under way is dropped with its port and its
//! secrets.

use std::process::exit;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use vestibule_core::limits::INTERRUPT_GRACE;
use vestibule_core::{Error, Result};

use crate::printer::Printer;
use crate::stack;

/// Waits for the end, or for Ctrl-C.
///
/// # Errors
/// Those of the future, or that it was interrupted.
pub fn block_on<T>(printer: Printer, future: impl Future<Output = Result<T>>) -> Result<T> {
    let ended = wait_for(printer, future);
    stack::erase_below();
    ended
}

/// In a frame of its own, so that all of it is below.
#[inline(never)]
fn wait_for<T>(printer: Printer, future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = new_runtime()?;
    let mut interrupted = interrupts(printer)?;
    runtime.block_on(async {
        tokio::select! {
            biased;
            Ok(_) = interrupted.wait_for(|interrupted| *interrupted) => Err(Error::cancelled()),
            ended = future => ended,
        }
    })
}

/// Whether there was an interrupt. From the first call on, Ctrl-C is ours.
fn interrupts(printer: Printer) -> Result<watch::Receiver<bool>> {
    static WATCHED: OnceLock<watch::Receiver<bool>> = OnceLock::new();
    if let Some(watched) = WATCHED.get() {
        return Ok(watched.clone());
    }
    let (tell, told) = watch::channel(false);
    let (installed, is_installed) = std::sync::mpsc::sync_channel(1);
    let runtime = new_runtime()?;
    // On a thread of its own, which no busy flow can keep from noticing.
    let watch = move || {
        runtime.block_on(async {
            let interrupt = interrupt();
            let _ = installed.send(());
            if let Ok(mut interrupt) = interrupt
                && interrupt.recv().await.is_some()
            {
                let _ = tell.send(true);
                tokio::time::sleep(INTERRUPT_GRACE).await;
                leave(printer);
            }
        });
    };
    std::thread::Builder::new()
        .name("interrupt".to_owned())
        .spawn(watch)
        .map_err(|problem| broken(&problem))?;
    let _ = is_installed.recv();
    Ok(WATCHED.get_or_init(|| told).clone())
}

fn leave(printer: Printer) -> ! {
    // A question may stand there, its line not ended.
    printer.end_line();
    let problem = Error::cancelled();
    let _ = printer.error(&problem);
    exit(i32::from(problem.exit_code()))
}

#[cfg(unix)]
fn interrupt() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn interrupt() -> std::io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}

fn new_runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|problem| broken(&problem))
}

fn broken(problem: &std::io::Error) -> Error {
    Error::host(
        "host.runtime",
        format!("this machine gives the program nothing to wait with: {problem}"),
    )
}
