//! Finds the conflicts in a text that git merged.

use crate::app::ports::Hunk;

/// How many lines of one side are kept.
const MAX_LINES: usize = 40;

/// Returns the conflicts of a text, in order.
pub(super) fn parse(text: &str) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let mut open: Option<Hunk> = None;
    let mut is_theirs = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        if line.starts_with("<<<<<<< ") {
            open = Some(Hunk { line: number, ours: Vec::new(), theirs: Vec::new() });
            is_theirs = false;
        } else if line.starts_with(">>>>>>> ") {
            hunks.extend(open.take());
        } else if line == "=======" && open.is_some() {
            is_theirs = true;
        } else if let Some(hunk) = &mut open {
            let side = if is_theirs { &mut hunk.theirs } else { &mut hunk.ours };
            if side.len() < MAX_LINES {
                side.push(line.to_owned());
            }
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conflict_has_two_sides() {
        let text = "a\n<<<<<<< one\nx\n=======\ny\nz\n>>>>>>> other\nb\n=======\n";
        let hunk = Hunk { line: 2, ours: vec!["x".to_owned()], theirs: vec!["y".to_owned(), "z".to_owned()] };
        assert_eq!(parse(text), [hunk]);
        assert!(parse("a\n=======\nb\n").is_empty());
        assert!(parse("<<<<<<< one\nx\n").is_empty(), "what does not end is no conflict of git's");
    }
}
