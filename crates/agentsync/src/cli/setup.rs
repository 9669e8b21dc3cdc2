//! `init`: plan, show, ask, write.

use super::args::{ClientArg, InitArgs, Shared};
use super::render;
use super::screen::Screen;
use crate::app::failure::{Failure, UsageError};
use crate::report::Exit;
use crate::report::failure::FailureReport;
use crate::report::init::{FileView, InitReport};
use crate::setup::clients::Client;
use crate::setup::files::Folder;
use crate::setup::{self, Plan, SetupError};
use crate::wiring::App;

/// Sets the clone up, or undoes it.
pub fn run(app: &App, args: &InitArgs, shared: &Shared, screen: &Screen) -> Result<Exit, Failure> {
    let (folder, kept) = app.setup_places()?;
    let plan = match args.undo {
        true => setup::plan_undo(&folder, &kept),
        false => setup::plan(&folder, &chosen(args, &folder)),
    }?;
    let mut report = report(app, &plan);
    let settings = settings(shared, args.undo);
    if !plan.files.is_empty() {
        screen.page_unless_json(|page| render::init_diff(&report, page));
        let question = format!("Write {}?", count(plan.files.len()));
        if !args.yes && !screen.asks(&question) {
            report.status = "proposed";
            "`agentsync init --yes` writes it".clone_into(&mut report.next);
            return Ok(screen.show(&report, render::init, report.exit()));
        }
    }
    setup::carry_out(&folder, &plan, &kept)?;
    keep(app, shared, &settings, args.undo)?;
    if args.undo {
        setup::forget(&kept);
    }
    finish(app, args, &plan, &settings, &mut report);
    Ok(screen.show(&report, render::init, report.exit()))
}

fn count(n_files: usize) -> String {
    if n_files == 1 { "this file".to_owned() } else { format!("these {n_files} files") }
}

/// Returns the clients that were named, else those that left traces, else the first.
fn chosen(args: &InitArgs, folder: &Folder) -> Vec<Client> {
    let named: Vec<Client> = args.client.iter().map(|client| client.to_client()).collect();
    if !named.is_empty() {
        return named;
    }
    let is_used = |client: &Client| client.traces().iter().any(|trace| folder.has(trace));
    let used: Vec<Client> = Client::ALL.into_iter().filter(is_used).collect();
    if used.is_empty() { vec![Client::ClaudeCode] } else { used }
}

fn report(app: &App, plan: &Plan) -> InitReport {
    InitReport {
        status: "unchanged",
        agent: app.author(None).agent.to_string(),
        agent_source: app.agent_source.clone(),
        files: FileView::all_of(plan),
        settings: Vec::new(),
        board: None,
        warning: None,
        next: String::new(),
    }
}

/// Returns the settings to keep in the clone: those that were given on the command line.
fn settings(shared: &Shared, undo: bool) -> Vec<(&'static str, Option<String>)> {
    let given = [("agentsync.branch", &shared.board_branch), ("agentsync.remote", &shared.remote)];
    match undo {
        true => given.iter().map(|(key, _)| (*key, None)).collect(),
        false => given.into_iter().filter_map(|(key, value)| Some((key, Some(value.clone()?)))).collect(),
    }
}

fn keep(
    app: &App,
    shared: &Shared,
    settings: &[(&'static str, Option<String>)],
    undo: bool,
) -> Result<(), Failure> {
    for (key, value) in settings {
        app.keep_setting(key, value.as_deref())?;
    }
    if shared.agent.is_some() && !undo {
        app.keep_agent()?;
    }
    Ok(())
}

/// Completes the report of what was written, and sees to the board.
fn finish(
    app: &App,
    args: &InitArgs,
    plan: &Plan,
    settings: &[(&'static str, Option<String>)],
    report: &mut InitReport,
) {
    report.status = match (plan.files.is_empty(), args.undo) {
        (true, _) => "unchanged",
        (false, true) => "undone",
        (false, false) => "written",
    };
    if args.undo {
        "the board stays as it is; remove the server from your client if it runs"
            .clone_into(&mut report.next);
        return;
    }
    let kept =
        settings.iter().filter_map(|(key, value)| Some(format!("git config {key} {}", value.as_deref()?)));
    report.settings = kept.collect();
    "commit these files, start your client anew, and survey".clone_into(&mut report.next);
    if plan.files.is_empty() {
        "start your client in this folder, and survey".clone_into(&mut report.next);
    }
    match app.ctx().store.seed() {
        Ok(()) => report.board = Some(true),
        Err(err) => {
            let failure = FailureReport::of(&err.into());
            report.board = Some(false);
            report.warning = Some(format!("the files are written, the board is not: {}", failure.error));
            report.next = failure.fix;
        }
    }
}

impl ClientArg {
    fn to_client(self) -> Client {
        match self {
            ClientArg::ClaudeCode => Client::ClaudeCode,
            ClientArg::Codex => Client::Codex,
            ClientArg::Cursor => Client::Cursor,
            ClientArg::Vscode => Client::VsCode,
        }
    }
}

impl From<SetupError> for Failure {
    fn from(err: SetupError) -> Failure {
        let fix = match &err {
            SetupError::Malformed { .. } => "put the file right first; nothing was written",
            SetupError::Io { .. } => "make the file readable and writable, then run it again",
        };
        UsageError::Other { what: err.to_string(), fix: fix.to_owned() }.into()
    }
}
