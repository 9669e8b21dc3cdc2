//! `reconcile`, from arguments to an answer.

use super::args::ReconcileArgs;
use super::render;
use super::screen::Screen;
use crate::app::args::parse_lane;
use crate::app::failure::Failure;
use crate::app::reconcile::{Aim, ReconcileRequest, reconcile};
use crate::report::Exit;
use crate::report::reconcile::ReconcileReport;
use crate::wiring::App;

/// Brings the branch up to another, and says how it went.
pub fn run(app: &App, args: &ReconcileArgs, screen: &Screen) -> Result<Exit, Failure> {
    let request = ReconcileRequest {
        with: args.with.clone(),
        lane: parse_lane(args.lane.as_deref())?,
        verify: app.verify(args.verify.as_deref())?,
        aim: if args.dry_run { Aim::Look } else { Aim::Move },
    };
    let scratch = app.scratch();
    let report = ReconcileReport::of(&reconcile(&app.ctx(), &scratch, &request)?);
    Ok(screen.show(&report, render::reconcile, report.exit()))
}
