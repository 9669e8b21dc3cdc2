//! `gate`: arguments in; for people a table, for forges their own annotations.

mod github;
mod gitlab;
mod sarif;

use super::args::{GateArgs, GateFormat};
use super::render;
use super::screen::Screen;
use crate::app::failure::Failure;
use crate::app::gate::{self, GateRequest, parse_board, parse_range};
use crate::config::ci::{Ci, CiForge, ci};
use crate::report::Exit;
use crate::report::gate::GateReport;
use crate::wiring::App;

/// Compares a range with the board, and says what it found.
pub fn run(app: &App, args: &GateArgs, screen: &Screen) -> Result<Exit, Failure> {
    let ctx = &app.ctx();
    let (base, head) = parse_range(&args.range)?;
    let job = ci();
    let branch = match (&args.branch, &job) {
        (Some(branch), _) => Some(branch.clone()).filter(|branch| !branch.is_empty()),
        (None, Some(job)) => job.branch.clone(),
        (None, None) if head == "HEAD" => ctx.work.current_branch()?.map(|branch| branch.to_string()),
        (None, None) => Some(head.clone()),
    };
    let request = GateRequest {
        base,
        head,
        board: args.board.as_deref().map(parse_board).transpose()?,
        branch,
        policy: app.gate_policy(args.policy.as_deref())?,
        unsure: app.gate_unsure(),
    };
    let found = gate::gate(ctx.store, &app.changes(), request, ctx.clock.now())?;
    let report = GateReport::of(&found, &ctx.settings.branch);
    show(&report, format(args, job.as_ref(), screen), &ctx.dice.op().0, screen);
    Ok(report.exit())
}

fn format(args: &GateArgs, job: Option<&Ci>, screen: &Screen) -> GateFormat {
    match (args.format, job.map(|job| job.forge)) {
        (GateFormat::Auto, _) if screen.is_json => GateFormat::Json,
        (GateFormat::Auto, Some(CiForge::GitHub)) => GateFormat::Github,
        (GateFormat::Auto, Some(CiForge::GitLab)) => GateFormat::Gitlab,
        (GateFormat::Auto, None) => GateFormat::Text,
        (format, _) => format,
    }
}

fn show(report: &GateReport, format: GateFormat, token: &str, screen: &Screen) {
    let json = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default();
    match format {
        GateFormat::Auto | GateFormat::Text => screen.page(|page| render::gate(report, page)),
        GateFormat::Json => screen.line(&serde_json::to_string_pretty(report).unwrap_or_default()),
        GateFormat::Github => {
            // In the table words of others may stand at the beginning of a line, where they would be obeyed.
            screen.line(&format!("::stop-commands::{token}"));
            screen.page(|page| render::gate(report, page));
            screen.line(&format!("::{token}::"));
            for line in github::annotations(report) {
                screen.line(&line);
            }
        }
        GateFormat::Gitlab => {
            screen.aside(|page| render::gate(report, page));
            screen.line(&json(&gitlab::code_quality(report)));
        }
        GateFormat::Sarif => {
            screen.aside(|page| render::gate(report, page));
            screen.line(&json(&sarif::log(report)));
        }
    }
}
