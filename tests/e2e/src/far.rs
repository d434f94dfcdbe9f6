//! A machine that is reached by SSH alone: a real sshd in a network of its own, whose loopback is not the loopback of this side.
//! Linux; as root, or where an unprivileged user may make namespaces.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::machine::{Machine, program};
use crate::process::Running;
use crate::wait::wait_for;

/// Where sshd listens on the other side.
const PORT: u16 = 2222;

/// Longer than sshd takes to start on a busy machine.
const START: Duration = Duration::from_secs(30);

/// The other side. Its processes end with the test.
pub struct FarMachine {
    sshd: Child,
    folder: tempfile::TempDir,
}

impl FarMachine {
    /// Starts it.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(folder.path().join(key))
                .status()
                .expect("ssh-keygen is installed (cargo xtask setup)");
            assert!(made.success());
        }
        fs::copy(
            folder.path().join("user.pub"),
            folder.path().join("allowed"),
        )
        .expect("a file");
        let server = write(folder.path(), "sshd_config", &server_config(folder.path()));
        // Where sshd separates its privileges; a system that has booted has it.
        let separation = Path::new("/run/sshd");
        if is_root() && !separation.exists() {
            fs::create_dir(separation).expect("a directory for sshd");
            fs::set_permissions(separation, fs::Permissions::from_mode(0o755)).expect("its mode");
        }
        let mut unshare = Command::new("unshare");
        unshare.arg("--net");
        if !is_root() {
            unshare.arg("--map-root-user");
        }
        let sshd = unshare
            .args([
                "sh",
                "-c",
                "ip link set lo up && exec \"$0\" -D -e -f \"$1\"",
            ])
            .arg("/usr/sbin/sshd")
            .arg(server)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("sshd.log")).expect("a file"))
            .spawn()
            .expect("unshare is installed");
        let far = Self { sshd, folder };
        write(far.folder.path(), "ssh_config", &far.client_config());
        far.wait();
        far
    }

    /// `ssh` to it with these arguments, of which the last is the host.
    #[must_use]
    pub fn ssh(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command
            .arg("-F")
            .arg(self.folder.path().join("ssh_config"))
            .args(arguments);
        command
    }

    /// `vestibule` there, at a terminal of an SSH session, with the directories of this machine. The provider at `provider`, which is
    /// here, is at the same address there.
    #[must_use]
    pub fn vestibule(
        &self,
        machine: &Machine,
        provider: SocketAddr,
        arguments: &[&str],
    ) -> Running {
        let mut line = format!("env HOME='{}'", machine.home().display());
        for name in ["config", "data", "state", "cache"] {
            line.push_str(&format!(
                " VESTIBULE_{}_DIR='{}'",
                name.to_uppercase(),
                machine.home().join(name).display()
            ));
        }
        line.push_str(&format!(" '{}'", program("vestibule").display()));
        for argument in arguments {
            line.push_str(&format!(" '{argument}'"));
        }
        let mut command = self.ssh(&[
            "-tt",
            "-R",
            &format!("{provider}:{provider}"),
            "-p",
            &PORT.to_string(),
            &format!("{}@127.0.0.1", user()),
        ]);
        Running::start_with_input(command.arg(line))
    }

    /// Runs a line that was printed there, to be pasted here, and waits until what it forwards is open.
    ///
    /// # Panics
    /// If it is no line of `ssh`, or opens nothing.
    #[must_use]
    pub fn paste(&self, line: &str, opens: SocketAddr) -> Running {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["ssh", arguments @ ..] = words.as_slice() else {
            panic!("not a line of ssh: {line}");
        };
        let running = Running::start(&mut self.ssh(arguments));
        let open = wait_for(START, || TcpStream::connect(opens).ok());
        assert!(
            open.is_some(),
            "it forwards nothing: {line}: {}",
            self.log()
        );
        running
    }

    fn wait(&self) {
        let greeting = wait_for(START, || {
            let answer = self
                .ssh(&[
                    "-p",
                    &PORT.to_string(),
                    &format!("{}@127.0.0.1", user()),
                    "true",
                ])
                .stdin(Stdio::null())
                .output()
                .ok()?;
            answer.status.success().then_some(())
        });
        assert!(greeting.is_some(), "sshd does not answer: {}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("sshd.log")).unwrap_or_default()
    }

    /// There is no network between the two sides: bytes go through a process that has a foot on the other one.
    fn client_config(&self) -> String {
        let folder = self.folder.path().display();
        let user_namespace = if is_root() {
            ""
        } else {
            "--user --preserve-credentials "
        };
        format!(
            "Host *\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile {folder}/known\n  \
             StrictHostKeyChecking accept-new\n  BatchMode yes\n  LogLevel ERROR\n  ExitOnForwardFailure yes\n  \
             ProxyCommand nsenter {user_namespace}--net --target {} nc -N 127.0.0.1 {PORT}\n",
            self.sshd.id()
        )
    }
}

impl Drop for FarMachine {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

fn server_config(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "Port {PORT}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/allowed\nStrictModes no\n\
         UsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\nAllowTcpForwarding yes\n"
    )
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    let mut file = fs::File::create(&path).expect("a file");
    file.write_all(text.as_bytes()).expect("its text");
    path
}

fn is_root() -> bool {
    id("-u") == "0"
}

fn user() -> String {
    id("-un")
}

fn id(what: &str) -> String {
    let said = Command::new("id").arg(what).output().expect("id is there");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}
