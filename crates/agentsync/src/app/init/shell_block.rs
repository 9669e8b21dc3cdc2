//! A block of ours in a shell script, between two marks.
//!
//! It stands at the head of the script: what stands at the end of one is often not reached, since scripts end
//! with `exec` or `exit`.

use std::ops::Range;

use super::insertion::{Insertion, line_at, newline_of};
use super::malformed::Malformed;

/// The line before the block.
pub const BEGIN: &str = "# agentsync:begin (`agentsync uninstall git` takes this away)";
/// The line after it.
pub const END: &str = "# agentsync:end";
/// The first line of a script of ours.
const SHEBANG: &str = "#!/bin/sh\n";

/// Returns the block for one of git's hooks. Without the program it says so and lets git go on.
pub fn block(hook: &str) -> String {
    let call = match hook {
        // Whatever comes after it in the script must read the same lines.
        "pre-push" => "\
  agentsync_refs=$(cat)
  printf '%s\\n' \"$agentsync_refs\" | agentsync hook pre-push \"$@\" || exit 1
  if [ -n \"$agentsync_refs\" ]; then
    exec <<AGENTSYNC_REFS
$agentsync_refs
AGENTSYNC_REFS
  else
    exec </dev/null
  fi"
        .to_owned(),
        _ => format!("  agentsync hook {hook} \"$@\" || exit 1"),
    };
    format!(
        "{BEGIN}\nif command -v agentsync >/dev/null 2>&1; then\n{call}\nelse\n  echo 'agentsync is not on PATH: what others have claimed was not looked at.' >&2\nfi\n{END}\n"
    )
}

/// Returns a script that holds the block alone.
pub fn render_fresh(hook: &str) -> String {
    format!("{SHEBANG}{}", block(hook))
}

/// What adding comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scripted {
    /// The block goes in.
    Insertion(Insertion),
    /// An earlier version of the block is replaced; this is the whole file.
    Replaced(String),
    /// The block is there.
    Already,
    /// It is no shell script.
    Foreign,
}

/// Plans to put the block of `hook` into a script; `is_sourced` says that it need not name its shell.
pub fn plan_add(text: &str, hook: &str, is_sourced: bool) -> Result<Scripted, Malformed> {
    let ours = block(hook);
    if let Some(range) = find(text)? {
        let (head, tail) = around(text, &range);
        return Ok(match text.get(range.clone()) == Some(&ours) {
            true => Scripted::Already,
            false => Scripted::Replaced(format!("{head}{ours}{tail}")),
        });
    }
    // A shell does not read lines that end as on Windows.
    if newline_of(text) != "\n" || !(is_shell(text) || (is_sourced && !text.starts_with("#!"))) {
        return Ok(Scripted::Foreign);
    }
    let at = head_end(text);
    let gap =
        if text.get(..at).is_some_and(|head| !head.is_empty() && !head.ends_with('\n')) { "\n" } else { "" };
    Ok(Scripted::Insertion(Insertion::new(at, format!("{gap}{ours}"))))
}

/// Plans to take the block out; `None` when there is none.
pub fn plan_remove(text: &str) -> Result<Option<String>, Malformed> {
    let range = find(text)?;
    Ok(range.map(|range| {
        let (head, tail) = around(text, &range);
        format!("{head}{tail}")
    }))
}

/// Tells whether a script holds the block and nothing else.
pub fn is_alone(text: &str) -> bool {
    plan_remove(text).is_ok_and(|rest| rest.as_deref() == Some(SHEBANG))
}

/// Returns the block as it stands in a script.
pub fn found(text: &str) -> Option<&str> {
    text.get(find(text).ok()??)
}

/// Tells whether nothing but comments, and what husky needs, comes before the block.
pub fn is_reached(text: &str) -> bool {
    let head = find(text).ok().flatten().and_then(|range| text.get(..range.start));
    let is_idle = |line: &str| line.trim().is_empty() || line.starts_with('#') || line.contains("husky.sh");
    head.is_some_and(|head| head.lines().all(is_idle))
}

