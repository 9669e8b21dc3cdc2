//! Commits made inside the bare hub, without a clone.

use std::io::Write as _;

/// Where the board lives.
pub(crate) const BOARD_BRANCH: &str = "agentsync";

/// The board's file at the tip of its branch.
pub(crate) const BOARD_FILE: &str = "claims.json";

/// A commit to add to a branch.
pub(crate) struct Commit<'a> {
    pub(crate) branch: &'a str,
    pub(crate) parent: Option<&'a str>,
    pub(crate) files: &'a [(&'a str, &'a [u8])],
    pub(crate) subject: &'a str,
    pub(crate) second: u64,
}

/// Renders `commit` for `git fast-import`, which then prints the new commit's id.
pub(crate) fn render_stream(commit: &Commit<'_>) -> Vec<u8> {
    let mut stream = Vec::new();
    let Commit { branch, parent, files, subject, second } = commit;
    write!(stream, "commit refs/heads/{branch}\nmark :1\n").unwrap();
    writeln!(stream, "committer stranger <stranger@lab.example> {second} +0000").unwrap();
    push_data(&mut stream, subject.as_bytes());
    if let Some(parent) = parent {
        writeln!(stream, "from {parent}").unwrap();
    }
    for (path, bytes) in *files {
        writeln!(stream, "M 100644 inline {path}").unwrap();
        push_data(&mut stream, bytes);
    }
    stream.extend_from_slice(b"\nget-mark :1\n");
    stream
}

fn push_data(stream: &mut Vec<u8>, bytes: &[u8]) {
    writeln!(stream, "data {}", bytes.len()).unwrap();
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}
