//! One binary for all targets, so that the program is built and linked once: `AGENTSYNC_FUZZ` names
//! the target. `scripts/fuzz` builds and runs it.

#![no_main]
#![expect(
    clippy::disallowed_methods,
    reason = "libFuzzer takes the arguments; the target is named beside them"
)]

mod board;
mod git;
mod mcp;
#[path = "../../crates/agentsync-core/tests/oracle/mod.rs"]
mod oracle;
mod paths;
mod source;
mod words;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
const TARGETS: [(&str, Target); 12] = [
    ("document", board::document),
    ("entry", board::entry),
    ("path", paths::path),
    ("globs", paths::globs),
    ("answers", git::answers),
    ("refname", git::refname),
    ("message", git::message),
    ("config", git::config),
    ("redact", words::redact),
    ("terminal", words::terminal),
    ("mcp", mcp::frames),
    ("facts", source::facts),
];

/// The target that this process was started for.
fn chosen() -> Target {
    let name = std::env::var("AGENTSYNC_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("AGENTSYNC_FUZZ is `{name}`, which names no target")).1
}

fuzz_target!(|data: &[u8]| {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    CHOSEN.get_or_init(chosen)(data);
});