fn is_shell(text: &str) -> bool {
    let Some(first) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else { return false };
    let mut words = first.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.next();
    let program = if program == Some("env") { words.find(|word| !word.starts_with('-')) } else { program };
    program.is_some_and(|name| ["sh", "bash", "dash", "zsh", "ksh", "ash"].contains(&name))
}

/// Returns where the head ends: after the shell's name, and after the line that old versions of husky need,
/// which runs the whole script once more.
fn head_end(text: &str) -> usize {
    let mut at = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let is_head = end == 0 && line.starts_with("#!");
        if is_head || (!line.starts_with('#') && line.contains("husky.sh")) {
            end = at;
        }
    }
    end
}

fn around<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    (text.get(..range.start).unwrap_or_default(), text.get(range.end..).unwrap_or_default())
}

/// Returns where the block stands, its last line break included.
fn find(text: &str) -> Result<Option<Range<usize>>, Malformed> {
    // What stands in brackets may change.
    let mark = BEGIN.split(" (").next().unwrap_or(BEGIN);
    let begins: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
    let ends: Vec<usize> = text.match_indices(END).map(|(at, _)| at).collect();
    match (begins.as_slice(), ends.as_slice()) {
        ([], []) => Ok(None),
        ([begin], [end]) if begin < end => {
            let tail = text.get(end + END.len()..).unwrap_or_default();
            let rest = tail.strip_prefix('\n').unwrap_or(tail);
            Ok(Some(*begin..text.len() - rest.len()))
        }
        ([at, ..], _) | ([], [at, ..]) => Err(Malformed::at(
            line_at(text, *at),
            format!("`{mark}` and `{END}` are not there once each, in this order"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::init::insertion::{apply, take_back};

    #[track_caller]
    fn check_add(text: &str, is_sourced: bool, head: &str) {
        let Ok(Scripted::Insertion(insertion)) = plan_add(text, "pre-commit", is_sourced) else {
            panic!("no insertion into {text}");
        };
        let changed = apply(text, std::slice::from_ref(&insertion));
        assert!(changed.starts_with(&format!("{head}{BEGIN}\n")), "{changed}");
        assert_eq!(plan_add(&changed, "pre-commit", is_sourced), Ok(Scripted::Already));
        assert_eq!(take_back(&changed, &[insertion]).as_deref(), Some(text));
        assert!(is_reached(&changed));
    }

    #[test]
    fn the_block_stands_at_the_head_of_a_script() {
        check_add("#!/bin/sh\nmake lint\nexit 0\n", false, "#!/bin/sh\n");
        check_add("#!/usr/bin/env -S bash\nexec x\n", false, "#!/usr/bin/env -S bash\n");
        check_add("#!/bin/sh", false, "#!/bin/sh\n");
        check_add("npm test\n", true, "");
        check_add("", true, "");
        let old = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n";
        check_add(&format!("{old}\nnpm test\n"), true, old);
    }

    #[test]
    fn what_is_no_shell_script_is_left() {
        for text in ["#!/usr/bin/env python3\n", "\u{7f}ELF", "", "#!/bin/sh\r\n"] {
            assert_eq!(plan_add(text, "pre-commit", false), Ok(Scripted::Foreign), "{text}");
        }
        assert_eq!(plan_add("#!/usr/bin/env node\n", "pre-commit", true), Ok(Scripted::Foreign));
    }

    #[test]
    fn an_older_block_is_replaced_and_taken_out_wherever_it_stands() {
        let text = format!("#!/bin/sh\nfirst\n{BEGIN}\nold\n{END}\nlast\n");
        let Ok(Scripted::Replaced(now)) = plan_add(&text, "pre-commit", false) else { panic!() };
        assert_eq!(found(&now), Some(&*block("pre-commit")));
        assert!(!is_reached(&now), "something comes before it");
        assert_eq!(plan_remove(&now).unwrap().as_deref(), Some("#!/bin/sh\nfirst\nlast\n"));
        assert!(plan_remove(&format!("x\n{BEGIN}\n")).is_err());
    }
}
