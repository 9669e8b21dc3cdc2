//! What is said to a remote, and what its answers mean.
//!
//! The words of git are a hint; what the branch holds afterwards is the truth.

use std::time::Duration;

use agentsync_core::BranchName;

use super::site::{Remote, Site};
use crate::app::ports::StoreError;
use crate::git::command::{Call, Git, GitError, Output};

/// How a push ended, as far as git's words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The ref is ours.
    Done,
    /// The ref was not what we expected: somebody wrote first.
    Stale,
    /// No plain answer.
    Unclear(String),
}

/// How a fetch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The branch is there, and its commits are in the private ref.
    Here,
    /// There is no such branch.
    Absent,
    /// Another process is writing the private ref at this moment.
    Locked,
}

/// How much of the history to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The tip alone, for a first look.
    Tip,
    /// What is new.
    New,
    /// This many commits more than there are.
    Deeper(u32),
}

/// Fetches the coordination branch into `private_ref` of the repository at `git_dir`.
pub fn fetch(
    git: &Git,
    site: &Site,
    remote: &Remote,
    private_ref: &str,
    depth: Depth,
) -> Result<Fetched, StoreError> {
    let depth = match depth {
        Depth::Tip => Some("--depth=1".to_owned()),
        Depth::New => None,
        Depth::Deeper(n) => Some(format!("--deepen={n}")),
    };
    let refspec = format!("+{}:{private_ref}", site.branch.to_ref());
    let output = proactive(site.call(git), &remote.fetch_url)
        .args([
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--refmap=",
        ])
        .args(depth)
        .args(["--end-of-options", &remote.fetch_url, &refspec])
        .run()
        .map_err(|err| unreachable(remote, &err))?;
    match output.code {
        0 => Ok(Fetched::Here),
        // fatal: couldn't find remote ref refs/heads/agentsync
        _ if output.stderr.contains("couldn't find remote ref") => Ok(Fetched::Absent),
        // error: cannot lock ref 'refs/agentsync/tip': is at 63c2… but expected 7d1f…
        // error: cannot lock ref 'refs/agentsync/tip': Unable to create '….lock': File exists.
        // fatal: Unable to create '…/board.git/shallow.lock': File exists.
        // fatal: shallow file has changed since we read it
        _ if ["cannot lock ref", ".lock': File exists", "shallow file has changed"]
            .iter()
            .any(|words| output.stderr.contains(words)) =>
        {
            Ok(Fetched::Locked)
        }
        _ => Err(refusal(remote, &site.branch, &output.stderr)),
    }
}

/// Pushes `commit` to the branch, if the branch is still at `expected` (`None`: not there).
pub fn push(
    git: &Git,
    site: &Site,
    remote: &Remote,
    commit: &str,
    expected: Option<&str>,
) -> Result<Pushed, StoreError> {
    push_with(git, site, remote, commit, expected, None)
}

/// Goes through a push up to the point where something would change.
pub fn try_push(
    git: &Git,
    site: &Site,
    remote: &Remote,
    commit: &str,
    expected: Option<&str>,
) -> Result<Pushed, StoreError> {
    push_with(git, site, remote, commit, expected, Some("--dry-run"))
}

fn push_with(
    git: &Git,
    site: &Site,
    remote: &Remote,
    commit: &str,
    expected: Option<&str>,
    flag: Option<&str>,
) -> Result<Pushed, StoreError> {
    let target = site.branch.to_ref();
    let lease = format!("--force-with-lease={target}:{}", expected.unwrap_or_default());
    let result = proactive(site.call(git), &remote.push_url)
        .args(["push", "--porcelain", "--no-verify", &lease])
        .args(flag)
        .args(["--end-of-options"])
        // No `+`: a forced refspec would ignore the lease.
        .args([&remote.push_url, &format!("{commit}:{target}")])
        .run();
    match result {
        Ok(output) => conclude_push(remote, &site.branch, &output),
        Err(GitError::TimedOut { limit, .. }) => {
            Ok(Pushed::Unclear(format!("no answer within {} s", Duration::as_secs(&limit))))
        }
        Err(err) => Err(unreachable(remote, &err)),
    }
}

/// Sends credentials with the first request over https, which saves a refused round trip.
/// Versions before 2.46 do not know the setting and go on as before.
fn proactive<'a>(call: Call<'a>, url: &str) -> Call<'a> {
    match url.starts_with("https://") {
        true => call.config(format!("http.{url}.proactiveAuth=basic")),
        false => call,
    }
}

