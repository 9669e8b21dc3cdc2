//! A line in a commit's message that names the claim it belongs to.

use agentsync_core::text::{cut, one_line};
use agentsync_core::{Board, Claim};

use super::Scene;

/// The name of the line.
const NAME: &str = "Agentsync-Claim";
/// What stands above what git shows and drops.
const SCISSORS: &str = "------------------------ >8 ------------------------";
/// How much of a task is told.
const MAX_TASK: usize = 60;

/// Returns the values of the lines for a commit of `paths`: one for each claim of one's own that covers any.
pub fn values(scene: &Scene<'_>, board: &Board, paths: &[&str]) -> Vec<String> {
    let covers =
        |claim: &Claim| paths.iter().any(|path| claim.touches.iter().any(|touch| touch.covers(path)));
    let of_commit = scene.own(board).filter(|(_, claim)| covers(claim));
    let value = |(key, claim): (&agentsync_core::ClaimKey, &Claim)| {
        let (key, task) = (one_line(key.as_str()), cut(&one_line(&claim.task), MAX_TASK));
        if task.is_empty() { key } else { format!("{key} ({task})") }
    };
    of_commit.map(value).collect()
}

/// Puts the lines into a message; `None` when it has some, or says nothing yet: a message that its author
/// leaves empty ends the commit, and must stay empty.
///
/// `comment` begins the lines that git will drop; `None` when it drops none.
pub fn add(message: &str, values: &[String], comment: Option<&str>) -> Option<String> {
    let is_comment = |line: &str| comment.is_some_and(|comment| line.starts_with(comment));
    let is_cut = |line: &&str| is_comment(line) && line.contains(SCISSORS);
    let lines: Vec<&str> = message.split_inclusive('\n').collect();
    let n_lines = lines.iter().position(is_cut).unwrap_or(lines.len());
    let is_text = |line: &&str| !line.trim().is_empty() && !is_comment(line);
    let n_said = 1 + lines.get(..n_lines)?.iter().rposition(is_text)?;
    let (said, rest) = lines.split_at_checked(n_said)?;
    if values.is_empty() || said.iter().any(|line| line.starts_with(NAME)) {
        return None;
    }
    let mut text = said.concat();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if !ends_with_trailers(said) {
        text.push('\n');
    }
    text.extend(values.iter().map(|value| format!("{NAME}: {value}\n")));
    Some(text + &rest.concat())
}

/// Tells whether the last paragraph holds such lines alone; the first one is the subject.
fn ends_with_trailers(said: &[&str]) -> bool {
    let Some(blank) = said.iter().rposition(|line| line.trim().is_empty()) else { return false };
    let is_trailer = |line: &&str| {
        let name = line.split_once(": ").map(|(name, _)| name);
        name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
    };
    said.get(blank + 1..).is_some_and(|last| !last.is_empty() && last.iter().all(is_trailer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_add(message: &str, comment: Option<&str>, want: Option<&str>) {
        let added = add(message, &["alice".to_owned()], comment);
        assert_eq!(added.as_deref(), want);
        let again = added.map(|text| add(&text, &["alice".to_owned()], comment));
        assert!(again.is_none_or(|again| again.is_none()), "twice is once");
    }

    #[test]
    fn the_line_ends_what_is_said() {
        check_add("Fix it\n", None, Some("Fix it\n\nAgentsync-Claim: alice\n"));
        check_add("Fix it", None, Some("Fix it\n\nAgentsync-Claim: alice\n"));
        check_add("fix: it\n", None, Some("fix: it\n\nAgentsync-Claim: alice\n"));
        check_add("Fix\n\nWhy.\n\n", None, Some("Fix\n\nWhy.\n\nAgentsync-Claim: alice\n\n"));
        let signed = "Fix\n\nSigned-off-by: A <a@b>\n";
        check_add(signed, None, Some("Fix\n\nSigned-off-by: A <a@b>\nAgentsync-Claim: alice\n"));
        check_add("Fix\n\n# 12\n", None, Some("Fix\n\n# 12\n\nAgentsync-Claim: alice\n"));
    }

    #[test]
    fn what_git_drops_stays_below() {
        let comments = "Fix\n\n# Please enter\n# Changes:\n";
        check_add(comments, Some("#"), Some("Fix\n\nAgentsync-Claim: alice\n\n# Please enter\n# Changes:\n"));
        let cut = format!("Fix\n# {SCISSORS}\n# Do not\ndiff --git a b\n");
        let want = format!("Fix\n\nAgentsync-Claim: alice\n# {SCISSORS}\n# Do not\ndiff --git a b\n");
        check_add(&cut, Some("#"), Some(&want));
    }

    #[test]
    fn a_message_that_says_nothing_stays_empty() {
        check_add("", Some("#"), None);
        check_add("\n\n# Please enter\n", Some("#"), None);
    }
}
