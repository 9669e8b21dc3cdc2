//! Whose signatures count on the coordination branch, and with which key ours are made.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::AgentId;
use agentsync_core::audit::Signature;
use gix::hash::Kind;

use super::cache::write_atomic;
use crate::app::ports::StoreError;
use crate::app::ports::audit::{SignersSource, SigningFacts};
use crate::git::ssh_keygen::{Signed, SigningKey, SshError, SshKeygen};

/// With which key commits are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// They are not.
    Off,
    /// With this one.
    With(SigningKey),
    /// They should be, and cannot.
    Broken {
        /// What is wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
}

/// What is set up about signatures.
#[derive(Debug, Clone)]
pub struct Trust {
    /// How ours are made.
    pub signing: Signing,
    /// Whether commits without a good one freeze writes.
    pub is_required: bool,
    /// The SHA-256 that the file of signers must have.
    pub pinned: Option<String>,
    /// The file of signers; `None` where nobody asks for signatures.
    pub source: Option<Arc<dyn SignersSource>>,
    /// The door.
    pub ssh: SshKeygen,
}

/// What signatures are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// Nothing: there is no file of signers.
    Nothing,
    /// This file.
    File {
        /// Its SHA-256 in hex.
        hash: String,
        /// A copy of it, where nobody else writes.
        path: PathBuf,
    },
    /// A file that is not the pinned one.
    NotPinned {
        /// Its SHA-256 in hex; `None` when there is no file.
        found: Option<String>,
    },
}

impl Root {
    /// Returns a name under which verdicts may be kept.
    pub fn name(&self) -> &str {
        match self {
            Root::File { hash, .. } => hash,
            Root::Nothing | Root::NotPinned { .. } => "",
        }
    }
}

impl Trust {
    /// Signs nothing and asks for no signatures.
    pub fn nothing() -> Trust {
        let ssh = SshKeygen { limit: Duration::from_secs(30) };
        Trust { signing: Signing::Off, is_required: false, pinned: None, source: None, ssh }
    }

    /// Tells whether anybody here has asked for signatures.
    pub fn is_used(&self) -> bool {
        self.signing != Signing::Off || self.is_required || self.pinned.is_some()
    }

    /// Names the key, so that only processes that sign alike write together.
    pub fn key_name(&self) -> String {
        match &self.signing {
            Signing::Off => String::new(),
            Signing::With(key) => format!("{} {}", key.program.to_string_lossy(), key.key.shown()),
            Signing::Broken { .. } => "broken".to_owned(),
        }
    }

    /// Finds what signatures are checked against; a copy is kept in `dir`.
    pub fn root(&self, dir: &Path) -> Result<Root, StoreError> {
        let Some(source) = &self.source else { return Ok(Root::Nothing) };
        let file = source.signers().map_err(|err| fault(&err, "agentsync doctor"))?;
        let hash = file.as_deref().and_then(sha256);
        if self.pinned.is_some() && self.pinned != hash {
            return Ok(Root::NotPinned { found: hash });
        }
        let (Some(text), Some(hash)) = (file, hash) else { return Ok(Root::Nothing) };
        let path = dir.join("allowed_signers");
        if fs::read(&path).ok().as_deref() != Some(text.as_slice()) {
            let written = fs::create_dir_all(dir).and_then(|()| write_atomic(&path, &text));
            written.map_err(|err| fault(&err.to_string(), "make our folder in the clone writable"))?;
        }
        Ok(Root::File { hash, path })
    }

    /// Signs what `agent` is about to write, if it is to be signed.
    pub fn seal(
        &self,
        agent: &AgentId,
        payload: &[u8],
        at: i64,
        dir: &Path,
    ) -> Result<Option<String>, StoreError> {
        let key = match &self.signing {
            Signing::With(key) => key,
            Signing::Broken { what, fix } => return Err(fault(what, fix)),
            Signing::Off if self.is_required => {
                let what = "agentsync.requireSigned is true, and our own commits are not signed";
                return Err(fault(what, "git config agentsync.sign ssh"));
            }
            Signing::Off => return Ok(None),
        };
        let signature = self.ssh.sign(key, payload).map_err(|err| cannot_sign(key, &err))?;
        if self.is_required {
            self.check_own(agent, payload, &signature, at, dir)?;
        }
        Ok(Some(signature))
    }

