//! Debian's oidc-agent with one account that has a valid token.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::issuer::Issuer;
use crate::process::Cmd;

const ACCOUNT: &str = "bench";
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running agent; it ends with this value.
pub(crate) struct OidcAgent {
    process: Child,
    socket: PathBuf,
}

impl OidcAgent {
    /// Starts an agent whose files are below `home`, and gives it an account at `issuer`.
    pub(crate) fn start(home: &Path, issuer: &Issuer) -> Result<Self> {
        fs::create_dir_all(home.join(".oidc-agent"))?;
        let socket = home.join("agent.sock");
        let process = Cmd::new("oidc-agent")
            .args(["--console", "--quiet", "--no-webserver", "--socket-path"])
            .arg(&socket)
            .env("HOME", home)
            .into_std()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start oidc-agent")?;
        let agent = Self { process, socket };
        agent.wait_for_socket()?;
        agent.add_account(home, issuer)?;
        Ok(agent)
    }

    /// Where `OIDC_SOCK` must point.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// The command to be measured.
    pub(crate) fn token_command(&self) -> Vec<String> {
        vec!["oidc-token".into(), ACCOUNT.into()]
    }

    fn wait_for_socket(&self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while !self.socket.exists() {
            ensure!(
                Instant::now() < deadline,
                "oidc-agent opened no socket within {START_LIMIT:?}"
            );
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn add_account(&self, home: &Path, issuer: &Issuer) -> Result<()> {
        Cmd::new("oidc-gen")
            .args([
                ACCOUNT,
                "--manual",
                "--prompt=none",
                "--confirm-default",
                "--pw-env",
                "--rt=practice",
            ])
            .args([
                "--client-id=bench",
                "--client-secret=",
                "--scope=openid offline_access",
            ])
            .arg(format!("--iss={}", issuer.url()))
            .arg("--redirect-uri=http://localhost:4242")
            .env("HOME", home)
            .env("OIDC_SOCK", &self.socket)
            .env("OIDC_ENCRYPTION_PW", "practice")
            .run_quietly()
            .context("oidc-agent took no account")
    }
}

impl Drop for OidcAgent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
