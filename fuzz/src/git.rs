//! What git says and what is said to it: answers, ref names, commit messages, settings.

use agentsync_core::event::Event;
use agentsync_core::text::{is_hidden, parse_note, parse_task};
use agentsync_core::{AgentId, BranchName, ClaimKey, OpId, Timestamp};
use agentsync_mcp::app::ports::Step;
use agentsync_mcp::config::{Flags, Lookup};
use agentsync_mcp::ledger::objects::{op_of, render_message};
use agentsync_mcp::ledger::remote::{Pushed, conclude_fetch, conclude_push};
use agentsync_mcp::ledger::site::Remote;

fn is_plain(text: &str) -> bool {
    !text.contains(|c: char| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// The answers to a push and a fetch: the report and the words of git, which a zero byte separates.
pub fn answers(data: &[u8]) {
    let (stdout, stderr) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or(data.len()));
    let stdout = String::from_utf8_lossy(stdout);
    // The door to processes hands these words on in this form.
    let stderr =
        agentsync_core::text::escape(&agentsync_core::redact::redact(&String::from_utf8_lossy(stderr)));
    let hub = || "hub".to_owned();
    let remote = Remote { fetch_url: hub(), push_url: hub(), shown: hub() };
    let Ok(branch) = BranchName::parse("agentsync") else { return };
    match conclude_push(&remote, &branch, &stdout, &stderr) {
        Ok(Pushed::Done) => {
            let is_ours = |line: &&str| line.contains(":refs/heads/agentsync\t");
            let line = stdout.lines().find(is_ours).expect("only a line about our ref says that it moved");
            assert!(!line.starts_with('!'), "{line}");
        }
        Ok(Pushed::Stale | Pushed::Refused) => {
            assert!(stdout.contains("refs/heads/agentsync"), "a race is lost for a ref")
        }
        Ok(Pushed::Later(time)) => assert!(!time.is_zero(), "a pause is some time"),
        Ok(Pushed::Unclear(why, _)) => assert!(is_plain(&why), "{why:?}"),
        Err(err) => assert!(is_plain(&err.to_string()), "{err:?}"),
    }
    for code in [0, 1, 128] {
        if let Err(err) = conclude_fetch(&remote, &branch, code, &stderr) {
            assert!(is_plain(&err.to_string()), "{err:?}");
        }
    }
}

/// A branch name that we accept is one that git accepts, and no option.
pub fn refname(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(name) = BranchName::parse(text) {
        let full = name.to_ref();
        assert!(gix_validate::reference::name(full.as_str().into()).is_ok(), "git refuses {full:?}");
        assert!(!name.as_str().starts_with('-'));
        assert_eq!(BranchName::parse(&full).as_ref(), Ok(&name), "its full name is the same branch");
    }
    if let Ok(agent) = AgentId::parse(text) {
        let full = format!("refs/agentsync/{agent}");
        assert!(gix_validate::reference::name(full.as_str().into()).is_ok(), "git refuses {full:?}");
        assert!(agent.as_str().is_ascii());
    }
}

/// Whatever a task or a note says, a commit's change is the one of its trailer.
pub fn message(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // Any message can be read.
    let _ = op_of(&text);
    let (task, note) =
        text.split_at(text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at));
    let key = ClaimKey::read("alice");
    let events = [
        parse_task(task).ok().map(|task| Event::claims(&key, &task)),
        parse_note("note", note).ok().map(|note| Event::releases(&key, task, Some(&note))),
        // A task of another program is not bounded.
        Some(Event::releases(&ClaimKey::read(note), task, None)),
    ];
    let Ok(agent) = AgentId::parse("alice") else { return };
    for event in events.into_iter().flatten() {
        let op = OpId("5f0c8f1e3c5b4b0f9a57d3d6b3a1c2e4".to_owned());
        let step = Step {
            op: op.clone(),
            agent: agent.clone(),
            at: Timestamp(0),
            edits: Vec::new(),
            subject: event.subject,
            generation: Some(1),
            trailers: Vec::new(),
        };
        let message = render_message(&step);
        assert_eq!(op_of(&message), Some(op.0.as_str()), "{message}");
        assert_eq!(
            message.matches("\n\n").count(),
            1,
            "a subject and trailers, and nothing else: {message:?}"
        );
    }
}

/// Settings: each line is one value of `git config agentsync.*`.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let keys =
        ["remote", "branch", "agent", "timeout", "gitTimeout", "staleHours", "lease", "unclaimed", "turns"];
    let values: Vec<(String, String)> = keys
        .iter()
        .zip(text.split('\n'))
        .map(|(key, value)| (format!("agentsync.{key}"), value.to_owned()))
        .collect();
    let git_config = |key: &str| {
        values
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.clone())
            .filter(|v| !v.is_empty())
    };
    let flags = Flags::default();
    let lookup = Lookup::new(&flags, &git_config);
    let _ = (lookup.remote(), lookup.host_dir());
    for err in
        [lookup.branch().err(), lookup.deadline().err(), lookup.git_limit().err()].into_iter().flatten()
    {
        assert!(is_plain(&err.to_string()), "{err}");
    }
    match lookup.settings("here") {
        Ok(settings) => {
            assert!(settings.deadline.as_nanos() > 0 || settings.deadline.is_zero());
            assert!(settings.stale_hours > 0.0 && settings.stale_hours.is_finite());
        }
        Err(err) => assert!(is_plain(&err.to_string()), "{err}"),
    }
}
