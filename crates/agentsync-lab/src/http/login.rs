//! Basic authentication.

use super::head::RequestHead;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The one user a host lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The user's password.
    pub password: String,
}

impl Login {
    /// Returns a login.
    pub fn new(user: &str, password: &str) -> Login {
        Login { user: user.to_owned(), password: password.to_owned() }
    }

    /// Returns whether the request shows this login.
    pub(crate) fn admits(&self, head: &RequestHead) -> bool {
        let want = render_base64(format!("{}:{}", self.user, self.password).as_bytes());
        let shown = head.header("authorization").and_then(|text| text.split_once(' '));
        shown.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("basic") && token.trim() == want)
    }
}

fn render_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |idx: usize| three.get(idx).copied().map_or(0, u32::from);
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit_idx in 0..4 {
            let digit = (bits >> (18 - 6 * digit_idx)) as usize & 63;
            let is_padding = three.len() < digit_idx;
            text.push(if is_padding { '=' } else { char::from(ALPHABET[digit]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_to_four_digits() {
        // The examples of RFC 4648, section 10.
        for (plain, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(render_base64(plain.as_bytes()), want);
        }
    }
}
