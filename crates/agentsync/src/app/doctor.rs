//! Says what is well and what is not, from facts that others have gathered.

use agentsync_core::Timestamp;

use super::ports::{Alarm, Diagnosis};

/// The oldest git that can do all we ask: `git merge-tree --write-tree` came with it.
const OLDEST_GIT: (u32, u32) = (2, 38);
/// A clock may be this far behind the newest commit before it is called wrong, in minutes.
const CLOCK_MINUTES: f64 = 5.0;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Good,
    /// It is not, and something will fail.
    Bad,
    /// Good to know; it was not looked at, or need not be there.
    Note,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub fix: Option<String>,
}

/// Something that was tried: what came of it, or what failed and how to put it right.
pub type Tried<T> = Result<T, (String, String)>;

/// What was found out.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The first line of `git version`.
    pub git: Tried<String>,
    /// Where the repository is; nothing below is known without one.
    pub repo: Tried<RepoFacts>,
    /// The first line of `gh --version`; `None` when it is not there.
    pub gh: Option<String>,
}

/// What was found out about a repository.
#[derive(Debug, Clone)]
pub struct RepoFacts {
    /// Its folder.
    pub folder: String,
    /// The agent's id, and where it comes from.
    pub agent: (String, String),
    /// The remote's name, and its address without secrets; `None` when the board is a local ref.
    pub remote: (String, Option<String>),
    /// The coordination branch.
    pub branch: String,
    /// What reading the board gave: the number of active claims.
    pub read: Tried<usize>,
    /// Whether the id is held from elsewhere.
    pub held_elsewhere: Option<String>,
    /// The alarm that reading raised.
    pub alarm: Option<Alarm>,
    /// What is wrong with the board; `None` when it could not be looked at.
    pub diagnosis: Option<Diagnosis>,
    /// Whether a push would be taken, as far as one can tell without pushing.
    pub push: Tried<()>,
    /// When the newest commit of the board was made.
    pub newest: Option<Timestamp>,
    /// What the clock says.
    pub now: Timestamp,
    /// The folder of our private files, and how many bytes they have.
    pub private: Tried<(String, u64)>,
}

/// Draws the conclusions.
pub fn conclude(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![git(&facts.git)];
    match &facts.repo {
        Err((what, fix)) => checks.push(bad("repository", what.clone(), fix.clone())),
        Ok(repo) => checks.extend(of_repo(repo)),
    }
    checks.push(match &facts.gh {
        Some(version) => good("gh", version.clone()),
        None => note("gh", "not installed: finish() and provision() need GitHub's `gh`, nothing else does"),
    });
    checks
}

fn of_repo(repo: &RepoFacts) -> Vec<Check> {
    let mut checks = vec![good("repository", repo.folder.clone()), agent(repo)];
    checks.push(match &repo.remote {
        (name, None) => note("remote", &format!("no remote `{name}`: the board is seen by this clone alone")),
        (name, Some(address)) => match &repo.read {
            Ok(_) => good("remote", format!("{name} answers: {address}")),
            Err((what, fix)) => bad("remote", what.clone(), fix.clone()),
        },
    });
    checks.push(board(repo));
    checks.push(match (&repo.push, &repo.read) {
        (_, Err(_)) => note("push", "not tried"),
        (Ok(()), Ok(_)) => good("push", format!("a dry push to `{}` is taken", repo.branch)),
        (Err((what, fix)), Ok(_)) => bad("push", what.clone(), fix.clone()),
    });
    if repo.remote.1.is_some() {
        checks.push(note(
            "protection",
            "hooks and branch rules of the remote show only when something is pushed; a claim that they refuse says so",
        ));
    }
    checks.push(clock(repo));
    checks.push(match &repo.private {
        Ok((path, n_bytes)) => good("cache", format!("{path}, {} KiB", n_bytes / 1024)),
        Err((what, fix)) => bad("cache", what.clone(), fix.clone()),
    });
    checks
}

fn git(git: &Tried<String>) -> Check {
    let fix = "install git 2.38 or newer".to_owned();
    match git {
        Err((what, _)) => bad("git", what.clone(), fix),
        Ok(text) => match parse_version(text) {
            Some(version) if version < OLDEST_GIT => {
                bad("git", format!("{text} is too old for trial merges"), fix)
            }
            Some(_) | None => good("git", text.clone()),
        },
    }
}

/// Parses "git version 2.43.0".
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(' ').nth(2)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn agent(repo: &RepoFacts) -> Check {
    let (id, source) = &repo.agent;
    match &repo.held_elsewhere {
        Some(instance) => bad(
            "agent",
            format!("`{id}` (from {source}) holds a claim from another clone or worktree ({instance})"),
            "choose another id here: `agentsync init --agent <id>`; if that one is gone, claim with --force"
                .to_owned(),
        ),
        None => good("agent", format!("{id} (from {source})")),
    }
}

fn board(repo: &RepoFacts) -> Check {
    let repair = "run `agentsync repair`".to_owned();
    if let Some(alarm) = &repo.alarm {
        return bad("board", alarm.to_string(), repair);
    }
    match (&repo.diagnosis, &repo.read) {
        (Some(Diagnosis::Unreadable { why, .. }), _) => {
            bad("board", format!("claims.json cannot be read: {why}"), repair)
        }
        (Some(Diagnosis::Deleted { .. }), _) => {
            bad("board", "the coordination branch was deleted".to_owned(), repair)
        }
        (Some(Diagnosis::Rewritten { .. }), _) => {
            bad("board", "the coordination branch was rolled back or rewritten".to_owned(), repair)
        }
        (Some(Diagnosis::Sound { tip: None }), Ok(_)) => {
            note("board", &format!("there is no branch `{}` yet: the first claim makes it", repo.branch))
        }
        (Some(Diagnosis::Sound { .. }) | None, Ok(n_active)) => {
            good("board", format!("`{}` can be read: {n_active} active claims", repo.branch))
        }
        (Some(Diagnosis::Sound { .. }) | None, Err(_)) => note("board", "not looked at"),
    }
}

fn clock(repo: &RepoFacts) -> Check {
    let Some(newest) = repo.newest else {
        return note("clock", "nothing on the board to compare it with");
    };
    let minutes = repo.now.hours_until(newest) * 60.0;
    match minutes > CLOCK_MINUTES {
        true => bad(
            "clock",
            format!("{minutes:.0} minutes behind the newest change of the board"),
            "set this machine's clock, or tell whoever wrote that change".to_owned(),
        ),
        false => good("clock", "not behind the board".to_owned()),
    }
}

fn good(name: &'static str, detail: String) -> Check {
    Check { name, verdict: Verdict::Good, detail, fix: None }
}

fn bad(name: &'static str, detail: String, fix: String) -> Check {
    Check { name, verdict: Verdict::Bad, detail, fix: Some(fix) }
}

fn note(name: &'static str, detail: &str) -> Check {
    Check { name, verdict: Verdict::Note, detail: detail.to_owned(), fix: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_with_whatever_follows_it() {
        assert_eq!(parse_version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(parse_version("git version 2.47.1.windows.2"), Some((2, 47)));
        assert_eq!(git(&Ok("git version 2.34.1".to_owned())).verdict, Verdict::Bad);
    }
}
