//! The verbs that need a repository: arguments parsed, the verb run, its report shown.

use agentsync_core::text::parse_note;

use super::args::{
    BoardVerb, ClaimVerb, DetailArg, FinishArgs, HistoryArgs, MailboxArgs, ProvisionArgs, RepairArgs, Shared,
    SurveyArgs, VerifyArgs,
};
use super::screen::{Screen, Terminal};
use super::{check, gate, reconcile, render, setup};
use crate::app::args::{
    ClaimArgs, parse_agent, parse_filter, parse_finish, parse_lane, parse_optional_note, parse_status,
};
use crate::app::ctx::Ctx;
use crate::app::failure::{Failure, UsageError};
use crate::app::ports::{Diagnosis, HistoryQuery, Swap};
use crate::app::provision::{self, ProvisionRequest};
use crate::app::{
    add_collaborator, break_claim, claim, finish, history, mailbox, plan, release, repair, resolve, status,
    survey, verify,
};
use crate::report::Exit;
use crate::report::claim::ClaimReport;
use crate::report::finish::FinishReport;
use crate::report::history::HistoryReport;
use crate::report::mailbox::MailboxReport;
use crate::report::own::{BreakReport, ReleaseReport, StatusReport};
use crate::report::plan::PlanReport;
use crate::report::provision::{InvitedReport, ProvisionReport};
use crate::report::resolve::ResolveReport;
use crate::report::survey::{Detail, SurveyReport};
use crate::report::verify::{AcceptReport, VerifyReport};
use crate::wiring::App;

/// Runs a verb.
pub fn run(app: &App, verb: &BoardVerb, shared: &Shared, screen: &Screen) -> Result<Exit, Failure> {
    let caller = Terminal::new(screen);
    let ctx = &app.ctx_heard_by(&caller);
    match verb {
        BoardVerb::Survey(args) => run_survey(ctx, args, screen),
        BoardVerb::Claim(args) => run_claim(ctx, args, screen),
        BoardVerb::CheckConflicts(args) => check::run(app, ctx, args, screen),
        BoardVerb::Plan => {
            let report = PlanReport::of(&plan::plan(ctx)?);
            Ok(screen.show(&report, render::plan, report.exit()))
        }
        BoardVerb::Finish(args) => run_finish(ctx, args, screen),
        BoardVerb::Release(args) => {
            let note = parse_optional_note(args.note.as_deref())?;
            let report = ReleaseReport::of(&release::release(ctx, note, parse_lane(args.lane.as_deref())?)?);
            Ok(screen.show(&report, render::release, report.exit()))
        }
        BoardVerb::Break(args) => {
            let reason = parse_note("reason", &args.reason).map_err(UsageError::from)?;
            let report = BreakReport::of(&break_claim::break_claim(ctx, &args.key, reason)?, &args.key);
            Ok(screen.show(&report, render::break_claim, report.exit()))
        }
        BoardVerb::UpdateStatus(args) => {
            let (note, lane) =
                (parse_optional_note(args.note.as_deref())?, parse_lane(args.lane.as_deref())?);
            let answer = status::update_status(ctx, parse_status(&args.status)?, note, lane)?;
            let report = StatusReport::of(&answer)?;
            Ok(screen.show(&report, render::status, report.exit()))
        }
        BoardVerb::Mailbox(args) => run_mailbox(ctx, args, screen),
        BoardVerb::History(args) => run_history(ctx, args, screen),
        BoardVerb::Reconcile(args) => reconcile::run(app, args, screen),
        BoardVerb::Gate(args) => gate::run(app, args, screen),
        BoardVerb::Init(args) => setup::init(app, args, shared, screen),
        BoardVerb::Install(args) => setup::install(app, args, screen),
        BoardVerb::Uninstall(args) => setup::uninstall(app, args, screen),
        BoardVerb::Repair(args) => run_repair(app, args, screen),
        BoardVerb::Verify(args) => run_verify(app, args, screen),
        BoardVerb::Resolve(args) => {
            let op = resolve::parse_op(&args.op)?;
            let report = ResolveReport::of(&op.0, &resolve::resolve(ctx, &op)?);
            Ok(screen.show(&report, render::resolve, report.exit()))
        }
        BoardVerb::Provision(args) => run_provision(ctx, args, screen),
        BoardVerb::AddCollaborator(args) => {
            let invited = add_collaborator::add_collaborator(ctx, &args.users, Some(&args.permission))?;
            let report = InvitedReport::of(&invited);
            Ok(screen.show(&report, render::add_collaborator, report.exit()))
        }
        BoardVerb::RenewCache => app.renew_cache().map(|()| Exit::Yes),
        BoardVerb::Keep => Ok(crate::guard::keep::run(app)),
        BoardVerb::LookUpBranches => app.look_up_branches().map(|()| Exit::Yes),
    }
}

