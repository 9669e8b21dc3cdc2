//! Those who claim in a contention: our servers, and the plain shell.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::json;

use crate::ground::{self, Site};

/// The script, which is part of the program.
const SCRIPT: &str = include_str!("contender.sh");

/// One who claims.
pub(crate) enum Client {
    /// A server of ours.
    Ours(Box<McpClient>),
    /// The script.
    Shell(Shell),
}

/// The script at work.
pub(crate) struct Shell {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Client {
    /// Starts a server of ours in a clone.
    pub(crate) fn ours(checkout: &Checkout, env: &[(&str, &str)]) -> Client {
        let env = [env, &[("AGENTSYNC_UNCLAIMED", "off")]].concat();
        let mut client = McpClient::start_with(checkout, Era::Session, &env);
        client.call("survey", json!({}));
        Client::Ours(Box::new(client))
    }

    /// Starts the script, with a private repository of its own beside the clone's.
    pub(crate) fn shell(site: &Site, checkout: &Checkout, longest_ms: u32) -> Client {
        let dir = checkout.path().join(".git/shell.git");
        checkout.git(&["init", "--quiet", "--bare", dir.to_str().unwrap()]);
        let prepared = checkout.agentsync_command();
        let mut command = Command::new("bash");
        command.env_clear().envs(prepared.get_envs().filter_map(|(key, value)| Some((key, value?))));
        command.args(["-c", SCRIPT, "contender"]).arg(&dir).arg(site.url()).arg(checkout.agent());
        command.arg(longest_ms.to_string()).arg("45").current_dir(checkout.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Client::Shell(Shell { stdin: child.stdin.take(), child, answers })
    }

    /// Claims one file, and returns whether it was granted.
    pub(crate) fn claim(&mut self, file: &str) -> bool {
        match self {
            Client::Ours(client) => ground::claim(client, file),
            Client::Shell(shell) => {
                writeln!(shell.stdin.as_mut().unwrap(), "{file}").unwrap();
                let mut answer = String::new();
                shell.answers.read_line(&mut answer).unwrap();
                answer.starts_with("granted")
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It ends when its input does.
        self.stdin = None;
        let _ = self.child.wait();
    }
}
