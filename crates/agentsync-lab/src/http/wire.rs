//! HTTP/1.1 as bytes: heads and bodies in, answers out.

use std::io::{self, BufRead, Read, Write};

use super::head::RequestHead;

/// The longest head we read.
const MAX_HEAD: u64 = 64 * 1024;

/// The longest body we read: more than any test pushes.
const MAX_BODY: u64 = 1 << 30;

/// Reads the next head; none when the client has hung up between two requests.
pub(crate) fn read_head(reader: &mut impl BufRead) -> io::Result<Option<RequestHead>> {
    let mut reader = reader.take(MAX_HEAD);
    let mut lines = Vec::new();
    while let Some(line) = read_line(&mut reader)? {
        if !line.is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            return RequestHead::parse(&lines).map(Some).map_err(io::Error::other);
        }
        // An empty line before the first one is forgiven (RFC 9112, 2.2).
    }
    if lines.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Reads the body that belongs to `head`, all of it.
pub(crate) fn read_body(head: &RequestHead, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let coding = head.header("transfer-encoding");
    match (coding, head.header("content-length")) {
        (None, None) => Ok(Vec::new()),
        (None, Some(length)) => read_exactly(reader, parse_length(length, 10)?),
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => read_chunks(reader),
        (Some(coding), _) => Err(invalid(&format!("the transfer coding is `{coding}`"))),
    }
}

/// Writes an answer whose whole body is known.
pub(crate) fn write_whole(
    writer: &mut impl Write,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<()> {
    write_head(writer, status, headers)?;
    write!(writer, "content-length: {}\r\n\r\n", body.len())?;
    writer.write_all(body)?;
    writer.flush()
}

/// Begins an answer whose body comes in chunks.
pub(crate) fn write_chunked_head(
    writer: &mut impl Write,
    status: u16,
    headers: &[(String, String)],
) -> io::Result<()> {
    write_head(writer, status, headers)?;
    writer.write_all(b"transfer-encoding: chunked\r\n\r\n")
}

/// Writes a chunk. An empty one ends the body.
pub(crate) fn write_chunk(writer: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write!(writer, "{:x}\r\n", bytes.len())?;
    writer.write_all(bytes)?;
    writer.write_all(b"\r\n")?;
    writer.flush()
}

/// Tells a client that waits for permission to send the body.
pub(crate) fn write_continue(writer: &mut impl Write) -> io::Result<()> {
    writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    writer.flush()
}

fn write_head(writer: &mut impl Write, status: u16, headers: &[(String, String)]) -> io::Result<()> {
    write!(writer, "HTTP/1.1 {status} {}\r\n", reason(status))?;
    for (name, value) in headers {
        write!(writer, "{name}: {value}\r\n")?;
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        // The reason is for people; programs read the number (RFC 9112, 4).
        _ => "Other",
    }
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = parse_length(size.trim(), 16)?;
        if size == 0 {
            break;
        }
        if MAX_BODY < size + body.len() as u64 {
            return Err(invalid("the body is too long"));
        }
        body.extend(read_exactly(reader, size)?);
        if read_line(reader)?.is_none_or(|line| !line.is_empty()) {
            return Err(invalid("a chunk does not end where it says"));
        }
    }
    // What may follow the last chunk, up to an empty line, is of no use to git.
    while read_line(reader)?.is_some_and(|line| !line.is_empty()) {}
    Ok(body)
}

fn read_exactly(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length { Ok(body) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn parse_length(text: &str, radix: u32) -> io::Result<u64> {
    let length = u64::from_str_radix(text, radix).ok().filter(|length| *length <= MAX_BODY);
    length.ok_or_else(|| invalid(&format!("the length is `{text}`")))
}

/// Reads a line without its end; none at the end of the stream.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix('\n').ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(Some(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_body(headers: &str, body: &str, want: Option<&str>) {
        let text = format!("\r\nPOST /x HTTP/1.1\r\n{headers}\r\n{body}GET /next HTTP/1.1\r\n\r\n");
        let mut reader = text.as_bytes();
        let head = read_head(&mut reader).unwrap().unwrap();
        let got = read_body(&head, &mut reader).ok();
        assert_eq!(got.as_deref(), want.map(str::as_bytes));
        if want.is_some() {
            assert_eq!(read_head(&mut reader).unwrap().unwrap().path, "/next");
        }
    }

    #[test]
    fn a_body_ends_where_the_head_says() {
        check_body("", "", Some(""));
        check_body("Content-Length: 3\r\n", "abc", Some("abc"));
        check_body(
            "Transfer-Encoding: chunked\r\n",
            "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            Some("abc0123456789"),
        );
        check_body("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nTrailer: x\r\n\r\n", Some("a"));
    }

    #[test]
    fn a_body_of_doubtful_length_is_refused() {
        check_body("Content-Length: -1\r\n", "", None);
        check_body("Content-Length: 999\r\n", "", None);
        check_body("Transfer-Encoding: gzip\r\n", "", None);
        check_body("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "", None);
        check_body("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n", None);
    }
}
