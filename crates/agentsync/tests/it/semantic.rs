//! What merges and does not fit together: with peers, among all branches, and for pairs of commits.

mod all;
mod contract;
mod left_out;
mod merges;
mod plan;
#[cfg(unix)]
mod processes;
mod verify;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use crate::PROGRAM;

/// A Go project on `main`: one function, and a file that calls it.
pub(crate) const PROJECT: [(&str, &str); 4] = [
    ("go.mod", "module example.org/shop\n\ngo 1.22\n"),
    ("user.go", "package shop\n\nfunc fetchUser(id int) string {\n\treturn \"u\"\n}\n"),
    ("page.go", "package shop\n\nfunc page() string {\n\treturn fetchUser(1)\n}\n"),
    ("words.txt", "one\ntwo\nthree\n"),
];

/// Puts files onto what is checked out, and commits them.
pub(crate) fn commit(agent: &Checkout, files: &[(&str, &str)]) -> String {
    for (path, text) in files {
        agent.write(path, text);
    }
    agent.commit("work")
}

/// A hub with the project, and who is to work on it.
pub(crate) fn project(names: &[&str]) -> (Lab, Vec<Checkout>) {
    let lab = Lab::new(PROGRAM);
    let first = lab.clone("first");
    commit(&first, &PROJECT);
    first.push("main");
    let agents = names.iter().map(|name| lab.clone(name)).collect();
    (lab, agents)
}

/// Puts an agent on a branch of its own with these files, pushed.
pub(crate) fn on_branch(agent: &Checkout, branch: &str, files: &[(&str, &str)]) -> String {
    agent.git(&["switch", "--quiet", "-c", branch]);
    let commit = commit(agent, files);
    agent.push(branch);
    commit
}

/// Alice's part: the function gets another name.
pub(crate) const RENAMED: [(&str, &str); 2] = [
    ("user.go", "package shop\n\nfunc loadUser(id int) string {\n\treturn \"u\"\n}\n"),
    ("page.go", "package shop\n\nfunc page() string {\n\treturn loadUser(1)\n}\n"),
];

/// Bob's part: a new file uses the name that was.
pub(crate) const USED: [(&str, &str); 1] =
    [("cart.go", "package shop\n\nfunc cart() string {\n\treturn fetchUser(7)\n}\n")];

#[track_caller]
pub(crate) fn check(agent: &Checkout, args: &[&str], code: i32) -> Value {
    agent.agentsync(&[&["check", "--json"], args].concat()).expect_code(code).json()
}
