//! Words that are shown: no secrets in them, and nothing that steers a terminal or hides.

use agentsync_core::redact::redact as redacted;
use agentsync_core::text::{cut, escape, is_hidden, one_line};

/// What must not be seen in any output.
const SECRET: &str = "hunter2";

/// A secret as user information or as query of an address, with anything around it.
pub fn redact(data: &[u8]) {
    let mut text = String::from_utf8_lossy(data).into_owned();
    let _ = redacted(&text);
    // Taking one out may join the letters of another.
    while text.contains(SECRET) {
        text = text.replace(SECRET, "");
    }
    let mut parts = text.splitn(4, '\n');
    let mut next = || parts.next().unwrap_or_default();
    let (before, inside, path, after) = (next(), next(), next(), next());
    // What a URL may hold there as it is; the rest would be escaped, or end it.
    let word: String =
        inside.chars().filter(|c| c.is_ascii_alphanumeric() || "-._~!$&()*+,;=:%@".contains(*c)).collect();
    let path: String = path.chars().filter(|c| c.is_ascii_alphanumeric() || "-._~/%".contains(*c)).collect();
    // What is left of these may be the secret's own letters.
    if word.contains(SECRET) || path.contains(SECRET) {
        return;
    }
    for scheme in ["https", "http", "ssh", "git"] {
        let urls = [
            format!("{scheme}://{word}{SECRET}@host/{path}"),
            format!("{scheme}://{word}:{SECRET}@host/{path}"),
            format!("{scheme}://{SECRET}{word}@host"),
            format!("{scheme}://host/{path}?{word}={SECRET}"),
            format!("{scheme}://host/{path}?{word}{SECRET}"),
            format!("{scheme}://{word}:x@host/{path}?token={SECRET}#{word}"),
        ];
        for url in urls {
            for (open, close) in [(" ", " "), ("'", "'"), ("`", "`"), ("", "\n"), ("<", ">")] {
                let shown = redacted(&format!("{before}{open}{url}{close}{after}"));
                assert!(!shown.contains(SECRET), "{url} in {shown}");
                assert_eq!(redacted(&shown), shown, "what is redacted stays so");
            }
        }
    }
}

/// Anything, on its way to a screen.
pub fn terminal(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let safe = escape(&text);
    assert!(!safe.contains(|c: char| is_hidden(c) && !matches!(c, '\n' | '\t')), "{safe:?}");
    assert_eq!(escape(&safe), safe, "what is safe stays as it is");
    let line = one_line(&text);
    assert!(!line.contains(is_hidden) && !line.contains(['\n', '\r', '\t']), "{line:?}");
    assert_eq!(one_line(&line), line);
    assert!(cut(&line, 80).chars().count() <= 80);
    assert!(!safe.contains('\u{1b}') && !safe.contains('\u{9b}') && !safe.contains('\u{7}'));
}
