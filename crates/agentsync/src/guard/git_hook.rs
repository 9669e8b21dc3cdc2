//! Git's own hooks: what is staged, or pushed, looked at before it is so. What fails on our side is said, and
//! lets the commit through unless the person wished otherwise.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::guard::{Me, Policy, Target};

use crate::app::failure::{Failure, UsageError};
use crate::app::guard::commits::{Act, Answer, Asked, Part, Span, check};
use crate::app::guard::{Scene, trailer};
use crate::app::ports::desk::Desk as _;
use crate::config::{self, Flags, HookSurroundings};
use crate::report::Exit;
use crate::wiring::hook::Hook;

/// The longest list of references that is read.
const MAX_BYTES: u64 = 32 << 20;
/// How long the remote may take when a commit or a push waits for it.
const LIMIT: Duration = Duration::from_secs(8);

/// A hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitHook {
    /// Before a commit is made.
    PreCommit,
    /// Before anything is pushed.
    PrePush,
    /// Before a message is edited.
    PrepareCommitMsg,
}

impl GitHook {
    /// Parses git's name for it.
    pub fn parse(name: &str) -> Option<GitHook> {
        match name {
            "pre-commit" => Some(GitHook::PreCommit),
            "pre-push" => Some(GitHook::PrePush),
            "prepare-commit-msg" => Some(GitHook::PrepareCommitMsg),
            _ => None,
        }
    }
}

/// Runs a hook with the arguments that git gives it.
pub fn run(flags: &Flags, hook: GitHook, args: &[String]) -> Exit {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let around = HookSurroundings::read(&folder);
    if let (Some(path), GitHook::PreCommit | GitHook::PrePush) = (&around.trial, hook) {
        let path = agentsync_core::text::one_line(path);
        say(&format!("agentsync: {path} is refused, as this trial asks for."));
        return Exit::No;
    }
    let answered = match hook {
        GitHook::PreCommit => pre_commit(flags, &folder, &around),
        GitHook::PrePush => pre_push(flags, &folder, &around),
        GitHook::PrepareCommitMsg => prepare_message(flags, &folder, &around, args).map(Answer::Pass),
    };
    match answered {
        Ok(Answer::Pass(None) | Answer::Ask) => Exit::Yes,
        Ok(Answer::Pass(Some(text))) => {
            say(&text);
            Exit::Yes
        }
        Ok(Answer::Refuse(text)) => {
            say(&text);
            Exit::No
        }
        Err(failure) => fail(hook, &failure),
    }
}

/// Answers when something of ours does not work.
fn fail(hook: GitHook, failure: &Failure) -> Exit {
    let why = agentsync_core::text::one_line(&failure.to_string());
    let blocks = config::env("AGENTSYNC_GUARD_UNSURE").as_deref() == Some("block");
    let (what, verb) = match hook {
        GitHook::PreCommit => ("this commit was not checked", "commit"),
        GitHook::PrePush => ("this push was not checked", "push"),
        GitHook::PrepareCommitMsg => ("the claim is not named in the message", ""),
    };
    say(&format!("agentsync: {what}: {why}"));
    if blocks && hook != GitHook::PrepareCommitMsg {
        say(&format!(
            "It is refused, as AGENTSYNC_GUARD_UNSURE wishes; `git {verb} --no-verify` passes it by."
        ));
        return Exit::No;
    }
    Exit::Yes
}

/// Whoever runs git reads it; one that does not listen has nothing to be told.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn unusual(what: String) -> Failure {
    let fix = "run it as git's hook, in a clone with a work tree".to_owned();
    Failure::Usage(UsageError::Other { what, fix })
}

