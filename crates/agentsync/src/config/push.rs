//! What git tells a server's hook about the push: where its objects lie meanwhile, and who signed it.

use std::path::{Path, PathBuf};

use super::env;

/// The environment of a hook on a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushEnvironment {
    /// What git must be given to see the objects of the push, which are not in the repository yet.
    pub objects: Vec<(&'static str, String)>,
    /// The folders that hold them.
    pub folders: Vec<PathBuf>,
    /// Whose key signed the push, if it was signed well and for this very push.
    pub signer: Option<String>,
}

/// Returns what git told this hook.
pub fn push_environment() -> PushEnvironment {
    let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let names = ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
    let objects: Vec<_> = names.into_iter().filter_map(|name| Some((name, env(name)?))).collect();
    let listed = objects.iter().flat_map(|(name, value)| match *name {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES" => std::env::split_paths(value).collect(),
        _ => vec![PathBuf::from(value)],
    });
    let mut folders: Vec<PathBuf> = listed.map(|path| current.join(Path::new(&path))).collect();
    folders.dedup();
    let is = |name: &str, want: &str| env(name).is_some_and(|value| value == want);
    let is_good = is("GIT_PUSH_CERT_STATUS", "G") && is("GIT_PUSH_CERT_NONCE_STATUS", "OK");
    PushEnvironment { objects, folders, signer: env("GIT_PUSH_CERT_SIGNER").filter(|_| is_good) }
}
