//! What source files say: as they stand in the work tree, or at a commit.

use std::collections::BTreeSet;

use agentsync_core::PathSpec;
use agentsync_core::outline::Outline;

use crate::app::ports::Source;
use crate::git::branches_repo::BranchesRepo;
use crate::git::user_repo::{ObjectFormat, UserRepo};
use crate::git::versions::{MAX_BYTES, facts};

/// What makes a path a pattern.
const SIGNS: [char; 5] = ['*', '?', '[', '{', '\\'];

/// Returns the symbols of the file at `path`; `None` when there is no such file, it leads elsewhere, or
/// its language is not known.
pub(super) fn outline(user: &UserRepo, path: &str) -> Option<Outline> {
    let bytes = here(user, path)?;
    let (_, facts) = facts(path, &bytes)?;
    let hash = match user.object_format {
        ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
        ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
    };
    let blob = gix::objs::compute_hash(hash, gix::objs::Kind::Blob, &bytes).ok()?;
    Some(Outline::of(blob.to_string(), &facts))
}

/// Returns what a file says at a commit, or as it stands here; `None` when it cannot be told.
pub(super) fn source(repo: &BranchesRepo, at: Option<&str>, path: &str) -> Option<Source> {
    let bytes = match at {
        None => here(repo.user(), path)?,
        Some(commit) => there(repo, commit, path)?,
    };
    let (language, facts) = facts(path, &bytes)?;
    Some(Source { path: path.to_owned(), language, facts, n_bytes: bytes.len() })
}

/// Returns the files that `specs` cover, in order: those of a commit, or those that are tracked here.
pub(super) fn files(repo: &BranchesRepo, at: Option<&str>, specs: &[PathSpec]) -> Vec<String> {
    let all = match at {
        None => tracked(repo.user()),
        Some(commit) => listed(repo, commit),
    };
    covered(&all.unwrap_or_default(), specs)
}

fn here(user: &UserRepo, path: &str) -> Option<Vec<u8>> {
    let file = user.work_dir.as_ref()?.join(path);
    let found = std::fs::symlink_metadata(&file).ok()?;
    let is_fit = found.is_file() && found.len() <= MAX_BYTES;
    is_fit.then(|| std::fs::read(&file).ok())?
}

fn there(repo: &BranchesRepo, commit: &str, path: &str) -> Option<Vec<u8>> {
    let opened = repo.open().ok()?;
    let id = gix::ObjectId::from_hex(commit.as_bytes()).ok()?;
    let tree = opened.find_commit(id).ok()?.tree().ok()?;
    let entry = tree.lookup_entry_by_path(path).ok()??;
    let is_file = entry.mode().is_blob();
    let length = opened.find_header(entry.object_id()).ok()?.size();
    (is_file && length <= MAX_BYTES).then(|| entry.object().ok().map(|blob| blob.data.clone()))?
}

fn tracked(user: &UserRepo) -> Option<Vec<String>> {
    let index = user.gix().ok()?.index_or_empty().ok()?;
    let mut paths: Vec<String> = index
        .entries()
        .iter()
        .filter_map(|entry| String::from_utf8(entry.path(&index).to_vec()).ok())
        .collect();
    paths.dedup();
    Some(paths)
}

fn listed(repo: &BranchesRepo, commit: &str) -> Option<Vec<String>> {
    let opened = repo.open().ok()?;
    let id = gix::ObjectId::from_hex(commit.as_bytes()).ok()?;
    let tree = opened.find_commit(id).ok()?.tree().ok()?;
    let found = tree.traverse().breadthfirst.files().ok()?;
    let blobs = found.into_iter().filter(|entry| entry.mode.is_blob());
    let mut paths: Vec<String> =
        blobs.filter_map(|entry| String::from_utf8(entry.filepath.into()).ok()).collect();
    paths.sort_unstable();
    Some(paths)
}

/// Returns those of `paths`, which are in order, that a spec covers.
fn covered(paths: &[String], specs: &[PathSpec]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for spec in specs {
        let text = if spec.is_whole_repository() { "" } else { spec.as_str() };
        let head = text.split(SIGNS).next().unwrap_or(text);
        let from = paths.partition_point(|path| path.as_str() < head);
        let near = paths.iter().skip(from).take_while(|path| path.starts_with(head));
        found.extend(near.filter(|path| text.is_empty() || spec.covers(path)).cloned());
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spec_covers_is_found_beside_its_head() {
        let paths: Vec<String> =
            ["a.rs", "src/a.rs", "src/b/c.rs", "src2/d.rs", "t/x.py"].map(str::to_owned).into();
        for (spec, want) in [
            ("src", vec!["src/a.rs", "src/b/c.rs"]),
            ("src/*.rs", vec!["src/a.rs"]),
            ("**/*.py", vec!["t/x.py"]),
            ("a.rs", vec!["a.rs"]),
            ("none", vec![]),
        ] {
            let spec = PathSpec::parse(spec, &[]).unwrap();
            assert_eq!(covered(&paths, &[spec.clone(), spec]), want);
        }
        assert_eq!(covered(&paths, &[PathSpec::parse(".", &[]).unwrap()]).len(), 5);
    }
}
