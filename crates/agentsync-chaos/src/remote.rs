//! The hub as its clients reach it: a path, or a process that can be killed and started again.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use agentsync_lab::lab::Lab;
use rustix::process::Signal;

use crate::plan::{Round, Transport};
use crate::process;

/// How many of 1000 pushes go wrong.
const FAULTS: u32 = 250;

/// What stands between the clients and the hub.
pub(crate) struct Remote {
    transport: Transport,
    http_host: PathBuf,
    root: PathBuf,
    port: u16,
    seed: u64,
    n_starts: u64,
    server: Option<Child>,
}

impl Remote {
    pub(crate) fn new(lab: &Lab, round: &Round, http_host: PathBuf) -> Remote {
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut remote = Remote {
            transport: round.transport,
            http_host,
            root: lab.path().to_owned(),
            port: free,
            seed: round.seed,
            n_starts: 0,
            server: None,
        };
        remote.start(FAULTS);
        remote
    }

    /// Returns the address that clones of the hub are given.
    pub(crate) fn url(&self) -> String {
        match self.transport {
            Transport::File => self.root.join("hub.git").display().to_string(),
            Transport::Git => format!("git://127.0.0.1:{}/hub.git", self.port),
            Transport::Http => format!("http://127.0.0.1:{}/hub.git", self.port),
        }
    }

    /// Tells whether there is a process that could be killed.
    pub(crate) fn is_served(&self) -> bool {
        self.transport != Transport::File
    }

    /// Returns where the host writes down what it lets go wrong.
    pub(crate) fn fault_log(&self) -> PathBuf {
        self.root.join("faults")
    }

    /// Kills what serves, and what it has started or not.
    pub(crate) fn kill(&mut self, is_tree: bool) {
        let Some(mut server) = self.server.take() else { return };
        match is_tree {
            true => process::signal_all(&process::tree(server.id()), Signal::KILL),
            false => process::signal(server.id(), Signal::KILL),
        }
        let _ = server.wait();
    }

    /// Starts the server again if it has died by itself; says whether it had.
    pub(crate) fn revive(&mut self) -> bool {
        let is_dead = self.server.as_mut().is_some_and(|server| !matches!(server.try_wait(), Ok(None)));
        if is_dead {
            self.server = None;
            self.start_again();
        }
        is_dead
    }

    /// Starts the server again; from now on nothing goes wrong in it.
    pub(crate) fn start_quiet(&mut self) {
        self.kill(false);
        self.start(0);
    }

    /// Starts the server again.
    pub(crate) fn start_again(&mut self) {
        self.start(FAULTS);
    }

    fn start(&mut self, faults: u32) {
        self.n_starts += 1;
        let mut command = match self.transport {
            Transport::File => return,
            Transport::Git => self.daemon(),
            Transport::Http => self.host(faults),
        };
        let mut server = command.spawn().unwrap();
        match server.stdout.take() {
            // The host says its address when it listens.
            Some(stdout) => assert!(BufReader::new(stdout).read_line(&mut String::new()).unwrap() > 0),
            None => self.wait_for_door(),
        }
        self.server = Some(server);
    }

    fn wait_for_door(&self) {
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("git daemon does not listen on port {}", self.port);
    }

    fn daemon(&self) -> Command {
        let home = Command::new("git").arg("--exec-path").output().unwrap().stdout;
        // Not `git daemon`: that would start it as a child, which outlives it.
        let mut command = Command::new(Path::new(String::from_utf8(home).unwrap().trim()).join("git-daemon"));
        command
            .args(["--reuseaddr", "--listen=127.0.0.1", "--export-all", "--enable=receive-pack"])
            .arg(format!("--port={}", self.port))
            .arg(format!("--base-path={}", self.root.display()))
            .env("GIT_CONFIG_GLOBAL", self.root.join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn host(&self, faults: u32) -> Command {
        let mut command = Command::new(&self.http_host);
        command
            .arg("--root")
            .arg(&self.root)
            .args(["--port", &self.port.to_string(), "--faults", &faults.to_string()])
            .args(["--seed", &(self.seed * 1000 + self.n_starts).to_string()])
            .arg("--fault-log")
            .arg(self.fault_log())
            // It ends when its standard input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.kill(true);
    }
}
