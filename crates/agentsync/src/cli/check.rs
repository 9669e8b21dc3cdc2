//! `check-conflicts`, from arguments to an answer.

use super::args::CheckArgs;
use super::render;
use super::screen::Screen;
use super::verbs::detail;
use crate::app::args::{parse_branch, parse_lane};
use crate::app::check_all::Scope;
use crate::app::check_conflicts::{CheckRequest, check_conflicts};
use crate::app::ctx::Ctx;
use crate::app::failure::{Failure, UsageError};
use crate::app::ports::Uncommitted;
use crate::app::reconcile::Verify;
use crate::app::verify_merged::verify_merged;
use crate::report::Exit;
use crate::report::check_conflicts::CheckReport;
use crate::wiring::App;

/// Compares one's work with others', and says how it came out.
pub fn run(app: &App, ctx: &Ctx<'_>, args: &CheckArgs, screen: &Screen) -> Result<Exit, Failure> {
    let verify = args.verify.as_deref().map(|command| verify(app, command)).transpose()?;
    let request = CheckRequest {
        against: parse_branch(args.against_branch.as_deref())?,
        lane: parse_lane(args.lane.as_deref())?,
        uncommitted: if args.committed { Uncommitted::Left } else { Uncommitted::Included },
        scope: if args.all { Scope::All } else { Scope::Mine },
    };
    let checked = check_conflicts(ctx, &request)?;
    let mut report = CheckReport::of(&checked, detail(args.detail));
    if let Some(verify) = verify {
        let verified = verify_merged(ctx, &app.scratch(), &verify, &checked, request.against.as_ref());
        report = report.with_verified(&verified);
    }
    Ok(screen.show(&report, render::check_conflicts, report.exit()))
}

/// Returns the user's command: as given here, or else as configured.
fn verify(app: &App, command: &str) -> Result<Verify, Failure> {
    let found = app.verify(Some(command).filter(|command| !command.is_empty()))?;
    found.ok_or_else(|| {
        UsageError::Other {
            what: "there is no command to verify merged work with".to_owned(),
            fix: "check --verify 'COMMAND', or git config agentsync.verify 'COMMAND'".to_owned(),
        }
        .into()
    })
}
