//! Clears away what a process left that died between making a file and moving it to its place.
//!
//! Such a file is named `PLACE.PID-RANDOM` (see `cache::beside`) and helps nobody. It goes once
//! it is older than any call can be; nothing else is touched.

use std::fs::{self, DirEntry};
use std::path::Path;
use std::time::Duration;

/// No call takes that long between making a file and moving it.
const OLD: Duration = Duration::from_secs(3600);
/// Git has a lock of the private repository for no longer than one call may take, by far.
const STALE: Duration = Duration::from_secs(300);

/// Clears away the old ones in a folder.
pub fn sweep(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if is_beside(&entry.file_name().to_string_lossy()) && is_older(&entry, OLD) {
            let _ = match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
        }
    }
}

/// Takes away locks that a git of ours left in the private repository when it was killed.
///
/// Moved first, so that of two who do this at once one finds nothing to move. Whoever makes a new lock
/// between the look at the old one's age and the move, a matter of microseconds, fetches once more.
pub fn break_stale_locks(git_dir: &Path) {
    for name in ["shallow.lock", "refs/agentsync/tip.lock"] {
        let lock = git_dir.join(name);
        let written = fs::symlink_metadata(&lock).and_then(|meta| meta.modified());
        let is_stale = written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= STALE));
        let aside = super::cache::beside(&git_dir.join("stale"));
        if is_stale && fs::rename(&lock, &aside).is_ok() {
            let _ = fs::remove_file(aside);
        }
    }
}

fn is_older(entry: &DirEntry, age: Duration) -> bool {
    let modified = entry.metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|found| found >= age))
}

fn is_beside(name: &str) -> bool {
    let end = name.rsplit_once('.').and_then(|(_, end)| end.split_once('-'));
    end.is_some_and(|(pid, random)| {
        !pid.is_empty()
            && pid.bytes().all(|byte| byte.is_ascii_digit())
            && random.len() == 8
            && random.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a file that looks old")]
    fn age(path: &Path, age: Duration) {
        File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn only_old_files_beside_a_place_go() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "seen.12-0badf00d",
            "board.git.77-01234567",
            "seen-a.b",
            "lead.lock",
            "1-2.waiting",
            "x.12-young000",
        ];
        for name in names {
            fs::write(dir.path().join(name), "").unwrap();
            age(&dir.path().join(name), OLD * 2);
        }
        fs::write(dir.path().join("pace.json.9-0badf00d"), "").unwrap();
        fs::remove_file(dir.path().join("board.git.77-01234567")).unwrap();
        fs::create_dir(dir.path().join("board.git.77-01234567")).unwrap();
        age(&dir.path().join("board.git.77-01234567"), OLD * 2);
        sweep(dir.path());
        let mut left: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["1-2.waiting", "lead.lock", "pace.json.9-0badf00d", "seen-a.b", "x.12-young000"]);
    }

    #[test]
    fn a_lock_is_broken_only_when_it_is_stale() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("shallow.lock");
        fs::write(&lock, "").unwrap();
        break_stale_locks(dir.path());
        assert!(lock.exists());
        age(&lock, STALE * 2);
        break_stale_locks(dir.path());
        assert!(!lock.exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