/// Says what a push came to, from lines such as
/// `!\t<commit>:refs/heads/agentsync\t[rejected] (stale info)`.
fn conclude_push(remote: &Remote, branch: &BranchName, output: &Output) -> Result<Pushed, StoreError> {
    let text = output.text();
    let line = text.lines().find(|line| line.contains(&format!(":{}\t", branch.to_ref())));
    match (output.code, line) {
        (0, Some(line)) if !line.starts_with('!') => Ok(Pushed::Done),
        (_, Some(line)) if lost_race(line, &output.stderr) => Ok(Pushed::Stale),
        (_, Some(line)) if line.starts_with('!') => {
            let what = line.rsplit('\t').next().unwrap_or_default();
            let said = remote_words(&output.stderr);
            let detail = if said.is_empty() { what.to_owned() } else { format!("{what}: {said}") };
            Err(StoreError::PushRefused {
                remote: remote.shown.clone(),
                branch: branch.as_str().to_owned(),
                detail: agentsync_core::text::escape(&detail),
            })
        }
        _ if was_never_sent(&output.stderr) => Err(refusal(remote, branch, &output.stderr)),
        _ => Ok(Pushed::Unclear(last_words(&output.stderr))),
    }
}

/// Tells whether a refused push means that somebody wrote first. The client says it in one way, and
/// a server that two pushes reach at once in several others.
fn lost_race(line: &str, stderr: &str) -> bool {
    let client = ["stale info", "fetch first", "non-fast-forward", "already exists", "incorrect old value"];
    let server = ["failed to update ref", "cannot lock ref", "failed to lock", "reference already exists"];
    line.starts_with('!')
        && !line.contains("hook declined")
        && (client.iter().any(|word| line.contains(word))
            || server.iter().any(|word| line.contains(word) || stderr.contains(word)))
}

/// Tells whether git failed before anything was sent, so that nothing can arrive later.
fn was_never_sent(stderr: &str) -> bool {
    [
        "Could not resolve host",
        "Couldn't resolve host",
        "Failed to connect",
        "Couldn't connect",
        "Connection refused",
        "does not appear to be a git repository",
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied (",
        "Host key verification failed",
        "not found",
        "does not exist",
        "transport '",
        "mismatched algorithms",
        "does not support this repository's hash algorithm",
        "returned error: 403",
        "returned error: 401",
        "dubious ownership",
    ]
    .iter()
    .any(|words| stderr.contains(words))
}

fn unreachable(remote: &Remote, err: &GitError) -> StoreError {
    StoreError::Unreachable { remote: remote.shown.clone(), detail: err.to_string() }
}

/// Says why a remote did not do what it was asked, from what git said.
fn refusal(remote: &Remote, branch: &BranchName, stderr: &str) -> StoreError {
    let any = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let (remote, detail) = (remote.shown.clone(), last_words(stderr));
    if any(&["mismatched algorithms", "hash algorithm"]) {
        // fatal: mismatched algorithms: client sha256; server sha1
        let word_after = |key: &str| {
            let rest = stderr.split(key).nth(1).unwrap_or_default();
            rest.split_whitespace().next().unwrap_or("other").trim_end_matches(';').to_owned()
        };
        return StoreError::OtherHash { remote, theirs: word_after("server "), ours: word_after("client ") };
    }
    let no_access = [
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied",
        "returned error: 401",
        "returned error: 403",
        "access denied",
    ];
    match any(&no_access) {
        true if stderr.contains("unable to write") || stderr.contains("unpack") => {
            StoreError::PushRefused { remote, branch: branch.as_str().to_owned(), detail }
        }
        true => StoreError::Unauthorized { remote, detail },
        false => StoreError::Unreachable { remote, detail },
    }
}

/// Returns what the remote itself said: the lines git marks with `remote: `.
fn remote_words(stderr: &str) -> String {
    let lines = stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).map(str::trim);
    let said: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    agentsync_core::text::cut(&said.join("; "), 300)
}

/// Returns the lines of an error that say what is wrong.
fn last_words(stderr: &str) -> String {
    let told =
        |line: &&str| line.starts_with("fatal:") || line.starts_with("error:") || line.starts_with("remote:");
    let lines: Vec<&str> = stderr.lines().filter(told).collect();
    let text = if lines.is_empty() { stderr.trim().to_owned() } else { lines.join("; ") };
    agentsync_core::text::cut(&agentsync_core::text::one_line(&text), 300)
}
