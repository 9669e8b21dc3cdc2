//! One agent: claims files, and lets them go, through the command line or through a server it started.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use agentsync_lab::checkout::Checkout;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::fleet::Fleet;

/// What an agent does next.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    Claim { files: Vec<String>, wait: u64 },
    Release,
    Status(&'static str),
    Note,
    Survey,
}

/// An agent and where it works.
pub(crate) struct Client<'a> {
    pub(crate) number: usize,
    pub(crate) checkout: Checkout,
    /// Whether it keeps a server, or starts a command for each wish.
    pub(crate) is_server: bool,
    /// Whether its clone takes turns with those of its machine.
    pub(crate) takes_turns: bool,
    pub(crate) history: PathBuf,
    pub(crate) files: &'a [String],
    pub(crate) fleet: &'a Fleet,
    pub(crate) dice: Rng,
    pub(crate) server: Option<Pipes>,
}

/// The two ends of a server.
pub(crate) struct Pipes {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    n_calls: u64,
}

impl Client<'_> {
    /// Goes on until `is_over`; holds `gate` during each call, so that whoever closes it finds nothing
    /// under way.
    pub(crate) fn live(&mut self, gate: &RwLock<()>, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            {
                let _open = gate.read().unwrap();
                let wish = self.wish();
                self.fulfil(&wish);
            }
            thread::sleep(Duration::from_millis(self.dice.u64(..30)));
        }
    }

    fn wish(&mut self) -> Wish {
        match self.dice.u32(..100) {
            0..52 => {
                let first = self.dice.choice(self.files).unwrap().clone();
                let second = self.dice.choice(self.files).unwrap().clone();
                let files = if self.dice.u32(..4) == 0 { vec![first, second] } else { vec![first] };
                Wish::Claim { files, wait: if self.dice.u32(..25) == 0 { 2 } else { 0 } }
            }
            52..77 => Wish::Release,
            77..87 => Wish::Status(self.dice.choice(["planning", "in-progress", "done"]).unwrap()),
            87..89 => Wish::Note,
            _ => Wish::Survey,
        }
    }

    /// Makes one call, and waits for its answer or its end. What was answered stands in the history.
    pub(crate) fn fulfil(&mut self, wish: &Wish) {
        match self.is_server {
            true => self.ask_server(wish),
            false => {
                self.run(wish);
            }
        }
    }

    /// Runs a command to its end; returns its exit code, none when it was killed.
    pub(crate) fn run(&mut self, wish: &Wish) -> Option<i32> {
        let args: Vec<String> = match wish {
            Wish::Claim { files, wait } => {
                let wait = ["--wait".to_owned(), wait.to_string()];
                ["claim", "some work"]
                    .map(str::to_owned)
                    .into_iter()
                    .chain(files.clone())
                    .chain(wait)
                    .collect()
            }
            Wish::Release => vec!["release".to_owned()],
            Wish::Status(status) => vec!["update-status".to_owned(), (*status).to_owned()],
            Wish::Note => vec!["mailbox".to_owned(), "hello".to_owned()],
            Wish::Survey => vec!["survey".to_owned()],
        };
        let mut command = self.command();
        command.args(args).arg("--json").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.fleet.enter(self.number, command.spawn().unwrap(), true);
        self.fleet.wait(self.number)?.code()
    }

    fn command(&self) -> std::process::Command {
        let mut command = self.checkout.agentsync_command();
        command
            .env("AGENTSYNC_HISTORY", &self.history)
            .env("AGENTSYNC_UNCLAIMED", "off")
            .env("AGENTSYNC_TIMEOUT", "12")
            .env("AGENTSYNC_GIT_TIMEOUT", "6");
        if !self.takes_turns {
            command.env("AGENTSYNC_TURNS", "off");
        }
        command
    }

    fn ask_server(&mut self, wish: &Wish) {
        let (tool, arguments) = match wish {
            Wish::Claim { files, wait } => {
                ("claim", json!({"task": "some work", "touches": files, "wait_seconds": wait}))
            }
            Wish::Release => ("release", json!({})),
            Wish::Status(status) => ("update_status", json!({"status": status})),
            Wish::Note => ("mailbox", json!({"message": "hello"})),
            Wish::Survey => ("survey", json!({})),
        };
        let mut pipes = self.server.take().or_else(|| self.start_server());
        self.fleet.set_busy(self.number, true);
        let params = json!({"name": tool, "arguments": arguments});
        let answer = pipes.as_mut().and_then(|pipes| pipes.request("tools/call", &params));
        self.fleet.set_busy(self.number, false);
        match answer {
            Some(_) => self.server = pipes,
            None => self.bury_server(pipes),
        }
    }

    fn start_server(&mut self) -> Option<Pipes> {
        let mut command = self.command();
        command.arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        self.fleet.enter(self.number, child, true);
        let mut pipes = Pipes { input, output, n_calls: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "chaos", "version": "0"},
        });
        let greeted = pipes.request("initialize", &hello);
        let noted = greeted
            .and_then(|_| pipes.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})));
        if noted.is_none() {
            self.bury_server(Some(pipes));
            return None;
        }
        Some(pipes)
    }

    /// Waits for a server that was killed, or ends one.
    pub(crate) fn bury_server(&mut self, pipes: Option<Pipes>) {
        drop(pipes);
        if self.fleet.has(self.number) {
            self.fleet.wait(self.number);
        }
    }
}

impl Pipes {
    /// Makes a request; `None` when the server is gone.
    fn request(&mut self, method: &str, params: &Value) -> Option<Value> {
        self.n_calls += 1;
        let id = self.n_calls;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let message: Value = serde_json::from_str(&line).ok()?;
            if message["id"] == json!(id) && message.get("method").is_none() {
                return Some(message);
            }
        }
    }

    fn send(&mut self, message: &Value) -> Option<()> {
        writeln!(self.input, "{message}").ok()?;
        self.input.flush().ok()
    }
}
