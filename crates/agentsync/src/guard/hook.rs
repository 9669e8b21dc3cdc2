//! One event: read, judged, answered. It always ends with code 0 and an answer; what fails on our side
//! is said, and lets the edit through unless the person wished otherwise.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::guard::{Policy, Target};
use agentsync_core::patch::replace;
use agentsync_core::region::SymbolPath;

use super::answer::{Reply, render};
use super::client::HookClient;
use super::payload::{self, Call, Change, Edit, Event, Tool};
use super::resolve::{targets, written};
use crate::app::failure::Failure;
use crate::app::guard::{self, Parts, Plan, Scene, Source, brief, news, words};
use crate::app::ports::desk::{Desk as _, Memory};
use crate::config::{self, Flags};
use crate::report::Exit;
use crate::wiring::hook::Hook;

/// The longest event that is read.
const MAX_BYTES: u64 = 32 << 20;
/// How long the remote may take when an edit waits for it.
const EDIT_LIMIT: Duration = Duration::from_secs(8);
/// How long it may take when a session begins.
const START_LIMIT: Duration = Duration::from_secs(6);
/// How many changed files are remembered and claimed after one command.
const MAX_CHANGED: usize = 2000;

/// Reads an event from the standard input and answers on the standard output.
pub fn run(flags: &Flags, client: HookClient, named: Option<&str>) -> Exit {
    let mut text = String::new();
    let read = std::io::stdin().take(MAX_BYTES).read_to_string(&mut text).map_err(|err| err.to_string());
    let call = read.and_then(|_| payload::parse(&text, named));
    let (call, reply) = match call {
        Ok(call) => {
            let reply = answer(flags, client, &call)
                .unwrap_or_else(|failure| fail(&call.event, &failure.to_string()));
            (call, reply)
        }
        Err(why) => {
            let name = named.unwrap_or("PreToolUse").to_owned();
            let event = Event::Before(Tool::UnclearEdit);
            let call = Call { session: None, subagent: None, probe: None, folder: None, name, event };
            let reply = fail(&call.event, &why);
            (call, reply)
        }
    };
    // A client that does not listen any more has nothing to be told.
    let _ = writeln!(std::io::stdout(), "{}", render(client, &call, &reply));
    Exit::Yes
}

/// Answers when something of ours does not work.
fn fail(event: &Event, why: &str) -> Reply {
    let said = format!("agentsync: this edit was not checked: {}", agentsync_core::text::escape(why));
    let blocks = config::env("AGENTSYNC_GUARD_UNSURE").as_deref() == Some("block");
    match event {
        Event::Before(Tool::Edit(_) | Tool::UnclearEdit | Tool::Shell(_)) if blocks => Reply::deny(said),
        Event::Before(Tool::Other) | Event::Other => Reply::default(),
        _ => Reply::warn(vec![said]),
    }
}

fn answer(flags: &Flags, client: HookClient, call: &Call) -> Result<Reply, Failure> {
    if matches!(call.event, Event::Other | Event::Before(Tool::Other)) {
        return Ok(Reply::default());
    }
    let current = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let folder = call.folder.clone().unwrap_or_else(current);
    let Some(hook) = Hook::open(flags, &folder)? else { return Ok(Reply::default()) };
    if hook.context.guard.policy == Policy::Off {
        return Ok(Reply::default());
    }
    if let Some(probe) = &call.probe {
        return Ok(tried(&hook, call, probe, &folder));
    }
    let session = call.session.as_deref().unwrap_or("-");
    let mut memory = hook.desk.remember(session);
    let who = hook.who(call.session.clone(), memory.agent.as_deref())?;
    let branch = hook.branch();
    let scene = Scene {
        desk: &hook.desk,
        who: &who,
        subagent: call.subagent.as_deref(),
        client: client.name(),
        siblings: hook.desk.siblings(call.session.as_deref()),
        branch: branch.as_deref(),
        guard: hook.context.guard,
        lease: hook.context.lease,
        now: hook.now(),
        dice: &hook.dice,
    };
    let turn = Turn { hook: &hook, scene: &scene, folder };
    let mut reply = turn.take(call, &mut memory);
    match call.event {
        Event::End => hook.end(session),
        _ => {
            // Without it the session is told some things twice.
            if let Err(err) = hook.desk.keep(session, &memory) {
                reply.warns.push(format!("agentsync: {err}"));
            }
        }
    }
    hook.wake_keeper();
    Ok(reply)
}

