//! Decides what becomes of a push on the server: of the board's own branch, and of branches of code.

use std::collections::{BTreeMap, BTreeSet};

use agentsync_core::guard::{Arrival, Finding, Gated, Me, Policy, Target, gate};
use agentsync_core::text::one_line;
use agentsync_core::{Board, Timestamp};

use super::gate::unreadable;
use super::guard::settings::Unsure;
use super::guard::words::{ago, quote};
use super::ports::Tip;
use super::ports::gate::{BoardThere, Incoming, Others, RefUpdate};

/// How many paths of one branch are named.
const MAX_PATHS: usize = 10;

/// What holds for the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The coordination branch.
    pub branch: String,
    /// What follows when a push changes what others hold.
    pub policy: Policy,
    /// What follows when the board cannot be read.
    pub unsure: Unsure,
    /// What becomes of commits on the board that another program wrote.
    pub others: Others,
}

/// What is said about one branch of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whether the push is refused for it.
    pub is_refusal: bool,
    /// What it is about.
    pub head: String,
    /// What was found, one line each.
    pub lines: Vec<String>,
    /// What to do next.
    pub fix: String,
}

/// Decides what becomes of a push; nothing said is nothing wrong.
pub fn receive(push: &dyn Incoming, plan: &Plan, updates: &[RefUpdate], now: Timestamp) -> Vec<Said> {
    let is_board = |update: &&RefUpdate| update.branch() == Some(plan.branch.as_str());
    let mut said: Vec<Said> =
        updates.iter().filter(is_board).filter_map(|it| on_board(push, plan, it)).collect();
    let is_code =
        |update: &&RefUpdate| update.branch().is_some() && update.new.is_some() && !is_board(update);
    let code: Vec<&RefUpdate> = updates.iter().filter(is_code).collect();
    if plan.policy == Policy::Off || code.is_empty() {
        return said;
    }
    match push.board() {
        BoardThere::Absent => {}
        BoardThere::Unreadable(why) => said.push(unsure(plan, &format!("the board cannot be read: {why}"))),
        BoardThere::At(tip, board) => {
            let scene = Scene { push, plan, updates, tip: &tip, board: &board, now };
            said.extend(code.iter().flat_map(|update| scene.judge(update)));
        }
    }
    said
}

/// Says that something could not be found out.
pub fn unsure(plan: &Plan, why: &str) -> Said {
    Said {
        is_refusal: plan.unsure == Unsure::Block && plan.policy == Policy::Block,
        head: "what others hold was not compared with this push".to_owned(),
        lines: vec![one_line(why)],
        fix: "`agentsync repair` or `agentsync doctor` tells more; until then nothing can be claimed"
            .to_owned(),
    }
}

/// Judges a push of the board.
fn on_board(push: &dyn Incoming, plan: &Plan, update: &RefUpdate) -> Option<Said> {
    let refused = |lines: Vec<String>, fix: &str| Said {
        is_refusal: true,
        head: format!("the board `{}` is not moved", plan.branch),
        lines,
        fix: fix.to_owned(),
    };
    let Some(new) = &update.new else {
        let what = "it would be deleted, and with it what everybody has claimed".to_owned();
        return Some(refused(
            vec![what],
            "release claims one by one; only whoever runs the server can delete it",
        ));
    };
    match push.audit(update.old.as_deref(), new, plan.others) {
        Err(why) => {
            let what = format!("it cannot be checked: {}", one_line(&why));
            Some(refused(vec![what], "whoever runs the server must look at its hook"))
        }
        Ok(bad) => {
            let fix = bad.first()?.fix.clone();
            let n_more = bad.len().saturating_sub(MAX_PATHS);
            let mut lines: Vec<String> = bad.into_iter().take(MAX_PATHS).map(|bad| bad.what).collect();
            lines.extend((n_more > 0).then(|| format!("and {n_more} more")));
            Some(refused(lines, &fix))
        }
    }
}

/// What a push of code is judged by.
struct Scene<'a> {
    push: &'a dyn Incoming,
    plan: &'a Plan,
    updates: &'a [RefUpdate],
    tip: &'a Tip,
    board: &'a Board,
    now: Timestamp,
}

