//! A client of the MCP server, which speaks plain JSON-RPC over the server's standard streams.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::checkout::Checkout;

/// How long a test waits for an answer before it calls the server stuck.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a server may take to end once its input is closed.
const GRACE: Duration = Duration::from_secs(10);

/// Which protocol the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Revision 2025-06-18: `initialize` first.
    Session,
    /// Revision 2026-07-28: no handshake, every request says who asks.
    Stateless,
}

/// A server at work in a checkout; it is stopped when dropped.
#[derive(Debug)]
pub struct McpClient {
    era: Era,
    child: Child,
    stdin: Option<ChildStdin>,
    inbox: Receiver<Value>,
    stderr: Stderr,
    n_requests: u64,
    answers: BTreeMap<u64, Result<Value, Value>>,
    news: VecDeque<Value>,
    welcome: Value,
}

impl McpClient {
    /// Starts `agentsync mcp` in `checkout`, and greets it as `era` wants.
    pub fn start(checkout: &Checkout, era: Era) -> McpClient {
        McpClient::start_with::<&str, &str>(checkout, era, &[])
    }

    /// Starts `agentsync mcp` with `env` on top of the lab's environment.
    pub fn start_with<K, V>(checkout: &Checkout, era: Era, env: &[(K, V)]) -> McpClient
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = checkout.agentsync_command();
        command.arg("mcp").envs(env.iter().map(|(key, value)| (key, value)));
        McpClient::start_command(command, era)
    }

    /// Starts any server on its standard streams, and greets it as `era` wants.
    pub fn start_command(mut command: Command, era: Era) -> McpClient {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let mut client = McpClient {
            era,
            stdin: child.stdin.take(),
            inbox: listen(child.stdout.take().unwrap()),
            stderr: Stderr::collect(child.stderr.take().unwrap()),
            child,
            n_requests: 0,
            answers: BTreeMap::new(),
            news: VecDeque::new(),
            welcome: Value::Null,
        };
        client.greet();
        client
    }

    /// Returns what the server said about itself: the result of `initialize` or `server/discover`.
    pub fn welcome(&self) -> &Value {
        &self.welcome
    }

    /// Calls a tool and returns the result object; a protocol error stops the test.
    #[track_caller]
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let mut params = json!({ "name": tool });
        params["arguments"] = arguments;
        match self.request("tools/call", params) {
            Ok(result) => result,
            Err(err) => panic!("`{tool}` answered a protocol error: {err}"),
        }
    }

    /// Calls a tool and returns its structured content; a tool error stops the test.
    #[track_caller]
    pub fn structured(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], json!(true), "`{tool}` failed: {result}");
        match result.get("structuredContent") {
            Some(content) => content.clone(),
            None => panic!("`{tool}` answered without structured content: {result}"),
        }
    }

    /// Sends a request and waits for its result, or for the error object.
    #[track_caller]
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send(method, params);
        self.wait(id)
    }

    /// Sends a request without waiting, and returns its id.
    #[track_caller]
    pub fn send(&mut self, method: &str, params: Value) -> u64 {
        self.n_requests += 1;
        let id = self.n_requests;
        let params = self.signed(params);
        self.send_line(
            &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string(),
        );
        id
    }

    /// Waits for the answer to the request `id`.
    #[track_caller]
    pub fn wait(&mut self, id: u64) -> Result<Value, Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            if !self.read_until(deadline) {
                let complaints = self.stop();
                panic!("no answer to request {id}; the server's stderr:\n{complaints}");
            }
        }
    }

    /// Sends a notification.
    #[track_caller]
    pub fn notify(&mut self, method: &str, params: Value) {
        let params = self.signed(params);
        self.send_line(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string());
    }

    /// Sends a line as it is, for tests of what a server makes of nonsense.
    #[track_caller]
    pub fn send_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("the server's input is open");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("the server reads");
    }

    /// Returns the next notification (or request) of the server, if one comes within `time`.
    pub fn notification(&mut self, time: Duration) -> Option<Value> {
        let deadline = Instant::now() + time;
        while self.news.is_empty() && self.read_until(deadline) {}
        self.news.pop_front()
    }

    /// Returns the server's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns what the server has written on its standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.bytes.lock().unwrap()).into_owned()
    }

    /// Closes the server's input, waits for its end, and returns its exit code and standard error.
    pub fn close(mut self) -> (Option<i32>, String) {
        let complaints = self.stop();
        (self.child.wait().unwrap().code(), complaints)
    }

    fn greet(&mut self) {
        let method = match self.era {
            Era::Session => "initialize",
            Era::Stateless => "server/discover",
        };
        let params = match self.era {
            Era::Session => json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "lab", "version": "0" },
            }),
            Era::Stateless => json!({}),
        };
        self.welcome = self.request(method, params).unwrap_or_else(|err| panic!("`{method}` failed: {err}"));
        if self.era == Era::Session {
            self.notify("notifications/initialized", json!({}));
        }
    }

    /// Adds what the era wants in every message. What `params` already says is kept.
    fn signed(&self, mut params: Value) -> Value {
        if self.era == Era::Stateless {
            let meta = &mut params["_meta"];
            for (key, value) in [
                ("protocolVersion", json!("2026-07-28")),
                ("clientCapabilities", json!({})),
                ("clientInfo", json!({ "name": "lab", "version": "0" })),
            ] {
                let place = &mut meta[format!("io.modelcontextprotocol/{key}")];
                if place.is_null() {
                    *place = value;
                }
            }
        }
        params
    }

    /// Takes one message in; false when none came in time or none can come any more.
    fn read_until(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = match self.inbox.recv_timeout(left) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        };
        if message.get("method").is_some() {
            self.decline(&message);
            self.news.push_back(message);
        } else if let Some(id) = message["id"].as_u64() {
            let answer = message.get("result").cloned().ok_or_else(|| message["error"].clone());
            self.answers.insert(id, answer);
        } else {
            // An error about a line whose id the server could not read.
            self.news.push_back(message);
        }
        true
    }

    /// Answers a request of the server: the client can do nothing but breathe.
    fn decline(&mut self, message: &Value) {
        let Some(id) = message.get("id") else {
            return;
        };
        let answer = if message["method"] == "ping" {
            json!({ "jsonrpc": "2.0", "id": id, "result": {} })
        } else {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "not known" } })
        };
        self.send_line(&answer.to_string());
    }

    /// Ends the server, by force only when it does not go, and returns its standard error.
    fn stop(&mut self) -> String {
        self.stdin = None;
        let deadline = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        // Both fail on a child that has ended, which is all we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A program the server left behind may hold its end open for ever.
        while !self.stderr.reader.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.stderr()
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads messages in a thread of their own until the server closes its output.
fn listen(stdout: ChildStdout) -> Receiver<Value> {
    let (sender, inbox) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let message = serde_json::from_str(&line)
                .unwrap_or_else(|err| json!({ "method": "lab/not-json", "params": { "line": line, "error": err.to_string() } }));
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    inbox
}

/// The standard error of a server, read in a thread of its own.
#[derive(Debug)]
struct Stderr {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Stderr {
    fn collect(mut pipe: ChildStderr) -> Stderr {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n_bytes @ 1..) = pipe.read(&mut buffer) {
                sink.lock().unwrap().extend_from_slice(&buffer[..n_bytes]);
            }
        });
        Stderr { bytes, reader }
    }
}
