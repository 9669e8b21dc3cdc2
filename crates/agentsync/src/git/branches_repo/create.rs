//! Makes the private repository, once for all processes of a clone.

use std::io;
use std::path::{Path, PathBuf};

use super::BranchesRepo;
use crate::app::ports::WorkError;
use crate::git::command::Output;

/// The file that says what the repository was made for.
const MADE_FOR: &str = "made-for";
/// This many loose objects in one of 256 folders mean some ten thousand in all.
const MAX_LOOSE_IN_FOLDER: usize = 40;
/// More files than this in the folder of packs slow every call down.
const MAX_PACK_FILES: usize = 200;

pub(super) fn ensure(repo: &BranchesRepo) -> Result<(), WorkError> {
    if fits(repo) {
        return Ok(());
    }
    let new = prepare(repo)?;
    // When another process was quicker, its repository will do, and is in use already.
    if std::fs::rename(&new, &repo.dir).is_ok() {
        return Ok(());
    }
    match fits(repo) {
        true => {
            let _ = std::fs::remove_dir_all(&new);
            Ok(())
        }
        false => replace(repo, &new),
    }
}

/// Makes the repository anew, out of sight, and puts it in place of the old one.
pub(super) fn recreate(repo: &BranchesRepo) -> Result<(), WorkError> {
    let new = prepare(repo)?;
    replace(repo, &new)
}

fn fits(repo: &BranchesRepo) -> bool {
    std::fs::read_to_string(repo.dir.join(MADE_FOR)).is_ok_and(|made_for| made_for == purpose(repo))
}

fn prepare(repo: &BranchesRepo) -> Result<PathBuf, WorkError> {
    let home = repo.dir.parent().unwrap_or(&repo.dir);
    std::fs::create_dir_all(home).map_err(|err| failed(repo, &err))?;
    let new = beside(&repo.dir, "new");
    init(repo, &new)?;
    fill(repo, &new).map_err(|err| failed(repo, &err))?;
    Ok(new)
}

fn replace(repo: &BranchesRepo, new: &Path) -> Result<(), WorkError> {
    let old = beside(&repo.dir, "old");
    let _ = std::fs::rename(&repo.dir, &old);
    let placed = std::fs::rename(new, &repo.dir);
    let _ = std::fs::remove_dir_all(&old);
    if let Err(err) = placed {
        let _ = std::fs::remove_dir_all(new);
        // The other process that put its own there in between made the same.
        return if fits(repo) { Ok(()) } else { Err(failed(repo, &err)) };
    }
    Ok(())
}

fn failed(repo: &BranchesRepo, err: &io::Error) -> WorkError {
    let detail = format!("`{}`: {err}", repo.dir.display());
    WorkError::Git { doing: "create its private repository", detail }
}

/// Tells whether so much has gathered that a new one is cheaper than sweeping: throwing it away costs
/// 20 ms, collecting the garbage of 20,000 loose objects twelve seconds.
pub(super) fn is_big(repo: &BranchesRepo) -> bool {
    let count = |folder: &str| std::fs::read_dir(repo.dir.join(folder)).map_or(0, Iterator::count);
    MAX_LOOSE_IN_FOLDER < count("objects/17") || MAX_PACK_FILES < count("objects/pack")
}

fn init(repo: &BranchesRepo, dir: &Path) -> Result<(), WorkError> {
    let format = format!("--object-format={}", repo.user.object_format.as_str());
    // Git before 2.45 knows nothing but files and refuses the option.
    for more in [&["--ref-format=files"][..], &[]] {
        let call = repo.git.nowhere().args(["init", "--quiet", "--bare", "--template=", &format]).args(more);
        match call.args([dir]).run().and_then(Output::success) {
            Ok(_) => return Ok(()),
            Err(_) if !more.is_empty() => {}
            Err(err) => {
                return Err(WorkError::Git {
                    doing: "create its private repository",
                    detail: err.to_string(),
                });
            }
        }
    }
    Ok(())
}

fn fill(repo: &BranchesRepo, dir: &Path) -> io::Result<()> {
    let objects = repo.user.common_dir.join("objects");
    std::fs::create_dir_all(dir.join("objects/info"))?;
    std::fs::write(dir.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    // Without it git would look for parents that the user's clone does not have.
    if let Some(shallow) = shallow(repo) {
        std::fs::write(dir.join("shallow"), shallow)?;
    }
    std::fs::write(dir.join(MADE_FOR), purpose(repo))
}

/// Says what the repository must fit; when any of it changes, it is made anew.
fn purpose(repo: &BranchesRepo) -> String {
    let user = &repo.user;
    // The address itself may hold a secret; the branches of another one are not ours to show.
    let address = user.address.as_deref().map_or(0, fingerprint);
    let shallow = shallow(repo).as_deref().map_or(0, fingerprint);
    let objects = user.common_dir.display();
    format!("1 {} {address:016x} {shallow:016x} {objects}\n", user.object_format.as_str())
}

fn shallow(repo: &BranchesRepo) -> Option<String> {
    std::fs::read_to_string(repo.user.common_dir.join("shallow")).ok().filter(|text| !text.is_empty())
}

/// Returns the FNV-1a hash of a text: the same in every version of the program, unlike the standard one.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn beside(dir: &Path, what: &str) -> PathBuf {
    dir.with_file_name(format!("branches.{what}-{}-{:08x}", std::process::id(), fastrand::u32(..)))
}
