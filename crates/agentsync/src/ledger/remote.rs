//! What is said to a remote, and what its answers mean.
//!
//! The words of git are a hint; what the branch holds afterwards is the truth.

use std::path::Path;
use std::time::Duration;

use agentsync_core::BranchName;

use super::site::{Remote, Site};
use crate::app::ports::StoreError;
use crate::git::command::{Call, Git, GitError};

/// How a push ended, as far as git's words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The ref is ours.
    Done,
    /// The ref is not what we expect: somebody wrote first. Nothing was sent.
    Stale,
    /// The same, and the remote found it out, once it had been sent what to write.
    Refused,
    /// The host asks to be left alone for so long; nothing was sent.
    Later(Duration),
    /// No plain answer, perhaps with a wish to be left alone for so long.
    Unclear(String, Option<Duration>),
}

/// How long a host is left alone that had too many requests and does not say for how long.
const PAUSE: Duration = Duration::from_secs(60);

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
    /// All of it, where the end is cut off.
    All,
    /// This many commits more than there are.
    Deeper(u32),
}

/// Fetches the coordination branch into `private_ref` of the repository at `git_dir`.
pub fn fetch(
    git: &Git,
    git_dir: &Path,
    site: &Site,
    remote: &Remote,
    private_ref: &str,
    depth: Depth,
) -> Result<Fetched, StoreError> {
    let depth = match depth {
        Depth::Tip => Some("--depth=1".to_owned()),
        Depth::New => None,
        Depth::All => Some("--unshallow".to_owned()),
        Depth::Deeper(n) => Some(format!("--deepen={n}")),
    };
    let refspec = format!("+{}:{private_ref}", site.branch.to_ref());
    let output = proactive(site.call(git, git_dir), &remote.fetch_url)
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
    conclude_fetch(remote, &site.branch, output.code, &output.stderr)
}

/// Says what a fetch came to, from its exit code and what git said.
pub fn conclude_fetch(
    remote: &Remote,
    branch: &BranchName,
    code: i32,
    stderr: &str,
) -> Result<Fetched, StoreError> {
    match code {
        0 => Ok(Fetched::Here),
        // fatal: couldn't find remote ref refs/heads/agentsync
        _ if stderr.contains("couldn't find remote ref") => Ok(Fetched::Absent),
        // error: cannot lock ref 'refs/agentsync/tip': is at 63c2… but expected 7d1f…
        // error: cannot lock ref 'refs/agentsync/tip': Unable to create '….lock': File exists.
        // fatal: Unable to create '…/board.git/shallow.lock': File exists.
        // fatal: shallow file has changed since we read it
        _ if ["cannot lock ref", ".lock': File exists", "shallow file has changed"]
            .iter()
            .any(|words| stderr.contains(words)) =>
        {
            Ok(Fetched::Locked)
        }
        _ => Err(refusal(remote, branch, stderr)),
    }
}

