//! Conclusions about git's own hooks.

use super::Check;
use crate::app::ports::clone::FiredGitHook;

/// What a person can do about a hook at any time, and may.
const ALWAYS: &str = "`--no-verify` passes it by, and so does whoever has no such hook";

/// Says of each hook whether it refused a trial, and whether git comes to it.
pub(super) fn checks(hooks: &[FiredGitHook]) -> Vec<Check> {
    if hooks.is_empty() {
        let said = "git does not ask before it commits or pushes";
        return vec![Check::skipped("git hooks", said).with_fix("agentsync install git")];
    }
    let check = |hook: &FiredGitHook| {
        let (name, file) = (hook.hook, &hook.file);
        match (&hook.answer, &hook.off) {
            (_, Some((why, fix))) => Check::bad("git hooks", format!("{name}: {why}"), fix.clone()),
            (Err(why), None) => Check::bad(
                "git hooks",
                format!("{name} in {file} did not refuse a trial: {why}"),
                "put agentsync on PATH, then `agentsync install git`".to_owned(),
            ),
            (Ok(_), None) => Check::ok("git hooks", format!("{name} in {file} refused a trial; {ALWAYS}")),
        }
    };
    hooks.iter().map(check).collect()
}
