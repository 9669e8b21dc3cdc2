//! `init`: plan, show, ask, write.

use super::args::{ClientArg, InitVerb, InstallArgs, PartArg, Shared};
use super::render;
use super::screen::Screen;
use crate::app::failure::Failure;
use crate::app::init::client::Client;
use crate::app::init::{self, BoardWish, InitArgs, Parts, Plan, Setting};
use crate::app::ports::clone::CloneFiles;
use crate::report::Exit;
use crate::report::init::{Direction, InitReport};
use crate::wiring::App;

/// Shows what would be written, and writes it when somebody agrees.
pub fn init(app: &App, args: &InitVerb, shared: &Shared, screen: &Screen) -> Result<Exit, Failure> {
    let files = app.files()?;
    let (direction, plan, mut notes) = if args.undo {
        (Direction::Undo, init::plan_undo(&files)?, Vec::new())
    } else {
        let wish = wish(app, args, shared);
        let notes = outranked(app, &wish);
        (Direction::Do, init::plan(&app.ctx(), &files, &wish)?, notes)
    };
    let offer = (!args.undo && !args.hooks).then(|| Parts::hooks_of(plan.parts.clients.clone()));
    let is_asked = !args.yes && screen.can_ask();
    if let (Some(parts), false) = (&offer, is_asked) {
        notes.extend(hint(&files, parts));
    }
    let exit = propose(app, &files, &plan, direction, notes, args.yes, screen)?;
    if let (Some(parts), true, Exit::Yes) = (&offer, is_asked, exit) {
        // Who declines these has set up the rest all the same.
        let plan = init::plan_install(&files, parts)?;
        if !plan.is_empty() {
            propose(app, &files, &plan, Direction::Install, Vec::new(), false, screen)?;
        }
    }
    Ok(exit)
}

/// Says how the hooks of the clients and of git are installed, unless they are.
fn hint(files: &dyn CloneFiles, parts: &Parts) -> Option<String> {
    // Files that are not understood are no reason to stop here: nothing of theirs is touched.
    let is_missing = init::plan_install(files, parts).is_ok_and(|plan| !plan.is_empty());
    let names = parts.names().join(" ");
    is_missing.then(|| format!("`agentsync install {names}` keeps edits and commits off what others hold"))
}

/// Has clients ask before they edit.
pub fn install(app: &App, args: &InstallArgs, screen: &Screen) -> Result<Exit, Failure> {
    let files = app.files()?;
    let plan = init::plan_install(&files, &parts(&args.parts))?;
    propose(app, &files, &plan, Direction::Install, Vec::new(), args.yes, screen)
}

/// Takes that away.
pub fn uninstall(app: &App, args: &InstallArgs, screen: &Screen) -> Result<Exit, Failure> {
    let files = app.files()?;
    let plan = init::plan_uninstall(&files, &parts(&args.parts))?;
    propose(app, &files, &plan, Direction::Uninstall, Vec::new(), args.yes, screen)
}

/// Shows a plan, and carries it out when somebody agrees.
fn propose(
    app: &App,
    files: &dyn CloneFiles,
    plan: &Plan,
    direction: Direction,
    notes: Vec<String>,
    is_agreed: bool,
    screen: &Screen,
) -> Result<Exit, Failure> {
    let report = InitReport::planned(plan, direction, notes);
    if plan.is_empty() {
        return Ok(screen.show(&report, render::init, report.exit()));
    }
    if !screen.is_json {
        screen.page(|page| render::init_plan(&report, page));
    }
    if !is_agreed && (screen.is_json || !screen.asks(&question(plan))) {
        let say = |report: &InitReport, page: &mut super::page::Page| {
            page.gap();
            page.line(
                super::page::Look::Warning,
                &format!("nothing was written; `{}` writes it", report.next),
            );
        };
        return Ok(screen.show(&report, say, report.exit()));
    }
    carry_out(app, files, plan, direction, report, screen)
}

fn carry_out(
    app: &App,
    files: &dyn CloneFiles,
    plan: &Plan,
    direction: Direction,
    report: InitReport,
    screen: &Screen,
) -> Result<Exit, Failure> {
    init::write(files, plan)?;
    let seeded = match plan.board {
        init::BoardPlan::Create => init::seed(&app.ctx()).err(),
        init::BoardPlan::Left | init::BoardPlan::Ready | init::BoardPlan::Unknown(_) => None,
    };
    let report = report.written(plan, direction, seeded.as_ref());
    Ok(screen.show(&report, render::init, report.exit()))
}

fn wish(app: &App, args: &InitVerb, shared: &Shared) -> InitArgs {
    let setting =
        |key, value: &Option<String>, default| value.clone().map(|value| Setting { key, value, default });
    InitArgs {
        clients: clients(&args.clients),
        agent: shared.agent.as_ref().map(|_| app.ctx().me.agent.clone()),
        settings: [
            setting("agentsync.branch", &shared.board_branch, "agentsync"),
            setting("agentsync.remote", &shared.remote, "origin"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        board: if args.no_board { BoardWish::Leave } else { BoardWish::Seed },
        has_hooks: args.hooks,
    }
}

/// Says so when an id is kept that something else outranks.
fn outranked(app: &App, wish: &InitArgs) -> Vec<String> {
    let named = wish.agent.as_ref().and_then(|agent| app.agent_set_elsewhere(agent));
    let say = |named: &crate::config::Sourced<String>| {
        let (source, value) = (&named.source, agentsync_core::text::escape(&named.value));
        format!("{source} says `{value}`, which outranks the id that is kept: unset it")
    };
    named.map(say).into_iter().collect()
}

fn clients(args: &[ClientArg]) -> Vec<Client> {
    let mut clients: Vec<Client> = args.iter().copied().map(client).collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

fn client(arg: ClientArg) -> Client {
    match arg {
        ClientArg::ClaudeCode => Client::ClaudeCode,
        ClientArg::Codex => Client::Codex,
        ClientArg::Cursor => Client::Cursor,
        ClientArg::Vscode => Client::VsCode,
        ClientArg::Gemini => Client::Gemini,
        ClientArg::Opencode => Client::Opencode,
    }
}

fn parts(args: &[PartArg]) -> Parts {
    let mut parts = Parts::default();
    for arg in args {
        match arg {
            PartArg::ClaudeCode => parts.clients.push(Client::ClaudeCode),
            PartArg::Codex => parts.clients.push(Client::Codex),
            PartArg::Cursor => parts.clients.push(Client::Cursor),
            PartArg::Vscode => parts.clients.push(Client::VsCode),
            PartArg::Gemini => parts.clients.push(Client::Gemini),
            PartArg::Opencode => parts.clients.push(Client::Opencode),
            PartArg::Git => parts.git = true,
            PartArg::Ci => parts.ci = true,
        }
    }
    parts.clients.sort_unstable();
    parts.clients.dedup();
    parts
}

fn question(plan: &Plan) -> String {
    match plan.files.changes.len() {
        0 => "Do it?".to_owned(),
        1 => "Write this file?".to_owned(),
        n_files => format!("Write these {n_files} files?"),
    }
}