    /// Makes sure that others will take what we sign for ours.
    fn check_own(
        &self,
        agent: &AgentId,
        payload: &[u8],
        signature: &str,
        at: i64,
        dir: &Path,
    ) -> Result<(), StoreError> {
        let what = match self.root(dir)? {
            Root::File { path, .. } => {
                let signed = Signed { payload, signature: signature.as_bytes(), signers: &path, at };
                match self.ssh.is_by(&signed, agent.as_str()).map_err(|err| cannot_check(&err))? {
                    true => return Ok(()),
                    false => format!(
                        "the key that `{agent}` signs with is not its key in .agentsync/allowed_signers"
                    ),
                }
            }
            Root::Nothing => "there is no .agentsync/allowed_signers on the default branch".to_owned(),
            Root::NotPinned { .. } => ".agentsync/allowed_signers is not the pinned one".to_owned(),
        };
        let fix = format!("put the line `{agent} namespaces=\"git\" <public key>` there, and git fetch");
        Err(fault(&what, &fix))
    }

    /// Says who signed a commit that speaks for `agent`.
    pub fn check(
        &self,
        root: &Root,
        commit: Option<&(Vec<u8>, Vec<u8>)>,
        agent: Option<&str>,
        at: i64,
    ) -> Result<Signature, StoreError> {
        let (Some((payload, signature)), Root::File { path, .. }) = (commit, root) else {
            return Ok(match commit {
                Some(_) if self.is_required => {
                    Signature::Invalid { why: "is signed, and nobody vouches for any key".to_owned() }
                }
                _ => Signature::Missing,
            });
        };
        let signed = Signed { payload, signature, signers: path, at };
        let is_by = |name: &str| self.ssh.is_by(&signed, name).map_err(|err| cannot_check(&err));
        if let Some(agent) = agent.filter(|agent| AgentId::parse(agent).is_ok())
            && is_by(agent)?
        {
            return Ok(Signature::By(agent.to_owned()));
        }
        match self.ssh.find_principal(&signed).map_err(|err| cannot_check(&err))? {
            None => Ok(Signature::Invalid { why: "is signed with a key that nobody vouches for".to_owned() }),
            Some(name) if is_by(&name)? => Ok(Signature::By(name)),
            Some(_) => Ok(Signature::Invalid { why: "has a signature of something else".to_owned() }),
        }
    }

    /// Says how signing is set up.
    pub fn facts(&self, dir: &Path) -> SigningFacts {
        let key = match &self.signing {
            Signing::Off => None,
            Signing::Broken { what, fix } => Some(Err((what.clone(), fix.clone()))),
            Signing::With(key) => Some(match self.ssh.sign(key, b"doctor") {
                Ok(_) => Ok(key.key.shown()),
                Err(err) => Err((cannot_sign(key, &err).to_string(), fix_of(&err).to_owned())),
            }),
        };
        let signers = match self.root(dir) {
            Ok(Root::Nothing) => None,
            Ok(Root::File { path, .. }) => Some(Ok(n_keys(&path))),
            Ok(Root::NotPinned { .. }) => Some(Err("the file of signers is not the pinned one".to_owned())),
            Err(err) => Some(Err(err.to_string())),
        };
        SigningFacts { key, signers, is_required: self.is_required }
    }
}

fn n_keys(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).count()
}

fn sha256(bytes: &[u8]) -> Option<String> {
    let mut hasher = gix::hash::hasher(Kind::Sha256);
    hasher.update(bytes);
    hasher.try_finalize().ok().map(|hash| hash.to_string())
}

fn fault(what: &str, fix: &str) -> StoreError {
    StoreError::Signing { what: what.to_owned(), fix: fix.to_owned() }
}

fn cannot_sign(key: &SigningKey, err: &SshError) -> StoreError {
    fault(&format!("cannot sign with `{}`: {err}", key.key.shown()), fix_of(err))
}

fn cannot_check(err: &SshError) -> StoreError {
    fault(&format!("cannot check a signature: {err}"), fix_of(err))
}

fn fix_of(err: &SshError) -> &'static str {
    match err {
        SshError::Missing(_) => "install OpenSSH (`ssh-keygen`), or unset agentsync.sign",
        SshError::Refused(_) => {
            "see that user.signingkey names a key that works without a question (`ssh-add` it), or unset agentsync.sign"
        }
    }
}
