//! What a file's text says, and by which symbols two versions of it differ.

use agentsync_core::facts::{Facts, Language};
use agentsync_core::outline::{Outline, changed};
use agentsync_core::region::SymbolPath;
use agentsync_symbols::{Limits, extract, language_of};

use super::command::{Call, Output};

/// Files longer than this are not looked into.
pub const MAX_BYTES: u64 = 2_000_000;

/// Returns the facts of a file's text; `None` when its language is not known.
pub fn facts(path: &str, bytes: &[u8]) -> Option<(Language, Facts)> {
    let language = language_of(path, bytes)?;
    Some((language, extract(language, bytes, &Limits::default())))
}

/// Returns what a file says in a version that git has, named as git does: `HEAD:path`, or `:0:path` for what is staged;
/// `None` when it is not there or too long to be looked into. `begin` begins a call on its repository.
pub fn content<'a>(begin: impl Fn() -> Call<'a>, name: &str) -> Option<Vec<u8>> {
    let ask = |what: &str| begin().args(["cat-file", what, name]).run().and_then(Output::success).ok();
    let length: u64 = ask("-s")?.text().trim().parse().ok()?;
    (length <= MAX_BYTES).then(|| ask("blob").map(|output| output.stdout))?
}

/// Returns the innermost symbols by which two versions of a file differ; `None` when that cannot be told.
pub fn changed_symbols(path: &str, before: &[u8], after: &[u8]) -> Option<Vec<SymbolPath>> {
    let outline = |bytes: &[u8]| Some(Outline::of(String::new(), &facts(path, bytes)?.1));
    let (old, new) = (outline(before)?, outline(after)?);
    let text = String::from_utf8_lossy;
    Some(changed((&old, &text(before)), (&new, &text(after))))
}