/// Finds the work tree that git works in.
fn open(flags: &Flags, folder: &Path, around: &HookSurroundings) -> Result<Hook, Failure> {
    let none = || unusual(format!("`{}` is in no work tree", folder.display()));
    // Git says where it works; what the environment says of other verbs does not count here.
    let here = Flags { repo: flags.repo.clone().or_else(|| Some(folder.to_owned())), ..flags.clone() };
    let hook = Hook::open(&here, folder)?.ok_or_else(none)?;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match &around.git_dir {
        Some(named) if flags.repo.is_none() && real(named) != real(&hook.tree.git_dir) => {
            let (root, named) = (hook.tree.root.display(), named.display());
            Err(unusual(format!("git works in `{named}`, which is not the repository of `{root}`")))
        }
        _ => Ok(hook),
    }
}

/// Decides, asking the board once if its copy is missing or old.
fn decide(
    hook: &Hook,
    act: Act,
    policy: Policy,
    index: Option<&Path>,
    parts: impl FnOnce(&Scene<'_>) -> Vec<Part>,
) -> Result<Answer, Failure> {
    with_scene(hook, |scene| {
        let parts = parts(scene);
        let compare = |span: &Span, target: &Target| hook.compare(index, span, target);
        match check(scene, act, policy, &parts, &Asked::No, &compare) {
            Answer::Ask => {
                let asked = match hook.ask(LIMIT) {
                    Ok(()) => Asked::Yes,
                    Err(failure) => Asked::Failed(failure.to_string()),
                };
                check(scene, act, policy, &parts, &asked, &compare)
            }
            answer => answer,
        }
    })
}

/// Finds out who works here. What other sessions of the same worktree have claimed is of this worktree,
/// too: a commit has one index.
fn with_scene<T>(hook: &Hook, run: impl FnOnce(&Scene<'_>) -> T) -> Result<T, Failure> {
    let session = config::env("CLAUDE_CODE_SESSION_ID");
    let told = session.as_deref().and_then(|session| hook.desk.remember(session).agent);
    let who = hook.who(session, told.as_deref())?;
    let scene = Scene {
        desk: &hook.desk,
        who: &who,
        subagent: None,
        client: "git",
        siblings: std::collections::BTreeSet::new(),
        branch: None,
        guard: hook.context.guard,
        lease: None,
        now: hook.now(),
        dice: &hook.dice,
    };
    Ok(run(&scene))
}

fn pre_commit(flags: &Flags, folder: &Path, around: &HookSurroundings) -> Result<Answer, Failure> {
    let hook = open(flags, folder, around)?;
    let policy = hook.context.guard.commit;
    if policy == Policy::Off {
        return Ok(Answer::Pass(None));
    }
    let arriving = hook.arriving();
    let staged = arriving.staged(around.index.as_deref()).map_err(|err| unusual(err.to_string()))?;
    // What a rebase makes over again is committed already; the push looks at it.
    let policy = if arriving.is_replaying() { Policy::Warn } else { policy };
    let span = if arriving.takes_over() { Span::Unclear } else { Span::Staged };
    decide(&hook, Act::Commit, policy, around.index.as_deref(), |scene| {
        vec![Part { me: scene.me(), targets: targets(&staged), span }]
    })
}

fn targets<'a>(paths: impl IntoIterator<Item = &'a String>) -> Vec<Target> {
    paths.into_iter().filter_map(|path| Target::parse(path, &[]).ok()).collect()
}

/// One reference that is pushed: `<local ref> <its object> <remote ref> <its object>`.
struct Pushed {
    local: String,
    tip: String,
    remote: String,
    old: String,
}

fn parse_pushed(text: &str) -> Vec<Pushed> {
    let parse = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (local, tip) = (words.next()?, words.next()?);
        Some(Pushed { local, tip, remote: words.next()?, old: words.next()? })
    };
    text.lines().filter_map(parse).collect()
}