/// Returns how much is to be shown.
pub(super) fn detail(arg: DetailArg) -> Detail {
    match arg {
        DetailArg::Brief => Detail::Brief,
        DetailArg::Full => Detail::Full,
    }
}

fn run_survey(ctx: &Ctx<'_>, args: &SurveyArgs, screen: &Screen) -> Result<Exit, Failure> {
    let seen = survey::survey(ctx, &args.touching)?;
    let report = SurveyReport::of(&seen, &ctx.me.agent, &ctx.settings.board_source, detail(args.detail));
    Ok(screen.show(&report, render::survey, Exit::Yes))
}

fn run_claim(ctx: &Ctx<'_>, args: &ClaimVerb, screen: &Screen) -> Result<Exit, Failure> {
    let args = ClaimArgs {
        task: args.task.clone(),
        touches: args.touches.clone(),
        requires: args.requires.clone(),
        branch: args.branch.clone(),
        lane: args.lane.clone(),
        force: args.force,
        reason: args.reason.clone(),
        wait_seconds: args.wait,
        lease_seconds: args.lease,
        derive_requires: args.derive_requires.clone(),
    };
    let report = ClaimReport::of(&claim::claim(ctx, &args)?, &ctx.store.place());
    Ok(screen.show(&report, render::claim, report.exit()))
}

fn run_finish(ctx: &Ctx<'_>, args: &FinishArgs, screen: &Screen) -> Result<Exit, Failure> {
    let (note, title) = (args.note.as_deref(), args.title.as_deref());
    let request = parse_finish(note, title, args.draft, args.lane.as_deref())?;
    let report = FinishReport::of(&finish::finish(ctx, &request)?)?;
    Ok(screen.show(&report, render::finish, report.exit()))
}

fn run_mailbox(ctx: &Ctx<'_>, args: &MailboxArgs, screen: &Screen) -> Result<Exit, Failure> {
    let report = match &args.message {
        None => MailboxReport::read(&mailbox::read(ctx)?),
        Some(message) => {
            let message = parse_note("message", message).map_err(UsageError::from)?;
            MailboxReport::posted(&mailbox::post(ctx, message, parse_agent(args.to.as_deref())?)?)
        }
    };
    Ok(screen.show(&report, render::mailbox, Exit::Yes))
}

fn run_history(ctx: &Ctx<'_>, args: &HistoryArgs, screen: &Screen) -> Result<Exit, Failure> {
    let path = args.path.as_deref().map(parse_filter);
    let query = HistoryQuery { limit: args.limit, agent: parse_agent(args.agent.as_deref())?, path };
    let report = HistoryReport::of(&history::history(ctx, &query)?, &ctx.settings.branch);
    Ok(screen.show(&report, render::history, Exit::Yes))
}

fn run_verify(app: &App, args: &VerifyArgs, screen: &Screen) -> Result<Exit, Failure> {
    if args.accept {
        let report = AcceptReport::of(verify::accept(app.auditor())?);
        return Ok(screen.show(&report, render::accept, Exit::Yes));
    }
    let audited = verify::verify(app.auditor(), &verify::parse_range(args.range.as_deref())?)?;
    let report = VerifyReport::of(&audited, &app.ctx().settings.branch);
    Ok(screen.show(&report, render::verify, report.exit()))
}

fn run_provision(ctx: &Ctx<'_>, args: &ProvisionArgs, screen: &Screen) -> Result<Exit, Failure> {
    let request = ProvisionRequest {
        repo: args.repository.clone(),
        partners: args.partners.clone(),
        is_private: !args.public,
        description: args.description.clone(),
    };
    let report = ProvisionReport::of(&provision::provision(ctx, &request)?, &ctx.settings.branch);
    Ok(screen.show(&report, render::provision, report.exit()))
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
        Swap::Refused => {
            screen.line(
                "the remote refused it: somebody else moved the branch, or a lock is left behind; look again",
            );
            Ok(Exit::TryAgain)
        }
        Swap::Later => {
            screen.line("nothing was written: the remote asks to be left alone for a while; try again then");
            Ok(Exit::TryAgain)
        }
        Swap::Unknown { why } => {
            screen.line(&format!("no plain answer ({why}): look again"));
            Ok(Exit::TryAgain)
        }
    }
}
