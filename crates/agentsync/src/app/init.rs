//! Sets up a clone: tells the clients about the server and the agents about the manners, keeps the
//! agent's id, and makes the board. And takes all but the board away again.

pub mod ci;
pub mod client;
pub mod fence;
pub mod git_hooks;
pub mod hook_json;
pub mod hooks;
pub mod insertion;
pub mod json;
pub mod malformed;
pub mod plan;
pub mod record;
pub mod shell_block;
pub mod toml;
pub mod undo;

use agentsync_core::AgentId;

use self::client::Client;
use self::plan::{FileChange, FilePlan, detect};
use self::record::{KEPT_AS, Record, ValueRecord};
use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::Freshness;
use super::ports::clone::{CloneFiles, FileWrite};

/// The name the agent's id is kept under.
const KEPT_AGENT: &str = "agent";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct InitArgs {
    /// The clients; empty for those that are found.
    pub clients: Vec<Client>,
    /// An id to keep for this worktree.
    pub agent: Option<AgentId>,
    /// Settings to keep for this clone, with the value each has when it is not set.
    pub settings: Vec<Setting>,
    /// What to do about the board.
    pub board: BoardWish,
    /// Whether clients and git are to ask before they change anything.
    pub has_hooks: bool,
}

/// What is to be installed, or taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The hooks and servers of these clients.
    pub clients: Vec<Client>,
    /// Git's own hooks.
    pub git: bool,
    /// The gate in the forge's pipeline.
    pub ci: bool,
}

impl Parts {
    /// Returns the hooks of clients, and git's.
    pub fn hooks_of(clients: Vec<Client>) -> Parts {
        Parts { clients, git: true, ci: false }
    }

    /// Returns the names that are typed.
    pub fn names(&self) -> Vec<&'static str> {
        let clients = self.clients.iter().map(|client| client.name());
        clients.chain(self.git.then_some("git")).chain(self.ci.then_some("ci")).collect()
    }
}

/// A setting to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its key in git's configuration.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// What holds when nothing is set.
    pub default: &'static str,
}

/// What to do about the board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BoardWish {
    /// Make it when there is none.
    #[default]
    Seed,
    /// Leave it alone.
    Leave,
}

/// What is found about the board before anything is written.
#[derive(Debug)]
pub enum BoardPlan {
    /// Nobody asked.
    Left,
    /// It is there.
    Ready,
    /// It will be made.
    Create,
    /// It could not be looked at.
    Unknown(Failure),
}

/// A value that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The key.
    pub key: String,
    /// What it is now.
    pub before: Option<String>,
    /// What it will be; `None` removes it.
    pub after: Option<String>,
}

/// All that is to be done.
#[derive(Debug)]
pub struct Plan {
    /// The clients meant, and what else.
    pub parts: Parts,
    /// The files.
    pub files: FilePlan,
    /// The agent's id kept for this worktree.
    pub agent: Option<ValueChange>,
    /// Settings in git's configuration.
    pub settings: Vec<ValueChange>,
    /// The board.
    pub board: BoardPlan,
    /// What will be remembered afterwards.
    record: Record,
}

impl Plan {
    fn of_files(parts: &Parts, files: FilePlan, record: Record) -> Plan {
        let (parts, board) = (parts.clone(), BoardPlan::Left);
        Plan { parts, files, agent: None, settings: Vec::new(), board, record }
    }

    /// Tells whether there is anything to write.
    pub fn is_empty(&self) -> bool {
        self.files.changes.is_empty()
            && self.agent.is_none()
            && self.settings.is_empty()
            && !matches!(self.board, BoardPlan::Create)
    }
}

/// Works out what setting up would do. Nothing is written.
pub fn plan(ctx: &Ctx<'_>, files: &dyn CloneFiles, args: &InitArgs) -> Result<Plan, Failure> {
    let clients = if args.clients.is_empty() { detect(files) } else { args.clients.clone() };
    let mut file_plan = plan::plan_files(files, &clients)?;
    if args.has_hooks {
        for client in &clients {
            hooks::plan_add(files, *client, &mut file_plan)?;
        }
        git_hooks::plan_add(files, &mut file_plan)?;
    }
    let agent = args.agent.as_ref().and_then(|agent| plan_agent(files, agent));
    let settings: Vec<ValueChange> =
        args.settings.iter().filter_map(|wish| plan_setting(files, wish)).collect();
    let mut record = Record::parse(files.kept(KEPT_AS).as_deref());
    for change in &file_plan.changes {
        let done = record.files.entry(change.path.clone()).or_default();
        done.is_created |= change.before.is_none();
        done.insertions.clone_from(&change.insertions);
    }
    for change in &settings {
        let done = record.settings.entry(change.key.clone());
        done.or_insert_with(|| first_note(change)).after.clone_from(&change.after);
    }
    if let Some(change) = &agent {
        record.agent.get_or_insert_with(|| first_note(change)).after.clone_from(&change.after);
    }
    let board = match args.board {
        BoardWish::Leave => BoardPlan::Left,
        BoardWish::Seed => look_at_board(ctx),
    };
    let parts = Parts { clients, git: args.has_hooks, ci: false };
    Ok(Plan { parts, files: file_plan, agent, settings, board, record })
}

