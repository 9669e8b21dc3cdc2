//! Follows symbolic links inside the repository, so that both spellings of a path are known.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::path::Path;

use crate::app::ports::WorkError;
use crate::git::user_repo::UserRepo;

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// Returns where `path` leads when a part of it is a symbolic link, or `None` when none is.
///
/// Follows what lies in the work tree, and what HEAD tracks where the work tree has nothing: in a
/// bare or sparse clone. Parts that do not exist, such as those of a glob, lead nowhere else.
pub(super) fn resolve(user: &UserRepo, path: &str) -> Result<Option<String>, WorkError> {
    let mut ahead: VecDeque<String> = path.split('/').map(str::to_owned).collect();
    let mut behind: Vec<String> = Vec::new();
    let mut link = None;
    let mut n_links = 0;
    let tracked = Tracked::new(user);
    // How many parts are behind with the first that is not there: nothing is looked for below it.
    let mut n_missing = None;
    while let Some(part) = ahead.pop_front() {
        match part.as_str() {
            "" | "." => continue,
            ".." if behind.pop().is_some() => {
                n_missing = n_missing.filter(|at| *at <= behind.len());
                continue;
            }
            ".." => return Err(leaves(path, link.as_deref())),
            _ => behind.push(part),
        }
        if n_missing.is_some() {
            continue;
        }
        let here = behind.join("/");
        let target = match target_of(user, &tracked, &here)? {
            Found::Link(target) => target,
            Found::Other => continue,
            Found::Nothing => {
                n_missing = Some(behind.len());
                continue;
            }
        };
        n_links += 1;
        if MAX_LINKS < n_links {
            return Err(circles(path, &here));
        }
        behind.pop();
        if Path::new(&target).is_absolute() {
            behind.clear();
        }
        let target = inside(user, &target).ok_or_else(|| leaves(path, Some(&here)))?;
        target.split('/').rev().for_each(|part| ahead.push_front(part.to_owned()));
        link = Some(here);
    }
    let resolved = if behind.is_empty() { ".".to_owned() } else { behind.join("/") };
    Ok(link.map(|_| resolved))
}

/// Returns a link's target relative to the root when it is absolute, as it is otherwise, and `None`
/// when it is absolute and lies elsewhere.
fn inside(user: &UserRepo, target: &str) -> Option<String> {
    let target = Path::new(target);
    let roots = [user.work_dir.as_ref(), user.work_dir_as_found.as_ref()];
    let relative = match target.is_absolute() {
        true => roots.into_iter().flatten().find_map(|root| target.strip_prefix(root).ok())?,
        false => target,
    };
    Some(relative.to_string_lossy().into_owned())
}

/// What there is of a name.
enum Found {
    /// A link, with where it points.
    Link(String),
    /// Something else.
    Other,
    /// Nothing, and so nothing below it.
    Nothing,
}

/// Says what there is of a name in the work tree or, where that has nothing, in HEAD.
fn target_of(user: &UserRepo, tracked: &Tracked<'_>, path: &str) -> Result<Found, WorkError> {
    if let Some(work_dir) = &user.work_dir {
        let on_disk = work_dir.join(path);
        match std::fs::symlink_metadata(&on_disk) {
            Ok(found) if !found.is_symlink() => return Ok(Found::Other),
            Ok(_) => {
                let target = std::fs::read_link(&on_disk);
                return Ok(
                    target.map_or(Found::Other, |target| Found::Link(target.to_string_lossy().into_owned()))
                );
            }
            Err(_) => {}
        }
    }
    tracked.find(path)
}

/// What HEAD tracks, looked up when it is first asked for.
struct Tracked<'a> {
    user: &'a UserRepo,
    head: OnceCell<Option<gix::ObjectId>>,
}

impl<'a> Tracked<'a> {
    fn new(user: &'a UserRepo) -> Tracked<'a> {
        Tracked { user, head: OnceCell::new() }
    }

    fn find(&self, path: &str) -> Result<Found, WorkError> {
        let head = if let Some(head) = self.head.get() {
            *head
        } else {
            let head = self.user.head_commit()?;
            let head = head.and_then(|head| gix::ObjectId::from_hex(head.as_bytes()).ok());
            *self.head.get_or_init(|| head)
        };
        let Some(head) = head else { return Ok(Found::Nothing) };
        let repo = self.user.gix()?;
        let tree = repo.find_commit(head).ok().and_then(|commit| commit.tree().ok());
        let entry = tree.and_then(|tree| tree.lookup_entry_by_path(path).ok()?);
        Ok(match entry {
            None => Found::Nothing,
            Some(entry) if !entry.mode().is_link() => Found::Other,
            Some(entry) => entry
                .object()
                .map_or(Found::Other, |link| Found::Link(String::from_utf8_lossy(&link.data).into_owned())),
        })
    }
}

fn leaves(path: &str, link: Option<&str>) -> WorkError {
    WorkError::Repository {
        what: match link {
            Some(link) => format!("path `{path}` leaves the repository by the symbolic link `{link}`"),
            None => format!("path `{path}` leaves the repository"),
        },
        fix: "name paths that lie inside the repository".to_owned(),
    }
}

fn circles(path: &str, link: &str) -> WorkError {
    WorkError::Repository {
        what: format!("path `{path}` goes round in circles by the symbolic link `{link}`"),
        fix: "name paths that lead somewhere".to_owned(),
    }
}
