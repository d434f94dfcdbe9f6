//! Waiting, and being interrupted: Ctrl-C returns at once in every phase, and what was under way is dropped with its port and its
//! secrets.

use std::process::exit;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use vestibule_core::{Error, Result};

use crate::printer::Printer;

/// How long what is under way has to notice an interrupt. It is only late if it waits for something that cannot be dropped: a person's
/// answer at the terminal, a compilation, a desktop's key store. Each file is replaced as a whole, so nothing is lost by leaving.
const GRACE: Duration = Duration::from_millis(300);

/// Waits for the end, or for Ctrl-C.
///
/// # Errors
/// Those of the future, or that it was interrupted.
pub fn block_on<T>(printer: Printer, future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = new_runtime()?;
    let interrupted = watch(printer)?;
    runtime.block_on(async {
        tokio::select! {
            biased;
            Ok(()) = interrupted => Err(Error::cancelled()),
            ended = future => ended,
        }
    })
}

/// Watches for Ctrl-C on a thread of its own, which no busy flow can keep from noticing.
fn watch(printer: Printer) -> Result<oneshot::Receiver<()>> {
    let (tell, told) = oneshot::channel();
    let (installed, is_installed) = std::sync::mpsc::sync_channel(1);
    let watcher = new_runtime()?;
    let watch = move || {
        watcher.block_on(async {
            let interrupt = interrupt();
            let _ = installed.send(());
            if let Ok(mut interrupt) = interrupt
                && interrupt.recv().await.is_some()
            {
                let _ = tell.send(());
                tokio::time::sleep(GRACE).await;
                let problem = Error::cancelled();
                let _ = printer.error(&problem);
                exit(i32::from(problem.exit_code()));
            }
            std::future::pending::<()>().await;
        });
    };
    std::thread::Builder::new().name("interrupt".to_owned()).spawn(watch).map_err(|problem| broken(&problem))?;
    // From here on, Ctrl-C is ours.
    let _ = is_installed.recv();
    Ok(told)
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
    Builder::new_current_thread().enable_all().build().map_err(|problem| broken(&problem))
}

fn broken(problem: &std::io::Error) -> Error {
    Error::host("host.runtime", format!("this machine gives the program nothing to wait with: {problem}"))
}