/// Works out what it takes to install hooks, and the servers of clients. Nothing is written.
pub fn plan_install(files: &dyn CloneFiles, parts: &Parts) -> Result<Plan, Failure> {
    let mut file_plan = FilePlan::default();
    let clients = &parts.clients;
    for client in clients {
        plan::plan_client(files, *client, &mut file_plan)?;
        hooks::plan_add(files, *client, &mut file_plan)?;
    }
    file_plan.notes.extend(clients.iter().map(|client| {
        format!(
            "{}: `{}` is what it will call; {}",
            client.name(),
            hooks::command(*client),
            hooks::caveat(*client)
        )
    }));
    if parts.git {
        git_hooks::plan_add(files, &mut file_plan)?;
    }
    if parts.ci {
        ci::plan_add(files, &mut file_plan)?;
    }
    let mut record = Record::parse(files.kept(KEPT_AS).as_deref());
    for change in &file_plan.changes {
        let done = record.files.entry(change.path.clone()).or_default();
        done.is_created |= change.before.is_none();
        // What an earlier run put in is not known any more as insertions into the first text.
        let is_first = done.insertions.is_empty();
        done.insertions = if is_first { change.insertions.clone() } else { Vec::new() };
    }
    Ok(Plan::of_files(parts, file_plan, record))
}

/// Works out how to take hooks away, and the servers of clients. Nothing is written.
pub fn plan_uninstall(files: &dyn CloneFiles, parts: &Parts) -> Result<Plan, Failure> {
    let mut record = Record::parse(files.kept(KEPT_AS).as_deref());
    let mut file_plan = FilePlan::default();
    for client in &parts.clients {
        undo::plan_client(files, *client, &record, &mut file_plan)?;
        hooks::plan_remove(files, *client, &record, &mut file_plan)?;
    }
    if parts.git {
        git_hooks::plan_remove(files, &record, &mut file_plan)?;
    }
    if parts.ci {
        ci::plan_remove(files, &record, &mut file_plan)?;
    }
    for change in &file_plan.changes {
        record.files.remove(&change.path);
    }
    Ok(Plan::of_files(parts, file_plan, record))
}

fn first_note(change: &ValueChange) -> ValueRecord {
    ValueRecord { before: change.before.clone(), after: None }
}

fn look_at_board(ctx: &Ctx<'_>) -> BoardPlan {
    match ctx.store.read(Freshness::Now) {
        Err(err) => BoardPlan::Unknown(err.into()),
        Ok(snapshot) => match (snapshot.alarm, snapshot.tip) {
            (Some(alarm), _) => BoardPlan::Unknown(alarm.into()),
            (None, Some(_)) => BoardPlan::Ready,
            (None, None) => BoardPlan::Create,
        },
    }
}

fn plan_agent(files: &dyn CloneFiles, agent: &AgentId) -> Option<ValueChange> {
    let before = files.kept(KEPT_AGENT);
    let after = Some(agent.as_str().to_owned());
    (before != after).then(|| ValueChange { key: "agent".to_owned(), before, after })
}

fn plan_setting(files: &dyn CloneFiles, wish: &Setting) -> Option<ValueChange> {
    let before = files.setting(wish.key);
    let is_so = before.as_deref().unwrap_or(wish.default) == wish.value;
    let after = Some(wish.value.clone());
    (!is_so).then(|| ValueChange { key: wish.key.to_owned(), before, after })
}

/// Works out how to take away what setting up added. Nothing is written; the board stays.
pub fn plan_undo(files: &dyn CloneFiles) -> Result<Plan, Failure> {
    let record = Record::parse(files.kept(KEPT_AS).as_deref());
    let file_plan = undo::plan_files(files, &record)?;
    let agent = record.agent.as_ref().and_then(|done| undo_value("agent", done, files.kept(KEPT_AGENT)));
    let settings = record.settings.iter();
    let settings = settings.filter_map(|(key, done)| undo_value(key, done, files.setting(key))).collect();
    let board = BoardPlan::Left;
    let parts = Parts { clients: Client::ALL.to_vec(), ..Parts::default() };
    Ok(Plan { parts, files: file_plan, agent, settings, board, record: Record::default() })
}

/// Puts a value back, unless somebody has changed it since.
fn undo_value(key: &str, done: &ValueRecord, now: Option<String>) -> Option<ValueChange> {
    let is_ours = now == done.after && now != done.before;
    is_ours.then(|| ValueChange { key: key.to_owned(), before: now, after: done.before.clone() })
}

/// Writes the files and settings of a plan.
pub fn write(files: &dyn CloneFiles, plan: &Plan) -> Result<(), Failure> {
    let write = |change: &FileChange| {
        let FileChange { path, before, after, .. } = change.clone();
        FileWrite { path, before, after }
    };
    // What is remembered before it is done, and forgotten after it is undone, can be undone even
    // when we are stopped half-way.
    let record = plan.record.render();
    if record.is_some() {
        files.keep(KEPT_AS, record.as_deref())?;
    }
    files.write(&plan.files.changes.iter().map(write).collect::<Vec<_>>())?;
    if let Some(change) = &plan.agent {
        files.keep(KEPT_AGENT, change.after.as_deref())?;
    }
    for change in &plan.settings {
        files.set(&change.key, change.after.as_deref())?;
    }
    if record.is_none() {
        files.keep(KEPT_AS, None)?;
    }
    Ok(())
}

/// Makes the board of a plan that says so.
pub fn seed(ctx: &Ctx<'_>) -> Result<(), Failure> {
    Ok(ctx.store.seed()?)
}
