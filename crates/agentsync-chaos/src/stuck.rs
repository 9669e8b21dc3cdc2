//! A lock that a killed `git receive-pack` leaves behind: nobody can write any more, and must be told why.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{Lab, LabOptions, RefFormat};
use rustix::process::Signal;

use crate::nemesis::locks;
use crate::plan::Options;
use crate::process;

/// Runs in the hub when the reference is locked and not yet written: waits to be killed.
const HOOK: &str = "#!/bin/sh
if [ \"$1\" = prepared ] && grep -q refs/heads/agentsync; then touch held; sleep 60; fi
";

/// Leaves a lock behind in each format of references; returns what went other than it should.
pub(crate) fn check(options: &Options) -> Vec<String> {
    let formats = [RefFormat::Files, RefFormat::Reftable];
    thread::scope(|scope| {
        let scenes: Vec<_> =
            formats.map(|format| scope.spawn(move || scene(options, format))).into_iter().collect();
        scenes.into_iter().flat_map(|scene| scene.join().unwrap()).collect()
    })
}

fn scene(options: &Options, format: RefFormat) -> Vec<String> {
    let mut lab_options = LabOptions::new(&options.agentsync);
    lab_options.ref_format = format;
    let lab = Lab::with(lab_options);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    bob.agentsync(&["claim", "first", "b"]).expect_success();
    kill_in_the_middle(&lab, &alice);
    let left = locks(lab.hub_path());
    let tip = lab.hub_tip("agentsync");
    let mut wrong = Vec::new();
    let mut say = |is_right: bool, what: &str| {
        if !is_right {
            wrong.push(format!("stuck lock, {format:?}: {what}"));
        }
    };
    say(!left.is_empty(), "the killed process left no lock");
    let told = bob.agentsync_with(&[("AGENTSYNC_TIMEOUT", "40")], &["claim", "more", "c", "--json"]);
    say(
        told.code == 3 && code(&told) == "remote_ref_lock_stuck",
        &format!("bob is told {} {}", told.code, told.stdout.trim()),
    );
    say(lab.hub_tip("agentsync") == tip, "the branch moved");
    say(bob.agentsync(&["survey"]).code == 0, "nobody can read any more");
    for lock in left {
        fs::remove_file(lock).unwrap();
    }
    say(bob.agentsync(&["claim", "more", "c"]).code == 0, "bob cannot write after the lock is gone");
    say(alice.agentsync(&["claim", "again", "a"]).code == 0, "alice cannot write after the lock is gone");
    wrong
}

/// Lets a claim get as far as the remote's lock, and kills everything there.
fn kill_in_the_middle(lab: &Lab, alice: &Checkout) {
    let hook = lab.hub_path().join("hooks/reference-transaction");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, HOOK).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let mut claim = alice.agentsync_command().args(["claim", "half", "a"]).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while !lab.hub_path().join("held").exists() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(10));
    }
    process::signal_all(&process::tree(claim.id()), Signal::KILL);
    claim.wait().unwrap();
    fs::remove_file(hook).unwrap();
}

/// Returns the code of a failure.
fn code(answer: &Answer) -> String {
    let text = if answer.stdout.trim().is_empty() { &answer.stderr } else { &answer.stdout };
    let failure: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    failure["code"].as_str().unwrap_or_default().to_owned()
}