fn paths(edits: &[Edit]) -> Vec<String> {
    edits.iter().map(|edit| edit.path.clone()).collect()
}

/// Refuses an edit of the path that a trial names, and nothing else. Nothing is looked up or left.
fn tried(hook: &Hook, call: &Call, probe: &str, folder: &std::path::Path) -> Reply {
    let roots = &hook.context.roots;
    let asked = match &call.event {
        Event::Before(Tool::Edit(edits)) => targets(&paths(edits), folder, roots),
        Event::Before(Tool::Shell(command)) => {
            written(&agentsync_core::shell::writes(command), folder, roots)
        }
        _ => Vec::new(),
    };
    let held = targets(&[probe.to_owned()], folder, roots);
    match asked.iter().any(|target| held.contains(target)) {
        true => Reply::deny(format!("agentsync: {probe} is refused, as this trial asks for.")),
        false => Reply::default(),
    }
}

/// One event of one session.
struct Turn<'a> {
    hook: &'a Hook,
    scene: &'a Scene<'a>,
    folder: PathBuf,
}

impl Turn<'_> {
    fn take(&self, call: &Call, memory: &mut Memory) -> Reply {
        match &call.event {
            Event::Before(Tool::Edit(edits)) => {
                self.before(memory, &self.targets(&paths(edits)), Source::Tool, &|target| self.parts(edits, target))
            }
            Event::Before(Tool::Shell(command)) => {
                let writes = agentsync_core::shell::writes(command);
                self.before(memory, &written(&writes, &self.folder, &self.roots()), Source::Shell, &|_| None)
            }
            Event::Before(Tool::UnclearEdit) => Reply::warn(vec![
                "agentsync: this edit was not checked, because its files are not named in a way that is known."
                    .to_owned(),
            ]),
            Event::After(Tool::Shell(_)) => {
                let mut says = self.compare(memory);
                says.extend(self.news(memory));
                Reply::say(says)
            }
            Event::After(_) | Event::Prompt => Reply::say(self.news(memory)),
            Event::Start => self.start(memory),
            Event::Stop { is_again } => {
                self.scene.desk.hurry();
                let view = self.scene.view().filter(|_| !is_again);
                Reply::say(view.and_then(|view| brief::stop(self.scene, memory, &view.board)).into_iter().collect())
            }
            Event::End | Event::Before(Tool::Other) | Event::Other => Reply::default(),
        }
    }

    /// Finds out which symbols of a file an edit changes, as the file stands now.
    fn parts(&self, edits: &[Edit], target: &Target) -> Option<Vec<SymbolPath>> {
        let is_of = |edit: &&Edit| self.targets(std::slice::from_ref(&edit.path)).contains(target);
        match &edits.iter().find(is_of)?.change {
            Change::Unclear => None,
            Change::Becomes(text) => self.hook.changed_symbols(target, |_| Some(text.clone())),
            Change::Replaces(all) => self.hook.changed_symbols(target, |text| replace(text, all)),
        }
    }

    fn before(&self, memory: &mut Memory, targets: &[Target], source: Source, parts: &Parts<'_>) -> Reply {
        let mut is_asked = false;
        // Each way round asks or claims once, so the third is the last.
        for _ in 0..3 {
            match guard::before(self.scene, memory, targets, source, is_asked, parts) {
                Plan::Pass(lines) => return Reply::warn(lines),
                Plan::Deny(reason) => return Reply::deny(reason),
                Plan::Ask => {
                    is_asked = true;
                    // Why it failed is noted, and said by what comes next.
                    let _ = self.hook.ask(EDIT_LIMIT);
                }
                Plan::Claim(changes) => match self.hook.claim(&changes, EDIT_LIMIT) {
                    Ok(None) => {
                        self.note(targets);
                        return Reply::default();
                    }
                    Ok(Some(_)) => is_asked = true,
                    Err(failure) => return self.unclaimed(memory, &changes, targets, &failure),
                },
            }
        }
        Reply::warn(vec![
            "agentsync: somebody else claimed this at the same moment; look at survey().".to_owned(),
        ])
    }

    /// Goes on, or does not, when a claim that an edit waits for cannot be made.
    fn unclaimed(
        &self,
        memory: &mut Memory,
        changes: &[agentsync_core::Change],
        targets: &[Target],
        failure: &Failure,
    ) -> Reply {
        self.hook.note_failure(failure);
        let mut lines: Vec<String> = guard::leave(self.scene, changes).into_iter().collect();
        self.note(targets);
        match guard::unsure(self.scene, memory, self.scene.view().map(|view| view.age)) {
            Plan::Pass(more) => {
                lines.extend(more);
                Reply::warn(lines)
            }
            Plan::Deny(reason) => Reply::deny(reason),
            Plan::Ask | Plan::Claim(_) => Reply::warn(lines),
        }
    }

    /// Notes an edit that has just been claimed.
    fn note(&self, targets: &[Target]) {
        let Some(view) = self.scene.view() else { return };
        let judged = self.scene.judge(&view.board, targets, self.scene.guard.rules());
        let _ = guard::note_undeclared(self.scene, &judged);
    }

    fn news(&self, memory: &mut Memory) -> Vec<String> {
        self.scene.view().map(|view| news::news(self.scene, memory, &view.board)).unwrap_or_default()
    }

    fn start(&self, memory: &mut Memory) -> Reply {
        let is_old = self.scene.view().is_none_or(|view| view.age > guard::YOUNG);
        let asked = if is_old { self.hook.ask(START_LIMIT) } else { Ok(()) };
        if let Ok(changed) = self.hook.changed_files() {
            memory.changed = changed.into_iter().take(MAX_CHANGED).collect();
            memory.is_compared = true;
        }
        let mut lines = Vec::new();
        match self.scene.view() {
            Some(view) => {
                lines.extend(brief::start(self.scene, &view));
                news::skip(self.scene, memory, &view.board);
            }
            None => lines.push(words::unsure(None, asked.as_ref().err().map(ToString::to_string).as_deref())),
        }
        match asked {
            Err(failure) if !lines.is_empty() => {
                let age = self.scene.view().map(|view| view.age);
                let said = words::unsure(age, Some(&failure.to_string()));
                lines.push(said.clone());
                Reply { says: lines, warns: vec![said], denies: None }
            }
            _ => Reply::say(lines),
        }
    }

    /// Compares the work tree with the claims, after a command whose text does not say all it did.
    fn compare(&self, memory: &mut Memory) -> Vec<String> {
        let changed = match self.hook.changed_files() {
            Ok(changed) => changed,
            Err(why) => {
                return vec![format!(
                    "agentsync: the work tree could not be compared with the claims: {why}"
                )];
            }
        };
        let is_new = |path: &String, stamp: &(u64, i64)| memory.changed.get(path) != Some(stamp);
        let fresh: Vec<String> = changed
            .iter()
            .filter(|(path, stamp)| is_new(path, stamp))
            .map(|(path, _)| path.clone())
            .collect();
        let knows = std::mem::replace(&mut memory.is_compared, true);
        memory.changed = changed.into_iter().take(MAX_CHANGED).collect();
        // What was changed before anybody looked cannot be told from what the command did.
        if !knows || fresh.is_empty() {
            return Vec::new();
        }
        let root = &self.hook.tree.root;
        let fresh: Vec<String> =
            fresh.iter().map(|path| root.join(path).to_string_lossy().into_owned()).collect();
        let targets = self.targets(&fresh);
        let Some(view) = self.scene.view() else { return Vec::new() };
        let judged = self.scene.judge(&view.board, &targets, self.scene.guard.rules());
        guard::after_command(self.scene, &view.board, &judged)
    }

    fn targets(&self, paths: &[String]) -> Vec<Target> {
        targets(paths, &self.folder, &self.roots())
    }

    fn roots(&self) -> Vec<String> {
        let mut roots = self.hook.context.roots.clone();
        roots.push(self.hook.tree.root.to_string_lossy().into_owned());
        roots
    }
}
