//! From arguments to an answer on the screen.

use std::io::{IsTerminal as _, Write as _};

use agentsync_core::text::parse_note;
use clap::Parser as _;
use serde::Serialize;

use super::args::{Cli, DetailArg, RepairArgs, Shared, Verb};
use super::page::Page;
use super::{pages, render, setup};
use crate::app::args::{ClaimArgs, parse_agent, parse_lane, parse_optional_note, parse_status};
use crate::app::failure::{Failure, UsageError};
use crate::app::ports::{Diagnosis, HistoryQuery, Swap};
use crate::app::{claim, history, mailbox, release, repair, status, survey};
use crate::config::Flags;
use crate::report::Exit;
use crate::report::claim::ClaimReport;
use crate::report::failure::FailureReport;
use crate::report::history::HistoryReport;
use crate::report::mailbox::MailboxReport;
use crate::report::own::{ReleaseReport, StatusReport};
use crate::report::survey::{Detail, SurveyReport};
use crate::wiring::App;

/// Runs the program and returns its exit code.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => return print_usage(&err),
    };
    let screen = Screen { is_json: cli.shared.json };
    match run(&cli, &screen) {
        Ok(exit) => exit.code(),
        Err(failure) => screen.fail(&FailureReport::of(&failure)).code(),
    }
}

/// Help and version go to the standard output and are no error.
fn print_usage(err: &clap::Error) -> u8 {
    let _ = err.print();
    if err.use_stderr() { Exit::Usage.code() } else { Exit::Yes.code() }
}

fn flags(shared: &Shared) -> Flags {
    Flags {
        repo: shared.repo.clone(),
        agent: shared.agent.clone(),
        remote: shared.remote.clone(),
        branch: shared.board_branch.clone(),
        timeout: shared.timeout,
    }
}

fn run(cli: &Cli, screen: &Screen) -> Result<Exit, Failure> {
    match &cli.verb {
        Verb::Mcp => return Ok(crate::mcp::stdio::serve(flags(&cli.shared))),
        Verb::Doctor => return Ok(setup::doctor(&flags(&cli.shared), screen)),
        Verb::Completions(args) => return Ok(pages::completions(args.shell)),
        Verb::Man(args) => return pages::man(args.out.as_deref()),
        _ => {}
    }
    let app = App::open(&flags(&cli.shared))?;
    let ctx = &app.ctx();
    match &cli.verb {
        Verb::Survey(args) => {
            let detail = match args.detail {
                DetailArg::Brief => Detail::Brief,
                DetailArg::Full => Detail::Full,
            };
            let seen = survey::survey(ctx, &args.touching)?;
            let report = SurveyReport::of(&seen, &ctx.me.agent, &ctx.settings.board_source, detail);
            Ok(screen.show(&report, render::survey, Exit::Yes))
        }
        Verb::Claim(args) => {
            let args = ClaimArgs {
                task: args.task.clone(),
                touches: args.touches.clone(),
                requires: args.requires.clone(),
                branch: args.branch.clone(),
                lane: args.lane.clone(),
                force: args.force,
                reason: args.reason.clone(),
            };
            let report = ClaimReport::of(&claim::claim(ctx, &args)?, &ctx.store.place());
            Ok(screen.show(&report, render::claim, report.exit()))
        }
        Verb::Release(args) => {
            let note = parse_optional_note(args.note.as_deref())?;
            let answer = release::release(ctx, note, parse_lane(args.lane.as_deref())?)?;
            let report = ReleaseReport::of(&answer);
            Ok(screen.show(&report, render::release, report.exit()))
        }
        Verb::UpdateStatus(args) => {
            let note = parse_optional_note(args.note.as_deref())?;
            let lane = parse_lane(args.lane.as_deref())?;
            let answer = status::update_status(ctx, parse_status(&args.status)?, note, lane)?;
            let report = StatusReport::of(&answer)?;
            Ok(screen.show(&report, render::status, report.exit()))
        }
        Verb::Mailbox(args) => {
            let report = match &args.message {
                None => MailboxReport::read(&mailbox::read(ctx)?),
                Some(message) => {
                    let message = parse_note("message", message).map_err(UsageError::from)?;
                    MailboxReport::posted(&mailbox::post(ctx, message, parse_agent(args.to.as_deref())?)?)
                }
            };
            Ok(screen.show(&report, render::mailbox, Exit::Yes))
        }
        Verb::History(args) => {
            let path = args.path.as_deref().map(crate::app::args::parse_filter);
            let query = HistoryQuery { limit: args.limit, agent: parse_agent(args.agent.as_deref())?, path };
            let report = HistoryReport::of(&history::history(ctx, &query)?, &ctx.settings.branch);
            Ok(screen.show(&report, render::history, Exit::Yes))
        }
        Verb::Repair(args) => run_repair(&app, args, screen),
        Verb::Init(args) => setup::init(&app, args, &cli.shared, screen),
        Verb::Mcp | Verb::Doctor | Verb::Completions(_) | Verb::Man(_) => Ok(Exit::Yes),
    }
}

