//! The refs of the ledger: the last verified tip, and the branch itself when it is a local ref.

use std::io;
use std::path::PathBuf;

use gix::ObjectId;
use gix::refs::transaction::{Change, PreviousValue, RefEdit, RefLog};

use super::cache::{beside, write_atomic};
use super::remote::Pushed;
use super::site::Site;
use crate::app::ports::StoreError;
use crate::git::command::{Git, GitError};
use crate::plant::steps;

/// The private ref that a remote's branch is fetched into.
pub const TIP_REF: &str = "refs/agentsync/tip";
/// The private ref that keeps the last verified tip of a remote's branch.
pub const SEEN_REF: &str = "refs/agentsync/seen";

/// Reads a private ref.
pub fn read(repo: &gix::Repository, name: &str) -> Result<Option<ObjectId>, String> {
    let found = repo.try_find_reference(name).map_err(|err| err.to_string())?;
    Ok(found.and_then(|reference| reference.try_id().map(gix::Id::detach)))
}

/// Sets a private ref.
pub fn set(repo: &gix::Repository, name: &str, tip: ObjectId) -> Result<(), String> {
    write_loose(repo, name, tip).map_err(|err| err.to_string())
}

/// Deletes a private ref.
pub fn delete(repo: &gix::Repository, name: &str) -> Result<(), String> {
    edit(repo, name, Change::Delete { expected: PreviousValue::Any, log: RefLog::AndReference })
}

fn edit(repo: &gix::Repository, name: &str, change: Change) -> Result<(), String> {
    let name = name.try_into().map_err(|err: gix::validate::reference::name::Error| err.to_string())?;
    let edit = RefEdit { change, name, deref: false };
    repo.edit_references_as(Some(edit), None).map(|_| ()).map_err(|err| err.to_string())
}

/// Returns the last verified tip of the board.
pub fn seen(site: &Site, repo: &gix::Repository) -> Result<Option<ObjectId>, String> {
    match &site.remote {
        Some(_) => read(repo, SEEN_REF),
        None => match std::fs::read(seen_file(site)) {
            Ok(hex) => Ok(ObjectId::from_hex(hex.trim_ascii()).ok()),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err.to_string()),
        },
    }
}

/// Remembers the last verified tip of the board.
///
/// Two processes may set it in either order; each has verified what it sets, so the older of the
/// two is right as well, only less strict until the next read.
pub fn set_seen(site: &Site, repo: &gix::Repository, tip: ObjectId) -> Result<(), String> {
    if site.remote.is_none() {
        std::fs::create_dir_all(site.private_dir()).map_err(|err| err.to_string())?;
        return write_atomic(&seen_file(site), tip.to_string().as_bytes()).map_err(|err| err.to_string());
    }
    set(repo, SEEN_REF, tip)
}

/// Writes a ref of the private repository, which keeps each in a file, without git's lock on it: a
/// process that was killed while it held that would leave it to all others for ever.
fn write_loose(repo: &gix::Repository, name: &str, id: ObjectId) -> io::Result<()> {
    let path = repo.git_dir().join(name);
    // Made outside of `refs`, where a file that is left behind would be a broken ref.
    let fresh = beside(&repo.git_dir().join("seen"));
    std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
    std::fs::write(&fresh, format!("{id}\n"))?;
    steps::beside(&path)?;
    std::fs::rename(&fresh, &path)?;
    steps::replaced(&path);
    Ok(())
}

/// A local board has no private repository, and the user's refs are not ours to add to.
fn seen_file(site: &Site) -> PathBuf {
    site.private_dir().join(format!("seen-{}", site.branch.as_str().replace('/', "%")))
}

/// Returns the tip of the board's branch in the user's own repository.
///
/// Asked of git when the repository keeps its refs in a reftable, in which gix finds none.
pub fn local_tip(git: &Git, site: &Site, repo: &gix::Repository) -> Result<Option<ObjectId>, StoreError> {
    let name = site.branch.to_ref();
    if repo.config_snapshot().string("extensions.refStorage").is_none() {
        return read(repo, &name).map_err(|err| site.cache_fault("read", &err));
    }
    let call = git.at(&site.common_dir).args(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]);
    let output = call.run().map_err(|err| failed("read the local board", &err))?;
    Ok(ObjectId::from_hex(output.text().trim().as_bytes()).ok())
}

/// Moves the board's branch in the user's own repository from `base` to `tip`, if it is still there.
pub fn swap_local(git: &Git, site: &Site, base: Option<&str>, tip: &str) -> Result<Pushed, StoreError> {
    let none = "0".repeat(tip.len());
    let name = site.branch.to_ref();
    let args = [
        "update-ref",
        "-m",
        "agentsync",
        "--no-deref",
        "--end-of-options",
        &name,
        tip,
        base.unwrap_or(&none),
    ];
    let output =
        git.at(&site.common_dir).args(args).run().map_err(|err| failed("write the local board", &err))?;
    // fatal: update_ref failed for ref 'refs/heads/agentsync': cannot lock ref …: is at … but expected …
    let is_race =
        ["but expected", "reference already exists", "unable to resolve reference", "Unable to create"];
    match output.code {
        0 => Ok(Pushed::Done),
        _ if is_race.iter().any(|words| output.stderr.contains(words)) => Ok(Pushed::Stale),
        _ => Err(StoreError::Git { doing: "write the local board".into(), detail: output.stderr }),
    }
}

fn failed(doing: &'static str, err: &GitError) -> StoreError {
    StoreError::Git { doing: doing.into(), detail: err.to_string() }
}
