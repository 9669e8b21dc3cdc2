//! Finds the repository around a folder and reads what kind it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::config::File;
use gix::discover::upwards;
use gix::open::Options;
use gix::sec::{Trust, trust::Mapping};

use super::{ObjectFormat, RefStorage, UserRepo, link, settings, unreadable};
use crate::app::ports::WorkError;

/// Returns how repositories are opened here: with the user's configuration, but without what the
/// environment says in its place, since the door to git does not pass that on either.
pub(super) fn options() -> Options {
    let mut permissions = gix::open::Permissions::all();
    permissions.config.env = false;
    Options::default().permissions(permissions)
}

pub(super) fn open(path: &Path, remote: &str) -> Result<UserRepo, WorkError> {
    let repo = discover(path).map_err(|err| not_found(path, &err))?;
    if repo.git_dir_trust() != Trust::Full {
        return Err(foreign(repo.workdir().unwrap_or(repo.git_dir())));
    }
    link::check(path, &repo, |around| discover(around).ok())?;
    let snapshot = repo.config_snapshot();
    let config = snapshot.plumbing();
    let work_dir_as_found = repo.workdir().map(|dir| repo.current_dir().join(dir));
    Ok(UserRepo {
        git_dir: real(repo.git_dir())?,
        common_dir: real(repo.common_dir())?,
        work_dir: work_dir_as_found.as_deref().map(real).transpose()?,
        work_dir_as_found,
        object_format: match repo.object_hash() {
            gix::hash::Kind::Sha256 => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        },
        ref_storage: ref_storage(config),
        is_shallow: repo.is_shallow().map_err(|err| unreadable(&err))?,
        remote: remote.to_owned(),
        address: settings::address(config, remote),
        rewritten_address: settings::rewritten_address(&repo, remote),
        identity: settings::identity(config),
        settings: settings::allowed(config, remote),
        config: Arc::new(config.clone()),
        opened: Arc::default(),
    })
}

fn discover(path: &Path) -> Result<gix::Repository, gix::Error> {
    let by_trust = Mapping { full: options(), reduced: options() };
    let found = gix::ThreadSafeRepository::discover_opts(path, upwards::Options::default(), by_trust)?;
    Ok(found.to_thread_local())
}

fn ref_storage(config: &File) -> RefStorage {
    let format = config.string("extensions.refStorage").unwrap_or_default();
    match format.to_ascii_lowercase().starts_with(b"reftable") {
        true => RefStorage::Reftable,
        false => RefStorage::Files,
    }
}

fn real(path: &Path) -> Result<PathBuf, WorkError> {
    gix::path::realpath(path).map_err(|err| unreadable(&err))
}

fn not_found(path: &Path, err: &gix::Error) -> WorkError {
    let shown = path.display();
    if !path.is_dir() {
        let what = format!("there is no folder `{shown}`");
        return WorkError::Repository { what, fix: "name an existing folder of a git clone".to_owned() };
    }
    match err.downcast_any_ref::<upwards::Error>() {
        Some(_) => WorkError::Repository {
            what: format!("`{shown}` is not inside a git repository"),
            fix: "run this inside a clone, name one with AGENTSYNC_REPO, or make one here with `git init`"
                .to_owned(),
        },
        None => WorkError::Repository {
            what: format!("the git repository around `{shown}` cannot be opened: {err}"),
            fix: format!("git -C {shown} status"),
        },
    }
}

fn foreign(dir: &Path) -> WorkError {
    let dir = gix::path::realpath(dir).unwrap_or_else(|_| dir.to_owned());
    WorkError::Repository {
        what: format!("the git repository `{}` belongs to another user", dir.display()),
        fix: format!("git config --global --add safe.directory {}", dir.display()),
    }
}