impl Scene<'_> {
    fn judge(&self, update: &RefUpdate) -> Vec<Said> {
        let (Some(branch), Some(new)) = (update.branch(), &update.new) else { return Vec::new() };
        match self.look(branch, update.old.as_deref(), new) {
            Ok(gated) => self.say(branch, &gated),
            Err(why) => vec![unsure(self.plan, &format!("what {branch} changes cannot be told: {why}"))],
        }
    }

    /// Finds what a branch brings of what others hold.
    fn look(&self, branch: &str, old: Option<&str>, new: &str) -> Result<Gated, String> {
        let lands = self.push.landing().as_deref() == Some(branch);
        // Where work lands, all that is new there counts; elsewhere, what is new to the server.
        let besides = old.filter(|_| lands);
        let paths = self.push.paths(new, besides, None)?;
        // A name that cannot be read as a path is one that no claim can cover either.
        let targets: Vec<Target> = paths.iter().filter_map(|path| Target::parse(path, &[]).ok()).collect();
        let own = (!lands).then(|| branch.to_owned());
        let me = Me { agent: self.push.pusher(), branch: own, ..Me::default() };
        let arrival = if lands { Arrival::Lands { on: branch.to_owned() } } else { Arrival::Stays };
        let mut gated = gate(self.board, &me, &targets, &arrival, self.now);
        let ways: BTreeSet<String> = gated.ways().into_iter().map(str::to_owned).collect();
        let mut without = BTreeMap::new();
        for way in ways.into_iter().filter(|way| way != branch) {
            if let Some(tip) = self.tip_of(&way) {
                without.insert(way, self.push.paths(new, besides, Some(&tip))?);
            }
        }
        gated.settle(&without);
        Ok(gated)
    }

    /// Returns where a branch will stand after the push.
    fn tip_of(&self, branch: &str) -> Option<String> {
        let moved = self.updates.iter().find(|update| update.branch() == Some(branch));
        moved.map_or_else(|| self.push.tip(branch), |update| update.new.clone())
    }

    fn say(&self, branch: &str, gated: &Gated) -> Vec<Said> {
        let mut said = Vec::new();
        let refuses = self.plan.policy == Policy::Block;
        let (certain, other): (Vec<&Finding>, Vec<&Finding>) =
            gated.findings.iter().partition(|finding| finding.is_certain && refuses);
        let head = |is_refusal: bool| match is_refusal {
            true => format!("{} is not moved: it changes what others hold", one_line(branch)),
            false => format!("{} changes what others hold", one_line(branch)),
        };
        for (is_refusal, findings) in [(true, certain), (false, other)] {
            if !findings.is_empty() {
                let (lines, fix) = (self.lines(&findings), fix(&findings, is_refusal));
                said.push(Said { is_refusal, head: head(is_refusal), lines, fix });
            }
        }
        let strange: Vec<String> = unreadable(gated).collect();
        if let Some(first) = strange.first() {
            said.push(unsure(self.plan, first));
        }
        said
    }

    fn lines(&self, findings: &[&Finding]) -> Vec<String> {
        let mut lines: Vec<String> = findings.iter().take(MAX_PATHS).map(|finding| line(finding)).collect();
        let n_more = findings.len().saturating_sub(MAX_PATHS);
        lines.extend((n_more > 0).then(|| format!("and {n_more} more")));
        lines.push(format!("(as the board stood at {})", self.tip.short()));
        lines
    }
}

fn line(finding: &Finding) -> String {
    let held = &finding.held;
    let mut about: Vec<String> = held.task.iter().map(|task| quote(task)).collect();
    about.extend(held.branch.iter().map(|branch| format!("branch {}", one_line(branch))));
    about.extend(held.seconds_ago.map(|seconds| format!("last heard of {}", ago(seconds))));
    format!("{} is held by {} ({})", one_line(&finding.path), one_line(held.key.as_str()), about.join(", "))
}

fn fix(findings: &[&Finding], is_refusal: bool) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let agent = one_line(first.held.key.agent());
    if !is_refusal {
        return format!(
            "if it is not {agent}'s own work, talk to {agent}: agentsync mailbox MESSAGE --to {agent}"
        );
    }
    let own = match &first.held.branch {
        Some(branch) => format!("If it is {agent}'s own work, push it to {}.", one_line(branch)),
        None => format!("If it is {agent}'s own work, claim it again with its branch."),
    };
    format!(
        "leave the paths out, wait until they are released, or ask: agentsync mailbox MESSAGE --to {agent}. {own}"
    )
}
