//! Whether a commit or a push may go on, as the board stands: what git's own hooks translate.

use agentsync_core::guard::{Held, Judgement, Me, Policy, Rules, Target, guard};
use agentsync_core::region::SymbolPath;

use super::commit_words::{self, Subject};
use super::settings::Unsure;
use super::{Scene, View, YOUNG, narrow, words};

/// What is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A commit.
    Commit,
    /// A push.
    Push,
}

/// Paths that change, and for whom they are looked at.
#[derive(Debug, Clone)]
pub struct Part {
    /// For whom.
    pub me: Me,
    /// The paths.
    pub targets: Vec<Target>,
    /// What is compared to know which symbols of a file change.
    pub span: Span,
}

/// Between which versions of its files something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// From the commit that is checked out to what is staged.
    Staged,
    /// From one commit to another.
    Commits {
        /// What was there before.
        from: String,
        /// What is there then.
        to: String,
    },
    /// It cannot be told, as in a merge.
    Unclear,
}

/// Finds out which symbols of a file change between two versions; `None` when that cannot be told.
pub type Compare<'a> = dyn Fn(&Span, &Target) -> Option<Vec<SymbolPath>> + 'a;

/// How the board was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Not yet.
    No,
    /// It answered.
    Yes,
    /// It could not be asked, for this reason.
    Failed(String),
}

/// What becomes of a commit or a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It goes on; the text is for whoever started it.
    Pass(Option<String>),
    /// It is refused.
    Refuse(String),
    /// The copy of the board is missing or old: the board must be asked first.
    Ask,
}

/// Decides about `parts`. A copy that was confirmed within half a minute does; else the board is asked.
pub fn check(
    scene: &Scene<'_>,
    act: Act,
    policy: Policy,
    parts: &[Part],
    asked: &Asked,
    compare: &Compare<'_>,
) -> Answer {
    if policy == Policy::Off || parts.iter().all(|part| part.targets.is_empty()) {
        return Answer::Pass(None);
    }
    let view = scene.view();
    let is_old = view.as_ref().is_none_or(|view| view.age > YOUNG);
    if is_old && *asked == Asked::No {
        return Answer::Ask;
    }
    let judged: Vec<Judgement> =
        view.iter().flat_map(|view| judge(scene, view, policy, parts, compare)).collect();
    let mut held: Vec<(&str, &[Held])> = judged.iter().flat_map(Judgement::held).collect();
    held.sort_by_key(|(path, _)| *path);
    held.dedup_by_key(|(path, _)| *path);
    let age = view.as_ref().map(|view| view.age);
    let doubt = match asked {
        Asked::Failed(why) if is_old => Some(words::unsure(age, Some(why))),
        Asked::Failed(_) | Asked::No | Asked::Yes => None,
    };
    let subject = Subject { act, policy, age, doubt };
    match (held.is_empty(), policy, subject.doubt.is_some()) {
        (false, Policy::Block, _) => Answer::Refuse(commit_words::held(&subject, &held)),
        (false, Policy::Warn | Policy::Off, _) => Answer::Pass(Some(commit_words::held(&subject, &held))),
        (true, _, false) => Answer::Pass(None),
        (true, Policy::Block, true) if scene.guard.unsure == Unsure::Block => {
            Answer::Refuse(commit_words::unsure(&subject, true))
        }
        (true, _, true) => Answer::Pass(Some(commit_words::unsure(&subject, false))),
    }
}

fn judge(
    scene: &Scene<'_>,
    view: &View,
    policy: Policy,
    parts: &[Part],
    compare: &Compare<'_>,
) -> Vec<Judgement> {
    let rules = Rules { policy, auto_claim: false };
    let judge = |part: &Part| {
        let targets = narrow(&view.board, &part.targets, &|target| compare(&part.span, target));
        guard(&view.board, &part.me, &targets, rules, scene.now)
    };
    parts.iter().map(judge).collect()
}
