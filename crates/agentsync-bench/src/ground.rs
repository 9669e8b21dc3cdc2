//! Three hubs that are alike, one for each program, so that none is another's foreign writer.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::bare::Bare;

/// How the hub is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A path on the same disk.
    Path,
    /// Smart HTTP on the loopback, every request delayed by 50 ms.
    Http,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Transport::Path => "local path",
            Transport::Http => "HTTP, 50 ms",
        }
    }

    /// Returns how many times faster than the predecessor it is to be.
    pub(crate) fn faster(self) -> f64 {
        match self {
            Transport::Path => 3.0,
            Transport::Http => 4.0,
        }
    }
}

/// A hub, the host it is reached through, and clones of it.
pub(crate) struct Site {
    pub(crate) lab: Lab,
    host: Option<HttpHost>,
}

impl Site {
    pub(crate) fn new(program: &Path, transport: Transport, n_refs: usize) -> Site {
        let lab = Lab::new(program);
        if n_refs > 0 {
            let tip = lab.hub_tip("main").unwrap();
            let mut lines: Vec<_> = (0..n_refs).map(|n| format!("{tip} refs/heads/topic/{n}\n")).collect();
            lines.sort();
            // As `git pack-refs` leaves them.
            let packed = format!("# pack-refs with: peeled fully-peeled sorted \n{}", lines.concat());
            std::fs::write(lab.hub_path().join("packed-refs"), packed).unwrap();
            assert_eq!(lab.hub_git(&["for-each-ref", "--count=3", "refs/heads/topic"]).lines().len(), 3);
        }
        let host = (transport == Transport::Http).then(|| {
            let options = HostOptions::new(lab.path());
            HttpHost::start(HostOptions { rtt: Duration::from_millis(50), ..options })
        });
        Site { lab, host }
    }

    /// Returns the hub's address.
    pub(crate) fn url(&self) -> String {
        let name = self.lab.hub_path().file_name().unwrap().to_str().unwrap();
        self.host.as_ref().map_or_else(|| self.lab.hub_path().display().to_string(), |host| host.url(name))
    }

    /// Makes a clone that has the default branch and no other.
    pub(crate) fn lone_clone(&self, agent: &str) -> Checkout {
        let checkout = self.lab.lone(agent);
        checkout.git(&["remote", "add", "origin", &self.url()]);
        checkout
    }

    /// Lets every `git receive-pack` of this ground be counted: each is one try to push.
    pub(crate) fn count_tries(&self) {
        let config = self.lab.path().join("gitconfig");
        let text = std::fs::read_to_string(&config).unwrap();
        let trace = self.trace_path().display().to_string();
        std::fs::write(config, format!("{text}[trace2]\n\tnormalTarget = {trace}\n\tnormalBrief = true\n"))
            .unwrap();
    }

    fn trace_path(&self) -> PathBuf {
        self.lab.path().join("trace")
    }

    /// Returns how many tries to push there were so far, refused ones among them.
    pub(crate) fn n_tries(&self) -> usize {
        if let Some(host) = &self.host {
            let is_try = |query: &str| query.contains("service=git-receive-pack");
            return host.requests().iter().filter(|head| is_try(&head.query)).count();
        }
        let trace = std::fs::read_to_string(self.trace_path()).unwrap_or_default();
        trace.lines().filter(|line| line.starts_with("start git-receive-pack")).count()
    }

    /// Returns how many pushes have moved the branch so far.
    pub(crate) fn n_pushes(&self) -> usize {
        let log = self.lab.hub_path().join("logs/refs/heads/agentsync");
        std::fs::read_to_string(log).unwrap_or_default().lines().count()
    }

    /// Returns how many bytes the host has answered so far.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.host.as_ref().map_or(0, HttpHost::n_bytes_sent)
    }

    pub(crate) fn clone(&self, agent: &str) -> Checkout {
        // Cloned by path, which is quicker, and then pointed at the address.
        let checkout = self.lab.clone(agent);
        checkout.git(&["remote", "set-url", "origin", &self.url()]);
        checkout
    }
}

/// The three contestants on one kind of transport.
pub(crate) struct Ground {
    pub(crate) label: String,
    pub(crate) transport: Transport,
    pub(crate) ours: Site,
    pub(crate) elders: Site,
    pub(crate) bare: Bare,
    predecessor: PathBuf,
}

impl Ground {
    pub(crate) fn new(agentsync: &Path, predecessor: &Path, transport: Transport, n_refs: usize) -> Ground {
        let refs = if n_refs > 0 { format!(", {n_refs} refs") } else { String::new() };
        Ground {
            label: format!("{}{refs}", transport.name()),
            transport,
            ours: Site::new(agentsync, transport, n_refs),
            elders: Site::new(agentsync, transport, n_refs),
            bare: Bare::new(Site::new(agentsync, transport, n_refs)),
            predecessor: predecessor.to_owned(),
        }
    }

    /// Starts the predecessor's server in a clone.
    pub(crate) fn elders_server(&self, checkout: &Checkout) -> McpClient {
        elders_server(&self.predecessor, checkout)
    }
}

/// Starts our server in a clone.
pub(crate) fn our_server(checkout: &Checkout) -> McpClient {
    McpClient::start_with(checkout, Era::Session, &[("AGENTSYNC_UNCLAIMED", "off")])
}

/// Starts the predecessor's server in a clone.
pub(crate) fn elders_server(predecessor: &Path, checkout: &Checkout) -> McpClient {
    let ours = checkout.agentsync_command();
    let mut command = Command::new(predecessor);
    command.env_clear().current_dir(checkout.path());
    command.envs(ours.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.env("AGENTSYNC_REPO", checkout.path()).env("AGENTSYNC_AGENT_ID", checkout.agent());
    McpClient::start_command(command, Era::Session)
}

/// Claims one file, and returns whether it was granted.
pub(crate) fn claim(client: &mut McpClient, file: &str) -> bool {
    status(&client.call("claim", json!({ "task": "work", "touches": [file] }))) == "claimed"
}

/// Returns the status of an answer, which the predecessor gives as text.
pub(crate) fn status(result: &Value) -> String {
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    answer["status"].as_str().unwrap_or_default().to_owned()
}
