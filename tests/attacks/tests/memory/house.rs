//! A machine with the puppet, and a provider for whose client a secret is needed.

use std::fs::{self, Permissions};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::thread;

use serde_json::Value;
use url::Url;
use vestibule_attacks::Program;
use vestibule_attacks::handed::parameter;
use vestibule_attacks::puppet::{
    API, authorize, call, discover, finish, redeem, reference, userinfo,
};
use vestibule_attacks::stage::puppet_file;
use vestibule_e2e::{Machine, Practice};
use vestibule_rehearsal::{Par, Role, Script, Visitor};

use crate::wanted::Wanted;
use crate::watched::{Ended, Watched};

/// The secret of the client. It is in a file of the person's, and nowhere else.
pub(crate) const CLIENT_SECRET: &str = "client-secret-9Qy3vN0aLr7TzKd2wXe5";

/// The machine and its provider.
pub(crate) struct House {
    par: Par,
    pub(crate) idp: Practice,
    pub(crate) machine: Machine,
}

fn script(par: Par) -> Script {
    Script::honest().par(par).client_secret(CLIENT_SECRET)
}

/// The steps of an honest sign-in that does all that a plugin can do with its tokens.
pub(crate) fn sign_in_steps() -> Vec<Value> {
    vec![
        discover(),
        authorize(),
        redeem("code"),
        userinfo("access_token"),
        call(API, reference("access_token"), &[], vec![]),
        finish(&["access_token", "refresh_token"]),
    ]
}

impl House {
    /// One whose provider does not push requests: whoever sees the address knows all that it says.
    pub(crate) fn new() -> Self {
        Self::with(Par::Absent)
    }

    pub(crate) fn with(par: Par) -> Self {
        let idp = Practice::openid(script(par));
        let machine = Machine::new("/does/not/exist");
        let file = puppet_file().display().to_string();
        let _ = machine.run(&["plugin", "install", &file]).succeeded();
        let house = Self { par, idp, machine };
        fs::write(house.client_secret_file(), CLIENT_SECRET).unwrap();
        fs::set_permissions(house.client_secret_file(), Permissions::from_mode(0o600)).unwrap();
        house
    }

    /// From now on the provider follows this script.
    pub(crate) fn rescript(&self, change: impl FnOnce(Script) -> Script) {
        self.idp
            .rescript(change(script(self.par).any_redirect_path()));
    }

    /// The one file that holds a secret in the clear: the person put it there.
    pub(crate) fn client_secret_file(&self) -> PathBuf {
        self.machine.home().join("client-secret")
    }

    /// An honest program.
    pub(crate) fn program(&self) -> Program {
        Program::honest(&self.idp)
            .confidential(&self.client_secret_file())
            .steps("sign-in", sign_in_steps())
    }

    /// A tenant whose plugin plays this.
    pub(crate) fn tenant(&self, name: &str, program: &Program) {
        self.machine.tenant(name, &program.tenant_file(""));
    }

    /// A sign-in that waits for its answer, its address, and what it knows: it was looked into.
    #[track_caller]
    pub(crate) fn waiting(&self, tenant: &str, more: &[&str]) -> (Watched, String, Wanted) {
        let arguments = [
            &["login", tenant, "--force", "--no-browser", "--json"],
            more,
        ]
        .concat();
        let login = Watched::start(&self.machine, &arguments);
        let address = login.address();
        let known = Wanted::waiting(&self.idp, &address, &login.memory());
        // In memory alone.
        let files = known.files_below(self.machine.home());
        assert!(files.is_empty(), "{files:?}");
        (login, address, known)
    }

    /// A sign-in to its end, by a person who approves; and all that it could have known.
    #[track_caller]
    pub(crate) fn sign_in(&self, tenant: &str) -> (Ended, Wanted, String) {
        let (login, address, known) = self.waiting(tenant, &[]);
        let visiting = visit_aside(&address);
        let ended = login.finish();
        visiting.join().unwrap();
        let all = Wanted::of(&self.idp).with(known);
        (ended, all, self.redirect_uri(&address))
    }

    /// Where the answer to a sign-in at this address is awaited.
    pub(crate) fn redirect_uri(&self, address: &str) -> String {
        match self.idp.requests_to(Role::PushedAuthorization).pop() {
            Some(seen) => seen.field("redirect_uri").unwrap().to_owned(),
            None => parameter(address, "redirect_uri"),
        }
    }

    /// What the state directory has besides the audit log, which grows with all that is tried.
    pub(crate) fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let audit = self.machine.state().join("audit");
        let mut kept = self.machine.kept();
        kept.retain(|(path, _)| !path.starts_with(&audit));
        kept
    }

    /// Nothing of this is in the memory in which it ended, nor in a file; nothing was stored, and the port is closed.
    #[track_caller]
    pub(crate) fn left_nothing(
        &self,
        ended: &Ended,
        wanted: &Wanted,
        redirect_uri: Option<&str>,
        about: &str,
    ) {
        wanted.is_not_in(&ended.memory, about);
        // What the person has put there.
        let mut files = wanted.files_below(self.machine.home());
        files.retain(|file| *file != self.client_secret_file());
        assert!(files.is_empty(), "{about}: {files:?}");
        if let Some(redirect_uri) = redirect_uri {
            is_closed(redirect_uri, about);
        }
    }
}

/// The port of this redirect URI refuses connections.
#[track_caller]
pub(crate) fn is_closed(redirect_uri: &str, about: &str) {
    assert!(!is_open(redirect_uri), "{about}: {redirect_uri} is open");
}

/// The port of this redirect URI takes connections.
pub(crate) fn is_open(redirect_uri: &str) -> bool {
    let address = Url::parse(redirect_uri)
        .unwrap()
        .socket_addrs(|| None)
        .unwrap()[0];
    TcpStream::connect(address).is_ok()
}

/// Visits an address as a person who approves, while the test goes on. How it ends for the person is another test's matter.
pub(crate) fn visit_aside(address: &str) -> thread::JoinHandle<()> {
    let address = address.to_owned();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _ = runtime.block_on(Visitor::approve("ada").visit(&address));
    })
}

impl Ended {
    /// It failed by this code, and the plugin is blamed or whoever else.
    #[track_caller]
    pub(crate) fn failed(&self, codes: &[&str], blame: &str, about: &str) {
        let last = self.stderr.lines().rfind(|line| line.starts_with('{'));
        let error: Value = serde_json::from_str(last.unwrap_or("null")).unwrap();
        let code = error["error"]["code"].as_str().unwrap_or_default();
        assert!(codes.contains(&code), "{about}: {}", self.stderr);
        assert_eq!(error["error"]["blame"], blame, "{about}: {}", self.stderr);
        assert_ne!(self.code, Some(0), "{about}");
        assert!(self.code.is_some(), "{about}: a signal ended it");
        assert_eq!(self.stdout, "", "{about}");
    }
}