/// Shows what is wrong, and puts it right when the person at the terminal says so.
fn run_repair(app: &App, args: &RepairArgs, screen: &Screen) -> Result<Exit, Failure> {
    let ctx = &app.ctx();
    let diagnosis = repair::diagnose(ctx)?;
    screen.page(|page| render::repair(&diagnosis, page));
    if matches!(diagnosis, Diagnosis::Sound { .. }) {
        return Ok(Exit::Yes);
    }
    if !args.yes && !screen.asks("Do it?") {
        screen.line("nothing was written; `agentsync repair --yes` does it");
        return Ok(Exit::No);
    }
    match repair::mend(ctx, &diagnosis)? {
        Swap::Swapped(tip) => {
            screen.line(&format!("done: the board is at {}", tip.short()));
            Ok(Exit::Yes)
        }
        Swap::Moved => {
            screen.line("nothing was written: somebody else moved the branch; look again");
            Ok(Exit::TryAgain)
        }
        Swap::Unknown { why } => {
            screen.line(&format!("no plain answer ({why}): look again"));
            Ok(Exit::TryAgain)
        }
    }
}

/// Where answers go.
pub struct Screen {
    /// Whether a program reads them.
    pub is_json: bool,
}

impl Screen {
    /// Shows a report as JSON or in words.
    pub fn show<R: Serialize>(&self, report: &R, render: impl FnOnce(&R, &mut Page), exit: Exit) -> Exit {
        match self.is_json {
            true => self.line(&serde_json::to_string_pretty(report).unwrap_or_default()),
            false => self.page(|page| render(report, page)),
        }
        exit
    }

    /// Writes a page to the standard output.
    pub fn page(&self, write: impl FnOnce(&mut Page)) {
        let mut page = Page::new(textwrap::termwidth());
        write(&mut page);
        let _ = anstream::stdout().write_all(page.into_text().as_bytes());
    }

    /// Writes one line to the standard output.
    pub fn line(&self, text: &str) {
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Shows a failure: on the standard output for programs, on the standard error for people.
    pub fn fail(&self, report: &FailureReport) -> Exit {
        if self.is_json {
            self.line(&serde_json::to_string_pretty(report).unwrap_or_default());
        } else {
            let mut page = Page::new(textwrap::termwidth());
            render::failure(report, &mut page);
            let _ = anstream::stderr().write_all(page.into_text().as_bytes());
        }
        report.exit
    }

    /// Asks a yes-or-no question. Where nobody sits at a terminal the answer is no.
    pub fn asks(&self, question: &str) -> bool {
        if !std::io::stdin().is_terminal() {
            return false;
        }
        let _ = write!(anstream::stdout(), "{question} [y/N] ");
        let _ = anstream::stdout().flush();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}
