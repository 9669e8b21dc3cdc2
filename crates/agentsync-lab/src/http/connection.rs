//! One connection: requests in, answers out, until somebody hangs up.

use std::io::{self, BufReader, BufWriter, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use super::cgi::{Backend, Running};
use super::fault::{Fault, FaultHook};
use super::gate::Gate;
use super::head::RequestHead;
use super::login::Login;
use super::wire;

/// What all connections of a host share.
pub(crate) struct Desk {
    pub(crate) backend: Backend,
    pub(crate) rtt: Duration,
    pub(crate) login: Option<Login>,
    pub(crate) fault: RwLock<FaultHook>,
    pub(crate) log: Mutex<Vec<RequestHead>>,
    /// The bytes of all answers so far.
    pub(crate) n_sent: AtomicU64,
    pub(crate) gate: Gate,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("backend", &self.backend).field("rtt", &self.rtt).finish_non_exhaustive()
    }
}

/// Whether the connection goes on.
type Next = ControlFlow<()>;

/// Serves the requests of one connection.
pub(crate) fn serve(stream: &TcpStream, desk: &Desk) -> io::Result<()> {
    // Without this, small chunks wait for the client's acknowledgement of the one before.
    stream.set_nodelay(true)?;
    // The handshake: the kernel has done it already, in no time.
    desk.gate.pause(desk.rtt);
    let mut reader = BufReader::new(stream);
    let mut writer = BufWriter::new(Counted { stream, n_sent: &desk.n_sent });
    loop {
        let head = match wire::read_head(&mut reader) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(err) => return refuse(&mut writer, &err),
        };
        let position = desk.note(&head);
        if head.header("expect").is_some_and(|text| text.eq_ignore_ascii_case("100-continue")) {
            desk.gate.pause(desk.rtt);
            wire::write_continue(&mut writer)?;
        }
        let body = match wire::read_body(&head, &mut reader) {
            Ok(body) => body,
            Err(err) => return refuse(&mut writer, &err),
        };
        desk.gate.pause(desk.rtt);
        let mut exchange =
            Exchange { desk, head: &head, body: &body, writer: &mut writer, stream_end: stream };
        let next = exchange.answer(position)?;
        if next.is_break() || !head.keeps_alive() {
            return Ok(());
        }
    }
}

/// A way out on which the bytes are counted.
struct Counted<'a> {
    stream: &'a TcpStream,
    n_sent: &'a AtomicU64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_bytes = self.stream.write(bytes)?;
        self.n_sent.fetch_add(n_bytes as u64, Ordering::Relaxed);
        Ok(n_bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Desk {
    /// Notes a request in the log, and returns its position there.
    fn note(&self, head: &RequestHead) -> usize {
        let mut log = self.log.lock().unwrap();
        log.push(head.clone());
        log.len() - 1
    }
}

/// One request and the way back to its client.
struct Exchange<'a, W> {
    desk: &'a Desk,
    head: &'a RequestHead,
    body: &'a [u8],
    writer: &'a mut W,
    stream_end: &'a TcpStream,
}

impl<W: Write> Exchange<'_, W> {
    fn answer(&mut self, position: usize) -> io::Result<Next> {
        if self.desk.login.as_ref().is_some_and(|login| !login.admits(self.head)) {
            let challenge = ("www-authenticate".to_owned(), "Basic realm=\"lab\"".to_owned());
            return self.whole(401, &[challenge], b"");
        }
        let fault = (self.desk.fault.read().unwrap())(self.head, position);
        match fault {
            Fault::None => self.stream(),
            Fault::DropRequest => Ok(Next::Break(())),
            Fault::DropAnswer => {
                self.start()?.finish()?;
                Ok(Next::Break(()))
            }
            Fault::ResetRequest => self.reset(),
            Fault::ResetAnswer => {
                self.start()?.finish()?;
                self.reset()
            }
            Fault::Refuse(status) => self.whole(status, &[], b""),
            Fault::Status(status) => {
                self.start()?.finish()?;
                self.whole(status, &[], b"")
            }
            Fault::Truncate(n_bytes) => self.truncated(n_bytes),
            Fault::Duplicate => {
                self.start()?.finish()?;
                self.stream()
            }
            Fault::Delay(time) => {
                self.desk.gate.pause(time);
                self.stream()
            }
            Fault::Die => {
                self.start()?.finish()?;
                std::process::exit(70);
            }
            Fault::Late(time) => {
                // The client may well be gone; it need not hear of it.
                let _ = self.stream_end.shutdown(Shutdown::Both);
                self.desk.gate.pause(time);
                self.start()?.finish()?;
                Ok(Next::Break(()))
            }
        }
    }

    /// Lets the connection end with a reset instead of a farewell.
    fn reset(&self) -> io::Result<Next> {
        rustix::net::sockopt::set_socket_linger(self.stream_end, Some(Duration::ZERO))?;
        Ok(Next::Break(()))
    }

    fn start(&self) -> io::Result<Running> {
        self.desk.backend.start(self.head, self.body)
    }

    /// Passes git's answer on as it comes.
    fn stream(&mut self) -> io::Result<Next> {
        let mut running = self.start()?;
        let has_no_chunks = self.head.version == "HTTP/1.0" || self.head.method == "HEAD";
        if has_no_chunks {
            let (status, headers) = (running.status, running.headers.clone());
            return self.whole(status, &headers, &running.finish()?);
        }
        wire::write_chunked_head(self.writer, running.status, &without_length(&running.headers))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let piece = running.read_piece(&mut buffer)?;
            wire::write_chunk(self.writer, piece)?;
            if piece.is_empty() {
                return Ok(Next::Continue(()));
            }
        }
    }

    fn truncated(&mut self, n_bytes: usize) -> io::Result<Next> {
        let running = self.start()?;
        let (status, headers) = (running.status, without_length(&running.headers));
        let body = running.finish()?;
        wire::write_chunked_head(self.writer, status, &headers)?;
        let piece = &body[..n_bytes.min(body.len())];
        // An empty chunk would say that the body is complete.
        if !piece.is_empty() {
            wire::write_chunk(self.writer, piece)?;
        }
        self.writer.flush()?;
        Ok(Next::Break(()))
    }

    fn whole(&mut self, status: u16, headers: &[(String, String)], body: &[u8]) -> io::Result<Next> {
        let body = if self.head.method == "HEAD" { b"" } else { body };
        wire::write_whole(self.writer, status, &without_length(headers), body)?;
        Ok(Next::Continue(()))
    }
}

/// Answers what cannot be understood, before the connection closes.
fn refuse(writer: &mut impl Write, err: &io::Error) -> io::Result<()> {
    wire::write_whole(writer, 400, &[], err.to_string().as_bytes())
}

/// Returns the headers but for the length, which we state ourselves.
fn without_length(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().filter(|(name, _)| name != "content-length").cloned().collect()
}