fn pre_push(flags: &Flags, folder: &Path, around: &HookSurroundings) -> Result<Answer, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(MAX_BYTES).read_to_string(&mut text);
    read.map_err(|err| unusual(format!("git's list of references cannot be read: {err}")))?;
    let mut pushed = parse_pushed(&text);
    if let (true, Some((tip, old, remote))) = (pushed.is_empty(), &around.framework_push) {
        let (tip, remote, old) = (tip.clone(), remote.clone(), old.clone());
        pushed.push(Pushed { local: String::new(), tip, remote, old });
    }
    let hook = open(flags, folder, around)?;
    let policy = hook.context.guard.push;
    if policy == Policy::Off {
        return Ok(Answer::Pass(None));
    }
    let board = hook.board_branch()?;
    let parts = pushed.iter().filter(|pushed| is_work(pushed, &board));
    let parts: Vec<(Option<String>, Vec<Target>, Span)> = parts
        .map(|one| {
            let known: Vec<&str> = pushed.iter().map(|pushed| pushed.old.as_str()).collect();
            let (paths, from) =
                hook.arriving().pushed(&one.tip, &known).map_err(|err| unusual(err.to_string()))?;
            let span = from.map_or(Span::Unclear, |from| Span::Commits { from, to: one.tip.clone() });
            Ok((hook.own_branch(&[&one.remote, &one.local]), targets(&paths), span))
        })
        .collect::<Result<_, Failure>>()?;
    // A branch is the clone's, whichever of its worktrees the work was done in.
    let part = |scene: &Scene<'_>, (branch, targets, span)| Part {
        me: Me { instance: None, branch, ..scene.me() },
        targets,
        span,
    };
    decide(&hook, Act::Push, policy, None, |scene| parts.into_iter().map(|one| part(scene, one)).collect())
}

/// Tells whether a reference brings work: what is deleted, tagged or noted, and the board itself, does not.
fn is_work(pushed: &Pushed, board: &str) -> bool {
    let quiet = ["refs/tags/", "refs/notes/"].iter().any(|head| pushed.remote.starts_with(head));
    crate::wiring::hook::is_object(&pushed.tip) && !quiet && pushed.remote != format!("refs/heads/{board}")
}

/// Names the claim in the message of a plain commit; merges, squashes and amended commits have theirs.
fn prepare_message(
    flags: &Flags,
    folder: &Path,
    around: &HookSurroundings,
    args: &[String],
) -> Result<Option<String>, Failure> {
    let source = args.get(1).map_or("", String::as_str);
    let (Some(file), "" | "message" | "template") = (args.first(), source) else { return Ok(None) };
    let hook = open(flags, folder, around)?;
    if !hook.context.guard.has_trailer {
        return Ok(None);
    }
    let arriving = hook.arriving();
    if arriving.is_replaying() {
        return Ok(None);
    }
    let staged = arriving.staged(around.index.as_deref()).map_err(|err| unusual(err.to_string()))?;
    let staged: Vec<&str> = staged.iter().map(String::as_str).collect();
    let values = with_scene(&hook, |scene| {
        let view = scene.view();
        view.map(|view| trailer::values(scene, &view.board, &staged))
    })?;
    let comment = if around.has_editor { Some(hook.comment_mark()) } else { None };
    let file = folder.join(file);
    let fault = |err: std::io::Error| unusual(format!("`{}`: {err}", file.display()));
    let message = std::fs::read_to_string(&file).map_err(fault)?;
    if let Some(text) = trailer::add(&message, &values.unwrap_or_default(), comment.as_deref()) {
        std::fs::write(&file, text).map_err(fault)?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletions_tags_notes_and_the_board_bring_no_work() {
        let (id, none) = ("a".repeat(40), "0".repeat(40));
        let check = |tip: &str, remote: &str| {
            let text = format!("refs/heads/x {tip} {remote} {none}\n");
            parse_pushed(&text).iter().any(|pushed| is_work(pushed, "agentsync"))
        };
        assert!(check(&id, "refs/heads/x"));
        assert!(check(&id, "refs/for/main"));
        assert!(!check(&none, "refs/heads/x"), "it is deleted");
        assert!(!check(&id, "refs/heads/agentsync"));
        assert!(!check(&id, "refs/tags/v1"));
        assert!(!check(&id, "refs/notes/commits"));
        assert!(parse_pushed("\n\nodd line\n").is_empty());
    }
}
