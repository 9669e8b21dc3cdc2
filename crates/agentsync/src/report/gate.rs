//! What `gate` answers.

use agentsync_core::guard::{Finding, Policy};
use agentsync_core::text::{cut, one_line};
use gix::hash::Kind;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::app::gate::Gate;
use crate::app::guard::words;

/// How much of a task is repeated.
const MAX_TASK: usize = 200;

/// A changed path that somebody else holds. The task is its holder's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingView {
    /// The path.
    pub path: String,
    /// Who holds it: the agent, or agent/lane.
    pub holder: String,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub task: Option<String>,
    /// Where that work lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub branch: Option<String>,
    /// When its holder last wrote the claim, RFC 3339, by the holder's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub since: Option<String>,
    /// All of that in a sentence.
    pub what: String,
    /// A name for the finding that stays the same as long as it is there.
    pub fingerprint: String,
}

/// The commits that were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RangeView {
    /// Where the work is to land.
    pub base: String,
    /// Its last commit.
    pub head: String,
    /// Where it left the base: what changed since then was looked at.
    pub parted: String,
}

/// What a branch changes of what others have claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GateReport {
    /// `clear`, `held`, `unsure` or `off`.
    pub status: &'static str,
    /// Whether the work is refused.
    pub refused: bool,
    /// `off`, `warn` or `block`.
    pub policy: &'static str,
    /// What was compared.
    pub range: RangeView,
    /// The coordination branch.
    pub board: String,
    /// The commit of it that was compared with; null when there was none.
    #[schemars(with = "serde_json::Value")]
    pub tip: Option<String>,
    /// The branch of the work, whose claims are its own; null when that is not known.
    #[schemars(with = "serde_json::Value")]
    pub branch: Option<String>,
    /// How many paths change.
    pub paths: usize,
    /// How many of them a claim of the branch covers.
    pub own: usize,
    /// The paths that somebody else holds.
    pub findings: Vec<FindingView>,
    /// What could not be found out.
    pub warnings: Vec<String>,
    /// The best next call.
    pub next: String,
}

impl GateReport {
    /// Reports what a gate came to.
    pub fn of(gate: &Gate, board: &str) -> GateReport {
        let findings: Vec<FindingView> = gate.gated.findings.iter().map(FindingView::of).collect();
        let status = match (gate.request.policy, findings.is_empty(), gate.warnings.is_empty()) {
            (Policy::Off, ..) => "off",
            (_, false, _) => "held",
            (_, true, false) => "unsure",
            (_, true, true) => "clear",
        };
        let range = &gate.range;
        GateReport {
            status,
            refused: gate.is_refused(),
            policy: gate.request.policy.as_str(),
            range: RangeView {
                base: range.base.clone(),
                head: range.head.clone(),
                parted: range.parted.clone(),
            },
            board: board.to_owned(),
            tip: gate.board.as_ref().map(|tip| tip.0.clone()),
            branch: gate.request.branch.as_deref().map(one_line),
            paths: gate.gated.n_paths,
            own: gate.gated.n_own,
            next: next(status, &findings, gate.request.branch.as_deref()),
            findings,
            warnings: gate.warnings.clone(),
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.refused { Exit::No } else { Exit::Yes }
    }
}

impl FindingView {
    fn of(finding: &Finding) -> FindingView {
        let held = &finding.held;
        let holder = one_line(held.key.as_str());
        let path = finding.path.clone();
        let what = words::held(&path, std::slice::from_ref(held));
        FindingView {
            task: held.task.as_deref().map(|task| cut(&one_line(task), MAX_TASK)),
            branch: held.branch.as_deref().map(one_line),
            since: held.since.map(|since| since.to_string()),
            what: what.strip_prefix("agentsync: ").unwrap_or(&what).to_owned(),
            fingerprint: fingerprint(&path, &holder),
            path,
            holder,
        }
    }
}

fn fingerprint(path: &str, holder: &str) -> String {
    let mut hasher = gix::hash::hasher(Kind::Sha256);
    hasher.update(format!("held\0{path}\0{holder}").as_bytes());
    hasher.try_finalize().map(|hash| hash.to_string()).unwrap_or_default()
}

fn next(status: &str, findings: &[FindingView], branch: Option<&str>) -> String {
    let Some(first) = findings.first().filter(|_| status == "held") else {
        return match status {
            "unsure" => "look at the board with `agentsync doctor`, then run the gate again".to_owned(),
            _ => "agentsync survey".to_owned(),
        };
    };
    let agent = first.holder.split('/').next().unwrap_or(&first.holder);
    let own = match branch {
        Some(branch) => format!("claim it with `--branch {}`", one_line(branch)),
        None => "claim it with the branch that it is on".to_owned(),
    };
    format!(
        "leave these paths to their holders, or ask: `agentsync mailbox MESSAGE --to {agent}`; the gate opens when the claim is done or released. If the work is the holder's own, {own}."
    )
}
