//! `git http-backend`, started as the CGI program it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};

use super::head::RequestHead;
use super::login::Login;
use crate::ground::Ground;

/// The folder to serve, and a ground to run git on.
#[derive(Debug)]
pub(crate) struct Backend {
    ground: Ground,
    root: PathBuf,
    user: String,
}

impl Backend {
    pub(crate) fn new(root: &Path, login: Option<&Login>) -> Backend {
        let root = fs::canonicalize(root).expect("the root of a host exists");
        let user = login.map_or("lab", |login| login.user.as_str()).to_owned();
        Backend { ground: Ground::new(), root, user }
    }

    /// Starts git on a request, and reads the head of its answer.
    pub(crate) fn start(&self, head: &RequestHead, body: &[u8]) -> io::Result<Running> {
        let mut command = self.ground.command("git", "host");
        command
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GATEWAY_INTERFACE", "CGI/1.1")
            .env("SERVER_PROTOCOL", &head.version)
            .env("REMOTE_ADDR", "127.0.0.1")
            .env("REMOTE_USER", &self.user)
            .env("REQUEST_METHOD", &head.method)
            .env("PATH_INFO", &head.path)
            .env("QUERY_STRING", &head.query)
            .env("CONTENT_TYPE", head.header("content-type").unwrap_or_default())
            .env("CONTENT_LENGTH", body.len().to_string());
        if let Some(coding) = head.header("content-encoding") {
            command.env("HTTP_CONTENT_ENCODING", coding);
        }
        if let Some(protocol) = head.header("git-protocol") {
            command.env("HTTP_GIT_PROTOCOL", protocol).env("GIT_PROTOCOL", protocol);
        }
        command.stdin(as_file(body)?).stdout(Stdio::piped()).stderr(self.open_errors()?);
        Running::new(command.spawn()?)
    }

    pub(crate) fn errors(&self) -> String {
        fs::read_to_string(self.errors_path()).unwrap_or_default()
    }

    fn open_errors(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.errors_path())
    }

    fn errors_path(&self) -> PathBuf {
        self.ground.path().join("errors")
    }
}

/// Git at work on a request.
pub(crate) struct Running {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn new(mut child: Child) -> io::Result<Running> {
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut running = Running { status: 200, headers: Vec::new(), child, stdout };
        running.read_head()?;
        Ok(running)
    }

    /// Reads the next piece of the body; an empty one is the end.
    pub(crate) fn read_piece<'a>(&mut self, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let n_bytes = self.stdout.read(buffer)?;
        Ok(&buffer[..n_bytes])
    }

    /// Lets git finish, and returns the rest of the body.
    pub(crate) fn finish(mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.stdout.read_to_end(&mut body)?;
        self.child.wait()?;
        Ok(body)
    }

    fn read_head(&mut self) -> io::Result<()> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                self.status = 500;
                return Ok(());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return Ok(());
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("status") {
                // "Status: 404 Not Found"
                self.status = value.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(500);
            } else {
                self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
}

impl Drop for Running {
    /// Lets git finish even if the client is gone, as a real host does.
    fn drop(&mut self) {
        let _ = io::copy(&mut self.stdout, &mut io::sink());
        let _ = self.child.wait();
    }
}

/// Gives git its input as a file, so that it may write before it has read everything.
fn as_file(body: &[u8]) -> io::Result<Stdio> {
    if body.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(body)?;
    file.rewind()?;
    Ok(file.into())
}
