//! The head of a request: its first line and its headers.

/// What a client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The method, for instance `POST`.
    pub method: String,
    /// The path with its escapes resolved, for instance `/hub.git/git-receive-pack`.
    pub path: String,
    /// What stands after the question mark, as sent.
    pub query: String,
    /// The version, `HTTP/1.1` or `HTTP/1.0`.
    pub version: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl RequestHead {
    /// Reads the lines of a head, or says what is wrong with them.
    pub(crate) fn parse(lines: &[String]) -> Result<RequestHead, String> {
        let (first, rest) = lines.split_first().ok_or("the head is empty")?;
        let words: Vec<&str> = first.split(' ').collect();
        let [method, target, version] = words.as_slice() else {
            return Err(format!("the request line is `{first}`"));
        };
        if !matches!(*version, "HTTP/1.0" | "HTTP/1.1") {
            return Err(format!("the version is `{version}`"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(RequestHead {
            method: (*method).to_owned(),
            path: parse_escapes(path)?,
            query: query.to_owned(),
            version: (*version).to_owned(),
            headers: rest.iter().map(|line| parse_header(line)).collect::<Result<_, _>>()?,
        })
    }

    /// Returns the first header of that name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether this is the request that carries a push.
    ///
    /// The question for the references before it, a `GET`, does not count.
    pub fn is_push(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/git-receive-pack")
    }

    /// Returns whether this is a request to `git-upload-pack`, of which a fetch makes one or more.
    pub fn is_fetch(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/git-upload-pack")
    }

    /// Returns whether the connection stays open after the answer.
    pub(crate) fn keeps_alive(&self) -> bool {
        let says_close = self.header("connection").is_some_and(|text| text.eq_ignore_ascii_case("close"));
        self.version == "HTTP/1.1" && !says_close
    }
}

fn parse_header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or_else(|| format!("the header `{line}` has no colon"))?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(format!("the header `{line}` has no proper name"));
    }
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn parse_escapes(path: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    loop {
        match rest {
            [] => break,
            [b'%', high, low, tail @ ..] => {
                bytes.push(parse_hex(*high, *low).ok_or_else(|| format!("the path is `{path}`"))?);
                rest = tail;
            }
            [byte, tail @ ..] => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    // A NUL could not be handed to a program.
    let text = String::from_utf8(bytes).ok().filter(|text| text.starts_with('/') && !text.contains('\0'));
    text.ok_or_else(|| format!("the path is `{path}`"))
}

fn parse_hex(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_parse(first: &str, want: Result<(&str, &str), &str>) {
        let got = RequestHead::parse(&[first.to_owned()]);
        let got = got.as_ref().map(|head| (head.path.as_str(), head.query.as_str())).map_err(String::as_str);
        assert_eq!(got, want);
    }

    #[test]
    fn parse_splits_the_target_and_resolves_escapes() {
        check_parse("GET /a%20b/info/refs?x=%20 HTTP/1.1", Ok(("/a b/info/refs", "x=%20")));
        check_parse("GET /a%2", Err("the request line is `GET /a%2`"));
        check_parse("GET /a%2 HTTP/1.1", Ok(("/a%2", "")));
        check_parse("GET /a%zz HTTP/1.1", Err("the path is `/a%zz`"));
        check_parse("GET / HTTP/2", Err("the version is `HTTP/2`"));
    }
}
