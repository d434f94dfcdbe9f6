//! What is measured against what, each with a token that is valid already: that is the command that people wait for.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::issuer::Issuer;
use super::oidc_agent::OidcAgent;
use crate::process::Cmd;
use crate::workspace::Workspace;

/// A command to be measured.
pub(crate) struct Contender {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Program and arguments, without a shell.
    pub(crate) command: Vec<String>,
}

/// All contenders, and whatever must live while they are measured.
pub(crate) struct Arena {
    /// In the order of the table; ratios are to `BASELINE`.
    pub(crate) contenders: Vec<Contender>,
    /// Variables that all of them are given.
    pub(crate) environment: Vec<(&'static str, PathBuf)>,
    _agent: OidcAgent,
}

/// The nearest peer: a compiled client of an agent that keeps tokens.
pub(crate) const BASELINE: &str = "oidc-token";

impl Arena {
    /// Gives every contender a token of its own.
    pub(crate) fn prepare(workspace: &Workspace, tenant: Option<&str>) -> Result<Self> {
        let home = workspace.target().join("bench");
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        fs::create_dir_all(&home)?;

        let practice = home.join("vestibule");
        let vestibule = match tenant {
            Some(tenant) => vestibule(workspace, tenant),
            None => practice_tenant(workspace, &practice)?,
        };
        let mut environment = Vec::new();
        if tenant.is_none() {
            environment.extend([
                ("VESTIBULE_CONFIG_DIR", practice.join("config")),
                ("VESTIBULE_DATA_DIR", practice.join("data")),
                ("VESTIBULE_STATE_DIR", practice.join("state")),
                ("VESTIBULE_CACHE_DIR", practice.join("cache")),
            ]);
        }
        let issuer = Issuer::start()?;
        let agent = OidcAgent::start(&home.join("oidc-agent"), &issuer)?;
        let gh = github_cli(&home.join("gh"))?;
        Ok(Self {
            contenders: vec![
                Contender {
                    name: "static C hello",
                    command: vec![hello(&home)?],
                },
                vestibule,
                Contender {
                    name: BASELINE,
                    command: agent.token_command(),
                },
                Contender {
                    name: "gh auth token",
                    command: ["gh", "auth", "token"].map(Into::into).to_vec(),
                },
            ],
            environment: {
                environment.push(("OIDC_SOCK", agent.socket().to_path_buf()));
                environment.push(("GH_CONFIG_DIR", gh));
                environment
            },
            _agent: agent,
        })
    }
}

/// `vestibule token TENANT` of the release build.
fn vestibule(workspace: &Workspace, tenant: &str) -> Contender {
    let program = crate::demo::Profile::Release.program(workspace);
    let command = vec![
        program.to_string_lossy().into_owned(),
        "token".into(),
        tenant.into(),
    ];
    Contender {
        name: "vestibule token",
        command,
    }
}

/// Signs in to the practice provider, so that `vestibule token` has a valid grant below `home`.
fn practice_tenant(workspace: &Workspace, home: &Path) -> Result<Contender> {
    workspace
        .cargo("build")
        .args(["--package", "vestibule-e2e", "--bins"])
        .run()?;
    let tool = |name: &str| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        workspace.target().join("debug").join(file)
    };
    fs::create_dir_all(home)?;
    Cmd::new(tool("practice-tenant"))
        .arg(home)
        .arg(crate::demo::Profile::Release.program(workspace))
        .arg(workspace.path(crate::wasm::PLUGINS).join("oidc.wasm"))
        .arg(tool("person"))
        .run()?;
    Ok(vestibule(workspace, "practice"))
}

/// The floor: what starting any process costs on this machine.
fn hello(home: &Path) -> Result<String> {
    let source = home.join("hello.c");
    let program = home.join("hello");
    fs::write(
        &source,
        "#include <unistd.h>\nint main(void) { return write(1, \"hello\\n\", 6) != 6; }\n",
    )?;
    Cmd::new("cc")
        .args(["-O2", "-static", "-o"])
        .arg(&program)
        .arg(&source)
        .run_quietly()?;
    Ok(program.to_string_lossy().into_owned())
}

/// A folder from which `gh auth token` reads a token.
fn github_cli(config: &Path) -> Result<PathBuf> {
    fs::create_dir_all(config)?;
    fs::write(
        config.join("hosts.yml"),
        "github.com:\n    user: bench\n    oauth_token: not-a-token\n    git_protocol: https\n",
    )?;
    Ok(config.to_path_buf())
}
