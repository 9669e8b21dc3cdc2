//! What a source file says of itself: bytes of a file and its language in, facts out.
//!
//! Total: broken, huge, generated, binary and deeply nested files give what can be given, and
//! [`Facts::left_out`] says what was not looked at. Pure: no file, no clock, the same facts on every
//! machine. README.md lists what is extracted from which language.

mod detect;
mod digest;
mod languages;
mod lexicon;
mod mentions;
mod params;
mod parse;
mod sniff;
mod tape;
mod value;
mod walk;

use agentsync_core::facts::{Facts, Language, LeftOut};

use languages::Reader;
use tape::Tape;
use walk::Walk;

pub use detect::language_of;
pub use languages::is_supported;

/// Changes whenever the same bytes may give other facts; a part of every key that facts are kept by.
pub const EXTRACTOR_VERSION: u32 = 7;

/// How much is spent on one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longer files are not parsed.
    pub max_bytes: usize,
    /// The parser's steps that every file may take; a step is about a hundred of its operations.
    pub base_steps: u32,
    /// The steps it may take on top for each kilobyte.
    pub steps_per_kb: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // Sound source takes 6 steps for a kilobyte, seldom 20; the worst of 2,900 files took 57.
        Self { max_bytes: 2_000_000, base_steps: 2_000, steps_per_kb: 100 }
    }
}

/// Returns what a file of `language` says.
pub fn extract(language: Language, bytes: &[u8], limits: &Limits) -> Facts {
    if sniff::is_binary(bytes) {
        return Facts { left_out: Some(LeftOut::Binary), ..Facts::default() };
    }
    let text = sniff::to_text(bytes);
    let Some(reader) = languages::reader(language) else {
        return unparsed(&text, LeftOut::NoGrammar);
    };
    if limits.max_bytes < text.len() {
        return unparsed(&text, LeftOut::Huge);
    }
    let n_kilobytes = u32::try_from(text.len() / 1_000).unwrap_or(u32::MAX);
    let max_steps = limits.base_steps.saturating_add(n_kilobytes.saturating_mul(limits.steps_per_kb));
    let lexicon = match reader {
        Reader::Walk(_, lexicon) => lexicon,
        Reader::Tags(dialect) => dialect.lexicon(),
    };
    let Some(tree) = parse::parse(&text, lexicon, max_steps) else {
        return unparsed(&text, LeftOut::RanAway);
    };
    let tape = Tape::new(&text, &tree, lexicon);
    let mut facts = match reader {
        Reader::Walk(grammar, _) => Walk::run(&tape, grammar),
        Reader::Tags(dialect) => Walk::run(&tape, &dialect.tagged(&tree, &tape)),
    };
    facts.is_generated = sniff::is_generated(&text);
    facts
}

/// Returns the words of a file that was not parsed: enough to know that a name may be used in it.
fn unparsed(text: &str, why: LeftOut) -> Facts {
    let mut mentions = mentions::Mentions::default();
    mentions.plain(text);
    let mut facts =
        Facts { is_generated: sniff::is_generated(text), left_out: Some(why), ..Facts::default() };
    mentions.put_into(&mut facts);
    facts
}