/// Pushes `commit` to the branch, if the branch is still at `expected` (`None`: not there).
///
/// With `--dry-run` among the `flags` it stops where something would change.
pub fn push(
    git: &Git,
    git_dir: &Path,
    site: &Site,
    remote: &Remote,
    commit: &str,
    expected: Option<&str>,
    flags: &[&str],
) -> Result<Pushed, StoreError> {
    let target = site.branch.to_ref();
    let lease = format!("--force-with-lease={target}:{}", expected.unwrap_or_default());
    let result = proactive(site.call(git, git_dir), &remote.push_url)
        // A few small objects are packed before a second thread has begun.
        .config("pack.threads=1".to_owned())
        .args(["push", "--porcelain", "--no-verify", &lease])
        .args(flags)
        .args(["--end-of-options"])
        // No `+`: a forced refspec would ignore the lease.
        .args([&remote.push_url, &format!("{commit}:{target}")])
        .run();
    match result {
        Ok(output) => conclude_push(remote, &site.branch, &output.text(), &output.stderr),
        Err(GitError::TimedOut { limit, .. }) => {
            Ok(Pushed::Unclear(format!("no answer within {} s", Duration::as_secs(&limit)), None))
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
///
/// The exit code says nothing that the line does not: it is 0 only beside a line without `!`.
pub fn conclude_push(
    remote: &Remote,
    branch: &BranchName,
    stdout: &str,
    stderr: &str,
) -> Result<Pushed, StoreError> {
    let line = stdout.lines().find(|line| line.contains(&format!(":{}\t", branch.to_ref())));
    let what = line.and_then(|line| line.strip_prefix('!')).and_then(|line| line.rsplit('\t').next());
    if let (None, Some(pause)) = (line, pause_asked_for(stderr)) {
        // error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429
        // fatal: unable to access 'http://…/': The requested URL returned error: 429
        return Ok(match stderr.contains("RPC failed") {
            true => Pushed::Unclear(last_words(stderr), Some(pause)),
            false => Pushed::Later(pause),
        });
    }
    match (line, what) {
        (Some(_), None) => Ok(Pushed::Done),
        (_, Some(what)) if lost_race(what, stderr) => Ok(match what.starts_with("[remote rejected]") {
            true => Pushed::Refused,
            false => Pushed::Stale,
        }),
        // `[remote failure] (remote failed to report status)`: it may have moved the ref.
        (_, Some(what)) if what.starts_with("[remote failure]") => {
            Ok(Pushed::Unclear(agentsync_core::text::escape(what), None))
        }
        (_, Some(what)) if what.contains("unpacker error") => Err(cannot_store(remote, stderr)),
        (_, Some(what)) => {
            let said = remote_words(stderr);
            let detail = if said.is_empty() { what.to_owned() } else { format!("{what}: {said}") };
            Err(StoreError::PushRefused {
                remote: remote.shown.clone(),
                branch: branch.as_str().to_owned(),
                detail: agentsync_core::text::escape(&detail),
            })
        }
        (None, None) if stderr.contains("returned error: 403") => {
            Err(StoreError::ReadOnly { remote: remote.shown.clone(), detail: last_words(stderr) })
        }
        (None, None) if was_never_sent(stderr) => Err(refusal(remote, branch, stderr)),
        (None, None) => Ok(Pushed::Unclear(last_words(stderr), None)),
    }
}

/// Returns for how long a host wants to be left alone, if it said that there were too many requests.
///
/// Git shows the status, and `Retry-After` only where the host repeats it in words.
fn pause_asked_for(stderr: &str) -> Option<Duration> {
    let words = stderr.to_ascii_lowercase();
    let is_asked = ["error: 429", "http 429", "too many requests"].iter().any(|said| words.contains(said));
    let after = words.split_once("retry-after").or_else(|| words.split_once("retry after"));
    let number = after.map(|(_, rest)| rest.trim_start_matches([':', ' ']));
    let digits = number.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let seconds = digits.and_then(|digits| digits.parse().ok()).filter(|seconds| *seconds > 0);
    is_asked.then(|| seconds.map_or(PAUSE, Duration::from_secs))
}

/// Says why a remote could not store what it was sent.
///
/// `remote: fatal: unable to write loose object file: No space left on device`, or, on a disk that is
/// read-only as on one that belongs to somebody else,
/// `error: remote unpack failed: unable to create temporary object directory`.
fn cannot_store(remote: &Remote, stderr: &str) -> StoreError {
    let (shown, detail) = (remote.shown.clone(), last_words(stderr));
    let is_full =
        ["No space left", "quota", "maximum allowed size"].iter().any(|words| stderr.contains(words));
    match is_full {
        true => StoreError::RemoteFull { remote: shown, detail },
        false => StoreError::ReadOnly { remote: shown, detail },
    }
}

/// Tells whether a refused push means that somebody wrote first. The client says it in one way, and
/// a server that two pushes reach at once in several others.
fn lost_race(what: &str, stderr: &str) -> bool {
    let client = ["stale info", "fetch first", "non-fast-forward", "already exists", "incorrect old value"];
    let server = ["failed to update ref", "cannot lock ref", "failed to lock", "reference already exists"];
    !what.contains("hook declined")
        && (client.iter().any(|word| what.contains(word))
            || server.iter().any(|word| what.contains(word) || stderr.contains(word)))
}

/// Tells whether git failed before anything was sent, so that nothing can arrive later.
///
/// Only git's own words count: a hook that ran after the ref had moved may say anything. And they count
/// only before the push itself: libcurl repeats by itself what it sent on a connection that closed
/// without an answer, so that `error: RPC failed; curl 7 Failed to connect to …` may speak of the second
/// try of a push that has arrived. A refusal of our login would have met the first one as well.
fn was_never_sent(stderr: &str) -> bool {
    let own = |line: &&str| !line.starts_with("remote:");
    let stderr = stderr.lines().filter(own).collect::<Vec<_>>().join("\n");
    let before = [
        "Could not resolve host",
        "Couldn't resolve host",
        "Failed to connect",
        "Couldn't connect",
        "Connection refused",
        "does not appear to be a git repository",
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "unable to get password from user",
        "Permission denied (",
        "Host key verification failed",
        "not found",
        "does not exist",
        "transport '",
        "mismatched algorithms",
        "does not support this repository's hash algorithm",
        "dubious ownership",
    ];
    let refused = ["returned error: 403", "returned error: 401"];
    let any = |words: &[&str]| words.iter().any(|words| stderr.contains(words));
    any(&refused) || (any(&before) && !stderr.contains("RPC failed"))
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
        "unable to get password from user",
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

/// Returns what the remote itself said: the lines git marks with `remote: `. One that is indented goes
/// on with what the line before says.
fn remote_words(stderr: &str) -> String {
    let mut said = String::new();
    for line in stderr.lines().filter_map(|line| line.strip_prefix("remote: ")) {
        let text = line.trim();
        if !said.is_empty() && !text.is_empty() {
            said.push_str(if line.starts_with("  ") { " " } else { "; " });
        }
        said.push_str(text);
    }
    agentsync_core::text::cut(&said, 600)
}

/// Returns the lines of an error that say what is wrong.
fn last_words(stderr: &str) -> String {
    let told =
        |line: &&str| line.starts_with("fatal:") || line.starts_with("error:") || line.starts_with("remote:");
    let lines: Vec<&str> = stderr.lines().filter(told).collect();
    let text = if lines.is_empty() { stderr.trim().to_owned() } else { lines.join("; ") };
    agentsync_core::text::cut(&agentsync_core::text::one_line(&text), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REF: &str = "To hub.git\n?\t1234:refs/heads/agentsync\t?\n";

    fn conclude(flag: &str, what: &str, stderr: &str) -> String {
        let remote = Remote { fetch_url: String::new(), push_url: String::new(), shown: "hub".to_owned() };
        let branch = BranchName::parse("agentsync").unwrap();
        let stdout = match flag {
            "" => String::new(),
            _ => REF.replacen('?', flag, 1).replace('?', what),
        };
        match conclude_push(&remote, &branch, &stdout, stderr) {
            Ok(Pushed::Unclear(why, None)) => format!("Unclear({why:?})"),
            Ok(pushed) => format!("{pushed:?}"),
            Err(err) => err.to_string(),
        }
    }

    #[test]
    fn a_ref_that_moved_is_done() {
        assert_eq!(conclude(" ", "1111..2222", ""), "Done");
        assert_eq!(conclude("*", "[new branch]", ""), "Done");
        assert_eq!(conclude("=", "[up to date]", ""), "Done");
    }

    #[test]
    fn r_08_a_lost_race_is_known_by_the_words_of_either_side() {
        assert_eq!(conclude("!", "[rejected] (stale info)", ""), "Stale");
        assert_eq!(conclude("!", "[remote rejected] (failed to update ref)", ""), "Refused");
        let server = "remote: error: cannot lock ref 'refs/heads/agentsync': is at 1 but expected 2";
        assert_eq!(conclude("!", "[remote rejected] (internal server error)", server), "Refused");
    }

    #[test]
    fn r_13_a_refusal_is_quoted() {
        let want = "the remote `hub` refuses the push to `agentsync`: [remote rejected] (pre-receive hook declined): no pushes here";
        let said = "remote: no pushes here\nerror: failed to push some refs";
        assert_eq!(conclude("!", "[remote rejected] (pre-receive hook declined)", said), want);
        let said = "remote: no pushes        \nremote:   here        \nremote: \nremote: ask bob";
        let refusal = conclude("!", "[remote rejected] (pre-receive hook declined)", said);
        assert_eq!(refusal, format!("{want}; ask bob"));
    }

    #[test]
    fn a_remote_that_reports_nothing_may_have_moved_the_ref() {
        let what = "[remote failure] (remote failed to report status)";
        assert_eq!(conclude("!", what, ""), format!("Unclear({what:?})"));
        // The report is not escaped on its way here, as what git says on its standard error is.
        let steers = "[remote failure] (\u{1b}[2J)";
        assert_eq!(conclude("!", steers, ""), format!("Unclear({:?})", "[remote failure] (\\u{1b}[2J)"));
        let hung_up = "fatal: the remote end hung up unexpectedly";
        assert_eq!(conclude("", "", hung_up), format!("Unclear({hung_up:?})"));
    }

    #[test]
    fn a_host_that_had_too_many_requests_is_left_alone() {
        let url = "The requested URL returned error: 429";
        let never_sent = format!("fatal: unable to access 'http://hub/': {url}");
        assert_eq!(conclude("", "", &never_sent), "Later(60s)");
        let told = format!("remote: Too many requests. Retry-After: 7\n{never_sent}");
        assert_eq!(conclude("", "", &told), "Later(7s)");
        // A gateway may say so after the push went through.
        let sent = format!("error: RPC failed; HTTP 429 curl 22 {url}");
        assert_eq!(conclude("", "", &sent), format!("Unclear({sent:?}, Some(60s))"));
    }

    #[test]
    fn a_push_that_was_repeated_to_a_host_that_is_down_by_then_may_have_arrived() {
        // What git 2.47 says of a push that was applied, whose host died before it answered.
        let said = "error: RPC failed; curl 7 Failed to connect to 127.0.0.1 port 18773 after 0 ms: Couldn't connect to server
send-pack: unexpected disconnect while reading sideband packet
fatal: the remote end hung up unexpectedly";
        assert!(conclude("", "", said).starts_with("Unclear"), "{}", conclude("", "", said));
        let forbidden = "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403";
        assert!(conclude("", "", forbidden).starts_with("you may read the board at `hub`"));
    }

    #[test]
    fn only_words_of_git_itself_mean_that_nothing_was_sent() {
        let refused = "fatal: unable to access 'http://hub/': Failed to connect to hub port 80";
        assert!(conclude("", "", refused).starts_with("cannot reach the remote `hub`"));
        let hook = "remote: notify: command not found\nfatal: the remote end hung up unexpectedly";
        assert!(conclude("", "", hook).starts_with("Unclear"), "{}", conclude("", "", hook));
    }
}
