//! A block of ours in a file for people, between two marks.

use std::ops::Range;

use super::insertion::{Insertion, line_at, newline_of};
use super::malformed::Malformed;

/// The line before the block.
pub const BEGIN: &str = "<!-- agentsync:begin -->";
/// The line after it.
pub const END: &str = "<!-- agentsync:end -->";

/// What adding comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fenced {
    /// The block goes at the end.
    Insertion(Insertion),
    /// An earlier version of the block is replaced; this is the whole file.
    Replaced(String),
    /// The block is there.
    Already,
}

/// Returns the block with its marks, ending its lines with `newline`.
pub fn render(body: &str, newline: &str) -> String {
    format!("{BEGIN}\n{}\n{END}\n", body.trim_end()).replace('\n', newline)
}

/// Plans to put `body` into `text`.
pub fn plan_add(text: &str, body: &str) -> Result<Fenced, Malformed> {
    let newline = newline_of(text);
    let block = render(body, newline);
    if let Some(range) = find(text)? {
        let found = text.get(range.clone()).unwrap_or_default();
        if found.trim_end() == block.trim_end() {
            return Ok(Fenced::Already);
        }
        let (head, tail) = around(text, &range);
        return Ok(Fenced::Replaced(format!("{head}{block}{tail}")));
    }
    let gap = match text {
        "" => "",
        _ if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
        _ if text.ends_with('\n') => newline,
        _ => &newline.repeat(2),
    };
    Ok(Fenced::Insertion(Insertion::new(text.len(), format!("{gap}{block}"))))
}

/// Plans to take the block out of `text`, with the blank line before it; `None` when there is none.
pub fn plan_remove(text: &str) -> Result<Option<String>, Malformed> {
    let Some(range) = find(text)? else { return Ok(None) };
    let (head, tail) = around(text, &range);
    let head = match head.strip_suffix("\r\n\r\n").map(|kept| kept.len() + 2) {
        Some(end) => head.get(..end).unwrap_or(head),
        None => head.strip_suffix("\n\n").and_then(|kept| head.get(..=kept.len())).unwrap_or(head),
    };
    Ok(Some(format!("{head}{tail}")))
}

fn around<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    (text.get(..range.start).unwrap_or_default(), text.get(range.end..).unwrap_or_default())
}

/// Returns where the block stands, its last line break included.
fn find(text: &str) -> Result<Option<Range<usize>>, Malformed> {
    let begins: Vec<usize> = text.match_indices(BEGIN).map(|(at, _)| at).collect();
    let ends: Vec<usize> = text.match_indices(END).map(|(at, _)| at).collect();
    match (begins.as_slice(), ends.as_slice()) {
        ([], []) => Ok(None),
        ([begin], [end]) if begin < end => {
            let tail = text.get(end + END.len()..).unwrap_or_default();
            let rest = tail.strip_prefix("\r\n").or_else(|| tail.strip_prefix('\n')).unwrap_or(tail);
            Ok(Some(*begin..text.len() - rest.len()))
        }
        ([at, ..], _) | ([], [at, ..]) => Err(Malformed::at(
            line_at(text, *at),
            format!("`{BEGIN}` and `{END}` are not there once each, in this order"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::init::insertion::{apply, take_back};

    #[track_caller]
    fn check_add(text: &str, want: &str) {
        let Fenced::Insertion(insertion) = plan_add(text, "Claim first.").unwrap() else {
            panic!("no insertion into {text}");
        };
        let changed = apply(text, std::slice::from_ref(&insertion));
        assert_eq!(changed, want);
        assert_eq!(plan_add(&changed, "Claim first."), Ok(Fenced::Already));
        assert_eq!(take_back(&changed, &[insertion]).as_deref(), Some(text));
    }

    #[test]
    fn a_block_is_set_apart_by_a_blank_line() {
        let block = format!("{BEGIN}\nClaim first.\n{END}\n");
        check_add("", &block);
        check_add("# Shop\n", &format!("# Shop\n\n{block}"));
        check_add("# Shop\n\n", &format!("# Shop\n\n{block}"));
        check_add("# Shop", &format!("# Shop\n\n{block}"));
        check_add("# Shop\r\n", &format!("# Shop\r\n\r\n{}", block.replace('\n', "\r\n")));
    }

    #[test]
    fn an_older_block_is_replaced_where_it_stands() {
        let text = format!("# Shop\n\n{BEGIN}\nold\n{END}\n\nMore.\n");
        let want = format!("# Shop\n\n{BEGIN}\nnew\n{END}\n\nMore.\n");
        assert_eq!(plan_add(&text, "new"), Ok(Fenced::Replaced(want)));
    }

    #[test]
    fn a_block_is_taken_out_with_its_blank_line() {
        let text = format!("# Shop\n\n{BEGIN}\nold\n{END}\n\nMore.\n");
        assert_eq!(plan_remove(&text).unwrap().as_deref(), Some("# Shop\n\nMore.\n"));
        let windows = text.replace('\n', "\r\n");
        assert_eq!(plan_remove(&windows).unwrap().as_deref(), Some("# Shop\r\n\r\nMore.\r\n"));
        assert_eq!(plan_remove("# Shop\n"), Ok(None));
    }

    #[test]
    fn a_mark_without_its_fellow_is_an_error() {
        let why = |text: &str| plan_add(text, "x").unwrap_err().line;
        assert_eq!(why(&format!("a\n{BEGIN}\n")), 2);
        assert_eq!(why(&format!("{END}\n{BEGIN}\n")), 2);
        assert_eq!(why(&format!("\n\n{END}\n")), 3);
    }
}
