//! What a branch changed since it left the default branch.

use agentsync_core::{BranchName, ChangedFile};

use super::{default_branch, tips};
use crate::app::ports::{BranchTip, Uncommitted, WorkError};
use crate::git::branches_repo::{BranchesRepo, failed_to};

/// Returns the files of `default...branch`, or `None` when one of the two, or where they parted,
/// cannot be found. What is not committed is not part of a branch that is done.
pub(super) fn changed_files(
    repo: &BranchesRepo,
    branch: &BranchName,
) -> Result<Option<Vec<ChangedFile>>, WorkError> {
    let default = default_branch::default_branch(repo)?;
    // A remote that cannot be reached leaves us what we know of it, which answers most of the time.
    let _ = repo.fetch(&[branch.clone(), default.clone()]);
    let tip = commit(tips::own_tip(repo, branch, Uncommitted::Left)?);
    let (Some(base), Some(tip)) = (default_tip(repo, &default)?, tip) else {
        return Ok(None);
    };
    let Some(parted) = repo.merge_base(&base, &tip)? else {
        return Ok(None);
    };
    let args = ["diff-tree", "-r", "-z", "-M", "--name-status", "--end-of-options"];
    let failed = failed_to("list the changed files");
    let output = repo.call().args(args).args([&parted, &tip]).run().map_err(failed)?;
    parse_name_status(&output.success().map_err(failed)?.text()).map(Some)
}

/// Returns the tip of the default branch, the remote's if there is one.
fn default_tip(repo: &BranchesRepo, default: &BranchName) -> Result<Option<String>, WorkError> {
    if let Some(tip) = commit(tips::remote_tip(repo, default)?) {
        return Ok(Some(tip));
    }
    let user = repo.user();
    match user.ref_commit(&format!("refs/remotes/{}/{default}", user.remote))? {
        Some(tip) => Ok(Some(tip)),
        None => user.ref_commit(&default.to_ref()),
    }
}

fn commit(tip: BranchTip) -> Option<String> {
    match tip {
        BranchTip::At { commit, .. } => Some(commit),
        BranchTip::NotPushed => None,
    }
}

/// Parses "M\0src/a.rs\0R087\0old.rs\0new.rs\0": a letter, then one path, or two when it moved.
fn parse_name_status(text: &str) -> Result<Vec<ChangedFile>, WorkError> {
    let mut fields = text.split('\0');
    let mut files = Vec::new();
    while let Some(status) = fields.next().filter(|status| !status.is_empty()) {
        let first = fields.next();
        let path = match status.starts_with(['R', 'C']) {
            true => fields.next(),
            false => first,
        };
        let Some(path) = path.filter(|path| !path.is_empty()) else {
            let detail = format!("`{}` names no file", text.escape_debug());
            return Err(WorkError::Git { doing: "list the changed files", detail });
        };
        files.push(ChangedFile { status: status.to_owned(), path: path.to_owned() });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_file_is_listed_where_it_is_now() {
        let files = parse_name_status("M\0a.rs\0R087\0old.rs\0new.rs\0D\0gone.rs\0").unwrap();
        let shown: Vec<_> = files.iter().map(|file| format!("{} {}", file.status, file.path)).collect();
        assert_eq!(shown, ["M a.rs", "R087 new.rs", "D gone.rs"]);
        assert_eq!(parse_name_status("").unwrap(), []);
        assert!(parse_name_status("M\0").is_err());
    }
}
