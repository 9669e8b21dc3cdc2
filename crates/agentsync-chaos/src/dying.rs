//! A host that carries out a push and dies before it answers: the caller must not be told that nothing
//! was written.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use agentsync_lab::lab::Lab;

use crate::plan::Options;

/// Lets the host die, and never come back; returns what went other than it should.
pub(crate) fn check(options: &Options) -> Vec<String> {
    let lab = Lab::new(&options.agentsync);
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let alice = lab.clone("alice");
    alice.git(&["remote", "set-url", "origin", &format!("http://127.0.0.1:{port}/hub.git")]);
    let mut host = start(options, &lab, &port);
    let told = alice.agentsync_with(&[("AGENTSYNC_TIMEOUT", "3")], &["claim", "work", "a", "--json"]);
    let has_died = host.wait().is_ok_and(|status| status.code() == Some(70));
    let n_commits = lab.board_log().len();
    let mut wrong = Vec::new();
    if !has_died || n_commits != 1 {
        wrong.push(format!("dying host: it has not died with the push done, {n_commits} commits"));
    }
    if !told.stdout.contains("unknown") && !told.stderr.contains("unknown") {
        wrong.push(format!("dying host: alice was told {} {}{}", told.code, told.stdout, told.stderr));
    }
    wrong
}

fn start(options: &Options, lab: &Lab, port: &str) -> Child {
    let mut command = Command::new(&options.http_host);
    command.arg("--root").arg(lab.path()).args(["--port", port, "--dies", "at-first-push"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut host = command.spawn().unwrap();
    let stdout = host.stdout.take().unwrap();
    assert!(BufReader::new(stdout).read_line(&mut String::new()).unwrap() > 0, "the host does not start");
    host
}
