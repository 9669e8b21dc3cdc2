//! Takes secrets out of text that is shown, logged or sent on.

/// Returns `text` with the user information and the query of every URL replaced by `***`.
///
/// git hides passwords in most of its messages and leaks tokens in queries; so both go.
pub fn redact(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        safe.push_str(before);
        safe.push_str("://");
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '<' | '>' | '`'));
        let end = end.unwrap_or(after.len());
        // An address within an address, as proxies and mirrors have them, is one of its own.
        let inner = after.find("://").filter(|at| *at < end && !starts_query_before(after, *at));
        let (url, tail) = after.split_at(inner.unwrap_or(end));
        safe.push_str(&redact_after_scheme(url));
        rest = tail;
    }
    safe.push_str(rest);
    safe
}

/// Tells whether a query begins before `at`: then all that follows goes with it.
fn starts_query_before(text: &str, at: usize) -> bool {
    text.find('?').is_some_and(|query| query < at)
}

fn redact_after_scheme(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, _)) => (address, "?***"),
        None => (url, ""),
    };
    let (authority, path) = address.find('/').map_or((address, ""), |at| address.split_at(at));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("***@{host}{path}{query}"),
        None => format!("{authority}{path}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_redact(text: &str, want: &str) {
        assert_eq!(redact(text), want);
    }

    #[test]
    fn r_46_user_information_and_queries_go() {
        check_redact(
            "fatal: unable to access 'https://bob:s3cret@example.org/x.git?token=abc#f': no",
            "fatal: unable to access 'https://***@example.org/x.git?***': no",
        );
        check_redact("https://a@b@host/p", "https://***@host/p");
        check_redact(
            "ssh://git@host:22/p and https://h/q?x=1 end",
            "ssh://***@host:22/p and https://h/q?*** end",
        );
    }

    #[test]
    fn r_46_an_address_within_an_address_goes_like_any_other() {
        check_redact(
            "https://mirror/https://bob:s3cret@example.org/x.git?token=abc",
            "https://mirror/https://***@example.org/x.git?***",
        );
        check_redact("a://bhttps://u@v@h/p", "a://bhttps://***@h/p");
        check_redact("https://h/?to=https://bob:s3cret@example.org", "https://h/?***");
    }

    #[test]
    fn text_without_urls_stays() {
        check_redact("git@host:owner/name.git is no url", "git@host:owner/name.git is no url");
        check_redact("a?b ://", "a?b ://");
    }
}
