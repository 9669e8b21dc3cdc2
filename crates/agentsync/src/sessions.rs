//! What the sessions of agents leave for each other in the clone: small files, read without git.

pub mod context;
pub mod desk;
pub mod journal;
pub mod keeper;
pub mod place;

use std::path::Path;
use std::time::Duration;

/// Returns how long ago a file was last written; `None` where that is not known.
fn age(path: &Path) -> Option<Duration> {
    path.metadata().and_then(|meta| meta.modified()).ok().map(|at| at.elapsed().unwrap_or_default())
}

/// Makes a file name of any id. Different ids get different names.
fn file_name(id: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let word: String = id.chars().map(fits).take(48).collect();
    // FNV-1a: it only has to tell apart what the word alone does not.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{word}-{hash:016x}")
}
