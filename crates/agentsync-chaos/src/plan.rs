//! What a run is asked for, and the rounds it is made of.

use std::path::PathBuf;
use std::time::Duration;

use agentsync_lab::lab::{ObjectFormat, RefFormat};

/// How the hub is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A path on the same disk.
    File,
    /// `git daemon` on the loopback.
    Git,
    /// Smart HTTP on the loopback, through a host that lets things go wrong.
    Http,
}

/// One round: a hub of its own, clients, some time of chaos, then quiet and the check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) seed: u64,
    pub(crate) transport: Transport,
    pub(crate) refs: RefFormat,
    pub(crate) hash: ObjectFormat,
    pub(crate) n_clients: usize,
    /// How many files they want.
    pub(crate) n_files: usize,
    /// How long things go wrong.
    pub(crate) time: Duration,
    /// The mean time between two blows: of ten, eight are kills and two are stops.
    pub(crate) kill_every: Duration,
}

impl Round {
    pub(crate) fn label(&self) -> String {
        let transport = match self.transport {
            Transport::File => "file",
            Transport::Git => "git://",
            Transport::Http => "http",
        };
        let refs = if self.refs == RefFormat::Files { "files" } else { "reftable" };
        let hash = if self.hash == ObjectFormat::Sha1 { "sha1" } else { "sha256" };
        let (kill_ms, seed) = (self.kill_every.as_millis(), self.seed);
        format!(
            "{transport}, {refs}, {hash}, {} clients, {} files, a blow every {kill_ms} ms, seed {seed}",
            self.n_clients, self.n_files
        )
    }
}

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) agentsync: PathBuf,
    pub(crate) http_host: PathBuf,
    pub(crate) predecessor: Option<PathBuf>,
    pub(crate) is_short: bool,
    pub(crate) minutes: f64,
    pub(crate) seed: u64,
    pub(crate) transport: Option<Transport>,
    pub(crate) refs: Option<RefFormat>,
    pub(crate) hash: Option<ObjectFormat>,
    pub(crate) n_clients: Option<usize>,
    /// Where what is found wrong is kept.
    pub(crate) keep: PathBuf,
}

const USAGE: &str = "usage: chaos AGENTSYNC HTTP-HOST [--short | --long | --minutes N] [--seed N] \
[--transport file|git|http] [--refs files|reftable] [--hash sha1|sha256] [--clients N] [--keep DIR] \
[--predecessor PROGRAM]";

impl Options {
    /// Reads the command line, or says what is wrong with it.
    pub(crate) fn parse(args: &[String]) -> Result<Options, String> {
        let mut places = args.iter();
        let mut place = || places.next().map(PathBuf::from).ok_or_else(|| USAGE.to_owned());
        let mut options = Options {
            agentsync: place()?,
            http_host: place()?,
            predecessor: None,
            is_short: true,
            minutes: 1.0,
            seed: 1,
            transport: None,
            refs: None,
            hash: None,
            n_clients: None,
            keep: PathBuf::from("target/chaos"),
        };
        while let Some(flag) = places.next() {
            match flag.as_str() {
                "--short" => options.is_short = true,
                "--long" => (options.is_short, options.minutes) = (false, 60.0),
                _ => {
                    let value = places.next().ok_or_else(|| format!("`{flag}` needs a value\n{USAGE}"))?;
                    options
                        .set(flag, value)
                        .map_err(|()| format!("`{flag} {value}` makes no sense\n{USAGE}"))?;
                }
            }
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: &str) -> Result<(), ()> {
        match (flag, value) {
            ("--minutes", _) => (self.is_short, self.minutes) = (false, value.parse().map_err(|_| ())?),
            ("--seed", _) => self.seed = value.parse().map_err(|_| ())?,
            ("--clients", _) => self.n_clients = Some(value.parse().map_err(|_| ())?),
            ("--keep", _) => self.keep = PathBuf::from(value),
            ("--predecessor", _) => self.predecessor = Some(PathBuf::from(value)),
            ("--transport", "file") => self.transport = Some(Transport::File),
            ("--transport", "git") => self.transport = Some(Transport::Git),
            ("--transport", "http") => self.transport = Some(Transport::Http),
            ("--refs", "files") => self.refs = Some(RefFormat::Files),
            ("--refs", "reftable") => self.refs = Some(RefFormat::Reftable),
            ("--hash", "sha1") => self.hash = Some(ObjectFormat::Sha1),
            ("--hash", "sha256") => self.hash = Some(ObjectFormat::Sha256),
            _ => return Err(()),
        }
        Ok(())
    }

    /// Returns the round at a position; the rounds of a run go through the kinds of hub, of crowd and of weather.
    pub(crate) fn round(&self, n: u64) -> Round {
        let turn = |kinds: u64, every: u64| usize::try_from(n / every % kinds).unwrap();
        let transport = [Transport::File, Transport::Http, Transport::Git][turn(3, 1)];
        let refs = [RefFormat::Files, RefFormat::Files, RefFormat::Reftable][(turn(3, 1) + turn(3, 3)) % 3];
        let hash = if n % 4 == 3 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let n_clients = [8, 16, 8, 4, 8, 32, 2][turn(7, 1)];
        let n_clients = self.n_clients.unwrap_or(if self.is_short { 6 } else { n_clients });
        // In the worst weather somebody is always stopped and little gets done; the promises must hold
        // also for those who get much done.
        let kill_ms = if self.is_short { 600 } else { [350, 900, 1800][turn(3, 2)] };
        let room = if self.is_short { 1 } else { [1, 3][turn(2, 1)] };
        Round {
            seed: self.seed + n,
            transport: self.transport.unwrap_or(transport),
            refs: self.refs.unwrap_or(refs),
            hash: self.hash.unwrap_or(hash),
            n_clients,
            n_files: n_clients.max(4) * room,
            time: Duration::from_secs(if self.is_short { 20 } else { 120 }),
            kill_every: Duration::from_millis(kill_ms),
        }
    }
}
