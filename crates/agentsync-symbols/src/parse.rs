//! One parse within a number of steps.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::lexicon::Lexicon;

/// Parses `text`, or returns nothing when that would take more than `max_steps`.
///
/// A step is what the parser does between two looks at its callback, about a hundred operations; counting
/// them instead of seconds gives the same answer on every machine.
pub fn parse(text: &str, lexicon: &Lexicon, max_steps: u32) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&lexicon.language).ok()?;
    let mut n_steps = 0;
    let mut progress = |_: &ParseState| {
        n_steps += 1;
        if max_steps < n_steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = text.as_bytes();
    parser.parse_with_options(
        &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
        None,
        Some(ParseOptions::new().progress_callback(&mut progress)),
    )
}
