//! The sandbox: from bytes to a plugin that runs.

use std::path::PathBuf;
use std::sync::Arc;

use vestibule_core::limits::SANDBOX_MEMORY_BYTES;
use vestibule_core::{Error, Result};
use wasmtime::Engine;

use crate::admit::{self, Admitted};
use crate::artifact::Artifact;
use crate::cache::Cache;
use crate::compiler::{CompileBudget, Compiler};
use crate::config::config;
use crate::digest::PluginDigest;
use crate::instance::Runtime;
use crate::limits::TotalMemory;
use crate::plugin::LoadedPlugin;
use crate::ticker::Ticker;

/// Where a sandbox finds what it needs.
#[derive(Debug)]
pub struct SandboxOptions {
    /// The directory of compiled code. It is made if it is missing, and refused if others can write to it.
    pub cache_dir: PathBuf,
    /// The compiling program, as an absolute path. `None`: the one beside the program that runs now.
    pub compiler: Option<PathBuf>,
    /// What compiling one plugin may cost.
    pub compile_budget: CompileBudget,
    /// Linear memory of all instances together, in bytes.
    pub total_memory: usize,
}

impl SandboxOptions {
    /// The usual options, with this cache directory.
    #[must_use]
    pub fn new(cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            cache_dir: cache_dir.into(),
            compiler: None,
            compile_budget: CompileBudget::default(),
            total_memory: SANDBOX_MEMORY_BYTES,
        }
    }
}

/// Something that takes long enough for a person to wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A plugin is being compiled. That happens once.
    Compiling,
}

/// Runs plugins. A process needs one.
pub struct Sandbox {
    runtime: Arc<Runtime>,
    cache: Cache,
    compiler: Compiler,
    progress: Box<dyn Fn(Progress) + Send + Sync>,
}

impl Sandbox {
    /// Opens the sandbox. Nothing is compiled or read yet but the cache's key.
    ///
    /// Fails if the cache directory cannot be trusted, or if the engine does not run on this machine.
    pub fn open(options: SandboxOptions) -> Result<Self> {
        let engine = config()
            .and_then(|config| Engine::new(&config))
            .map_err(|error| {
                Error::host(
                    "engine.unsupported",
                    format!("plugins cannot run on this machine: {error}"),
                )
            })?;
        Ok(Self {
            cache: Cache::open(&options.cache_dir)?,
            compiler: Compiler::new(options.compiler, options.compile_budget)?,
            runtime: Arc::new(Runtime {
                ticker: Ticker::new(engine.clone()),
                total: Arc::new(TotalMemory::new(options.total_memory)),
                engine,
            }),
            progress: Box::new(|_| {}),
        })
    }

    /// Says whom to tell when something takes long.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Box::new(tell);
        self
    }

    /// Loads an admitted plugin: from the cache, or else by compiling it now.
    pub fn load(&self, plugin: &Admitted) -> Result<LoadedPlugin> {
        match self.load_cached(plugin.digest()) {
            Some(loaded) => Ok(loaded),
            None => self.compile(plugin),
        }
    }

    /// Loads a plugin whose digest was pinned, if these bytes are that plugin (SUP-01). What was admitted and compiled before is
    /// not checked again: the cache has only what was.
    pub fn load_pinned(&self, component: Vec<u8>, pinned: PluginDigest) -> Result<LoadedPlugin> {
        admit::check_size(&component)?;
        let digest = PluginDigest::of(&component);
        if digest != pinned {
            return Err(Error::config(
                "plugin.changed",
                format!("the plugin has changed: {pinned} was approved, and this is {digest}"),
            ));
        }
        match self.load_cached(digest) {
            Some(loaded) => Ok(loaded),
            None => self.compile(&Admitted::new(component)?),
        }
    }

    /// Loads a plugin from the cache alone, without its component. `None` if it is not there, or is not to be trusted.
    #[must_use]
    pub fn load_cached(&self, digest: PluginDigest) -> Option<LoadedPlugin> {
        let artifact = self.cache.get(digest)?;
        // An entry that is authentic and yet does not fit is from before a change of the machine: as good as none.
        self.link(&artifact, digest).ok()
    }

    /// Removes the compiled code of a component from the cache; whether there was any.
    ///
    /// # Errors
    /// `cache.remove`, if there is some that cannot be removed.
    pub fn forget(&self, digest: PluginDigest) -> Result<bool> {
        self.cache.remove(digest).map_err(|error| {
            Error::host(
                "cache.remove",
                format!("the compiled code of {digest} cannot be removed: {error}"),
            )
        })
    }

    /// The compiling program, if it is there.
    ///
    /// # Errors
    /// If it is missing, with what to do.
    pub fn compiler_path(&self) -> Result<&std::path::Path> {
        self.compiler.program()
    }

    fn compile(&self, plugin: &Admitted) -> Result<LoadedPlugin> {
        (self.progress)(Progress::Compiling);
        let artifact = self.compiler.compile(plugin)?;
        let loaded = self.link(&artifact, plugin.digest())?;
        // A full or read-only disk costs the next process time, and this one nothing.
        let _ = self.cache.put(plugin.digest(), &artifact);
        Ok(loaded)
    }

    fn link(&self, artifact: &Artifact, digest: PluginDigest) -> Result<LoadedPlugin> {
        let component = artifact.load(&self.runtime.engine)?;
        LoadedPlugin::link(&self.runtime, &component, digest)
    }
}
