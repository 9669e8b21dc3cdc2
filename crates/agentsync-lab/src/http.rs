//! A git host that speaks smart HTTP on the loopback, as slow and as faulty as a test asks for.

mod cgi;
mod connection;
pub mod fault;
mod gate;
pub mod head;
pub mod login;
mod wire;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cgi::Backend;
use connection::Desk;
use fault::{Fault, FaultHook};
use gate::Gate;
use head::RequestHead;
use login::Login;

/// What a host serves, and how.
pub struct HostOptions {
    /// The folder whose repositories are served.
    pub root: PathBuf,
    /// The port on the loopback; zero takes a free one.
    pub port: u16,
    /// The round trip to pretend: paid once by each connection and once by each request.
    pub rtt: Duration,
    /// Who may enter; nobody is asked when absent.
    pub login: Option<Login>,
    /// Decides what goes wrong.
    pub fault: FaultHook,
}

impl HostOptions {
    /// Returns the plain case: no delay, no login, no faults.
    pub fn new(root: impl Into<PathBuf>) -> HostOptions {
        HostOptions {
            root: root.into(),
            port: 0,
            rtt: Duration::ZERO,
            login: None,
            fault: Box::new(|_, _| Fault::None),
        }
    }
}

/// A running host; it stops when dropped, after the requests under way have ended.
#[derive(Debug)]
pub struct HttpHost {
    address: SocketAddr,
    desk: Arc<Desk>,
    door: Option<JoinHandle<()>>,
}

impl HttpHost {
    /// Starts a host on the loopback.
    pub fn start(options: HostOptions) -> HttpHost {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).expect("the port is free");
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk {
            backend: Backend::new(&options.root, options.login.as_ref()),
            rtt: options.rtt,
            login: options.login,
            fault: RwLock::new(options.fault),
            log: Mutex::default(),
            n_sent: AtomicU64::new(0),
            gate: Gate::default(),
        });
        let door = thread::spawn({
            let desk = Arc::clone(&desk);
            move || welcome(&listener, &desk)
        });
        HttpHost { address, desk, door: Some(door) }
    }

    /// Returns the address of `repo`, a path below the root.
    pub fn url(&self, repo: &str) -> String {
        format!("http://{}/{repo}", self.address)
    }

    /// Returns the address of `repo` with the user and the password in it.
    pub fn url_with_login(&self, repo: &str, login: &Login) -> String {
        format!("http://{}:{}@{}/{repo}", login.user, login.password, self.address)
    }

    /// Returns all requests so far, in the order in which their heads arrived.
    pub fn requests(&self) -> Vec<RequestHead> {
        self.desk.log.lock().unwrap().clone()
    }

    /// Returns how many bytes were answered so far, heads included.
    pub fn n_bytes_sent(&self) -> u64 {
        self.desk.n_sent.load(Ordering::Relaxed)
    }

    /// Lets `hook` decide what goes wrong from now on.
    pub fn set_fault(&self, hook: FaultHook) {
        *self.desk.fault.write().unwrap() = hook;
    }

    /// Returns what git wrote on its standard error so far.
    pub fn backend_errors(&self) -> String {
        self.desk.backend.errors()
    }
}

impl Drop for HttpHost {
    fn drop(&mut self) {
        self.desk.gate.close();
        // The door waits for a connection; this one tells it to look up.
        let _ = TcpStream::connect(self.address);
        if let Some(door) = self.door.take() {
            let _ = door.join();
        }
    }
}

/// Gives each connection a thread, and waits for all of them at the end.
fn welcome(listener: &TcpListener, desk: &Desk) {
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let admitted = stream.and_then(|stream| Ok((desk.gate.admit(&stream)?, stream)));
            match admitted {
                Ok((Some(ticket), stream)) => {
                    scope.spawn(move || {
                        // A connection that broke is the client's to notice.
                        let _ = connection::serve(&stream, desk);
                        desk.gate.leave(ticket);
                    });
                }
                Ok((None, _)) => return,
                // The client was gone before we looked.
                Err(_) => {}
            }
        }
    });
}
