//! the remote, and what is between it and us.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::fault::{Fault, every_push, first_pushes};
use agentsync_lab::http::login::Login;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::{Lab, LabOptions, RefFormat};
use serde_json::Value;

use super::{Disk, age, examined, run, two, wait_until, write_script};
use crate::PROGRAM;

/// A hub behind an HTTP host, and alice, who reaches it through that.
fn over_http() -> (Lab, HttpHost, Checkout) {
    let lab = Lab::new(PROGRAM);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    (lab, host, alice)
}

#[test]
fn r_01_a_claim_whose_answer_is_lost_on_the_way_is_done_once() {
    let (lab, host, alice) = over_http();
    let faults = [Fault::DropAnswer, Fault::Status(504), Fault::Truncate(20), Fault::DropRequest];
    for (n, fault) in faults.into_iter().enumerate() {
        host.set_fault(first_pushes(1, fault));
        let (path, lane) = (format!("src/{n}.rs"), format!("lane-{n}"));
        let report = run(&alice, &["claim", "x", &path, "--lane", &lane], 0);
        assert_eq!(report["status"], "claimed", "{fault:?}");
        assert_eq!(lab.board_log().len(), n + 1, "{fault:?}");
    }
}

/// Claims with a short deadline, and returns the id of the change that was answered *unknown*.
fn claim_into_the_dark(alice: &Checkout) -> String {
    let env = [("AGENTSYNC_GIT_TIMEOUT", "5")];
    let args = ["claim", "x", "src/a.rs", "--timeout", "6", "--json"];
    let report = alice.agentsync_with(&env, &args).expect_code(3).json();
    assert_eq!(report["code"], "unknown", "{report}");
    let op = report["op"].as_str().unwrap().to_owned();
    assert!(report["fix"].as_str().unwrap().contains(&format!("agentsync resolve {op}")), "{report}");
    op
}

#[track_caller]
fn check_fate(agent: &Checkout, op: &str, code: i32, status: &str) {
    let report = run(agent, &["resolve", op], code);
    assert_eq!((&report["status"], &report["op"]), (&Value::from(status), &Value::from(op)), "{report}");
}

#[test]
fn r_02_a_claim_that_arrives_after_we_gave_up_is_told_by_resolve() {
    let (lab, _host, alice) = over_http();
    run(&lab.clone("bob"), &["claim", "b", "src/b.rs"], 0);
    let hold = lab.hub_path().join("hold");
    let script = format!("#!/bin/sh\nwhile [ -e '{}' ]; do sleep 0.02; done\n", hold.display());
    write_script(&lab.hub_path().join("hooks/pre-receive"), &script);
    std::fs::write(&hold, "").unwrap();
    let op = claim_into_the_dark(&alice);
    check_fate(&alice, &op, 3, "unknown");
    std::fs::remove_file(&hold).unwrap();
    wait_until(|| lab.board_log().len() == 2);
    check_fate(&alice, &op, 0, "done");
    // Any clone can see that.
    check_fate(&lab.clone("carol"), &op, 0, "done");
    assert!(lab.board_text().unwrap().contains(&op));
}

#[test]
fn r_02_a_claim_that_was_lost_is_never_done_once_the_board_has_moved_on() {
    let (lab, host, alice) = over_http();
    let bob = lab.clone("bob");
    run(&bob, &["claim", "b", "src/b.rs"], 0);
    host.set_fault(every_push(Fault::DropRequest));
    let op = claim_into_the_dark(&alice);
    check_fate(&alice, &op, 3, "unknown");
    check_fate(&bob, &op, 3, "unknown");
    run(&bob, &["mailbox", "hello"], 0);
    check_fate(&alice, &op, 1, "not_done");
    let words = alice.agentsync(&["resolve", &op]).expect_code(1).stdout;
    assert!(words.contains("never will be"), "{words}");
    let bad = run(&alice, &["resolve", "yesterday's"], 2);
    assert_eq!(bad["error"], "`yesterday\\'s` is no id of a change");
}

#[test]
fn r_02_a_claim_that_was_done_in_silence_is_found() {
    let (lab, host, alice) = over_http();
    run(&lab.clone("bob"), &["claim", "b", "src/b.rs"], 0);
    // The first push is done, and from then on the remote says nothing at all.
    let is_dark = AtomicBool::new(false);
    host.set_fault(Box::new(move |head, _| match head.is_push() {
        true if !is_dark.swap(true, Ordering::Relaxed) => Fault::DropAnswer,
        _ if is_dark.load(Ordering::Relaxed) => Fault::DropRequest,
        _ => Fault::None,
    }));
    let op = claim_into_the_dark(&alice);
    host.set_fault(Box::new(|_, _| Fault::None));
    check_fate(&alice, &op, 0, "done");
}

#[test]
fn r_03_a_push_that_is_delivered_twice_is_applied_once() {
    let (lab, host, alice) = over_http();
    for (n, path) in ["src/a.rs", "src/b.rs"].into_iter().enumerate() {
        host.set_fault(every_push(Fault::Duplicate));
        assert_eq!(run(&alice, &["claim", "x", path], 0)["status"], "claimed");
        assert_eq!(lab.board_log().len(), n + 1);
    }
}

#[test]
fn r_05_a_board_that_begins_elsewhere_is_not_taken_for_ours() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    run(&bob, &["survey"], 0);
    lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    lab.put_board_text("{\"claims\": {}}\n");
    let tip = lab.hub_tip("agentsync");
    for agent in [&alice, &bob] {
        let report = run(agent, &["claim", "mine", "src/a.rs"], 2);
        assert_eq!(report["code"], "board_rewritten", "{report}");
    }
    assert_eq!(lab.hub_tip("agentsync"), tip, "nothing was written");
}

/// Leaves a lock in the hub, as a push that was killed does, and looks at what is said about it.
fn check_stuck(ref_format: RefFormat, lock: &str) {
    let lab = Lab::with(LabOptions { ref_format, ..LabOptions::new(PROGRAM) });
    let alice = lab.clone("alice");
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    assert_eq!(examined(&alice, "leftovers").0, "ok");
    let lock = lab.hub_path().join(lock);
    std::fs::write(&lock, "").unwrap();
    assert_eq!(examined(&alice, "leftovers").0, "ok", "a lock of this moment is a push under way");
    let began = Instant::now();
    let report = run(&alice, &["claim", "b", "src/b.rs", "--timeout", "120"], 3);
    assert_eq!(report["code"], "remote_ref_lock_stuck", "{report}");
    assert!(began.elapsed() >= Duration::from_secs(10), "it is not taken for stuck at once");
    let said = report["error"].as_str().unwrap();
    let words = " s although nobody moved the branch: a lock seems to be left behind there";
    assert!(said.starts_with("the remote refused ") && said.ends_with(words), "{said}");
    let fix = report["fix"].as_str().unwrap();
    let words =
        "whoever runs the remote must remove the lock that is left behind beside the branch (`*.lock`)";
    assert!(fix.starts_with(words), "{fix}");
    age(&lock);
    let (verdict, said) = examined(&alice, "leftovers");
    assert_eq!(verdict, "bad");
    let real = lock.parent().unwrap().canonicalize().unwrap().join(lock.file_name().unwrap());
    let names_it = [&lock, &real].iter().any(|lock| said.contains(&lock.display().to_string()));
    assert!(names_it, "{said}");
    assert!(lock.exists(), "it is never removed by itself");
    std::fs::remove_file(&lock).unwrap();
    run(&alice, &["claim", "b", "src/b.rs"], 0);
}

#[test]
fn r_09_a_lock_left_behind_is_named() {
    check_stuck(RefFormat::Files, "refs/heads/agentsync.lock");
}

#[test]
fn r_09_a_lock_left_behind_on_tables_of_references_is_named() {
    check_stuck(RefFormat::Reftable, "reftable/tables.list.lock");
}

#[test]
fn r_10_folders_of_broken_pushes_are_counted_and_explained() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    for name in ["tmp_objdir-incoming-aB3", "tmp_objdir-incoming-x9Z"] {
        let folder = lab.hub_path().join("objects").join(name);
        std::fs::create_dir(&folder).unwrap();
        age(&folder);
    }
    let (verdict, said) = examined(&alice, "leftovers");
    assert_eq!(verdict, "skipped", "they do no harm");
    assert!(said.starts_with("2 folders of pushes that were broken off: harmless"), "{said}");
    run(&alice, &["claim", "b", "src/b.rs"], 0);
}

#[track_caller]
fn check_refused(lab: &Lab, alice: &Checkout, tip: &str, code: &str, exit: i32) {
    let report = run(alice, &["claim", "more", "src/c.rs"], exit);
    assert_eq!(report["code"], code, "{report}");
    assert!(report["fix"].as_str().unwrap().contains("`survey` still works"), "{report}");
    let survey = run(alice, &["survey"], 0);
    assert_eq!(survey["my_claim"]["task"], "a");
    let stands = lab.hub_git(&["--git-dir", tip, "rev-parse", "agentsync"]).text().to_owned();
    let before = run(alice, &["history"], 0)["events"][0]["commit"].as_str().unwrap().to_owned();
    assert!(stands.starts_with(&before), "the branch stands where it stood");
}

#[test]
fn r_11_a_remote_with_a_full_disk_is_told_and_works_again_when_there_is_room() {
    let lab = Lab::new(PROGRAM);
    let Some(disk) = Disk::mount(lab.path().join("disk"), "2m") else { return };
    let hub = disk.path.join("hub.git").display().to_string();
    lab.hub_git(&["clone", "--quiet", "--bare", "--template=", lab.hub_path().to_str().unwrap(), &hub]);
    let alice = lab.clone_from("alice", &hub);
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    let filler = disk.fill();
    check_refused(&lab, &alice, &hub, "remote_full", 3);
    std::fs::remove_file(filler).unwrap();
    run(&alice, &["claim", "more", "src/c.rs"], 0);
}

#[test]
fn r_11_a_remote_that_takes_no_more_is_told_by_anybody() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    // A limit that no push keeps to stands for a quota, and needs no disk of its own.
    lab.hub_git(&["config", "receive.maxInputSize", "1"]);
    let hub = lab.hub_path().display().to_string();
    check_refused(&lab, &alice, &hub, "remote_full", 3);
    lab.hub_git(&["config", "--unset", "receive.maxInputSize"]);
    run(&alice, &["claim", "more", "src/c.rs"], 0);
}

#[test]
fn r_12_who_may_read_and_not_write_is_told_so_and_can_survey() {
    let lab = Lab::new(PROGRAM);
    let Some(disk) = Disk::mount(lab.path().join("disk"), "2m") else { return };
    let hub = disk.path.join("hub.git").display().to_string();
    lab.hub_git(&["clone", "--quiet", "--bare", "--template=", lab.hub_path().to_str().unwrap(), &hub]);
    let alice = lab.clone_from("alice", &hub);
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    disk.remount("ro");
    check_refused(&lab, &alice, &hub, "read_only", 2);
    disk.remount("rw");
    run(&alice, &["claim", "more", "src/c.rs"], 0);
}

#[test]
fn r_12_an_account_that_may_only_read_is_told_so_and_can_survey() {
    let (lab, host, alice) = over_http();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    host.set_fault(Box::new(|head, _| {
        let is_push = head.path.contains("receive-pack") || head.query.contains("receive-pack");
        if is_push { Fault::Refuse(403) } else { Fault::None }
    }));
    let hub = lab.hub_path().display().to_string();
    check_refused(&lab, &alice, &hub, "read_only", 2);
    let report = run(&alice, &["claim", "more", "src/c.rs"], 2);
    assert!(report["error"].as_str().unwrap().starts_with("you may read the board at"), "{report}");
}

#[test]
fn r_13_a_hook_that_declines_is_not_asked_again() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    let script = "#!/bin/sh\necho asked >>asked\nprintf 'over \\033]0;quota\\007\\n' >&2\nexit 1\n";
    write_script(&lab.hub_path().join("hooks/update"), script);
    let report = run(&alice, &["claim", "b", "src/b.rs"], 2);
    assert_eq!(report["code"], "push_refused", "{report}");
    let error = report["error"].as_str().unwrap();
    assert!(error.contains("over") && error.contains("quota"), "{error}");
    assert!(!error.contains(|c: char| c.is_control()), "{error:?}");
    let asked = std::fs::read_to_string(lab.hub_path().join("asked")).unwrap();
    assert_eq!(asked, "asked\n");
}

#[test]
fn r_14_a_remote_that_never_answers_is_given_up_in_time() {
    let (_lab, alice, _bob) = two();
    // It takes connections, and says nothing.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/hub.git", listener.local_addr().unwrap());
    alice.git(&["remote", "set-url", "origin", &url]);
    for args in [&["survey"][..], &["claim", "a", "src/a.rs"]] {
        let began = Instant::now();
        let args = [args, &["--timeout", "3", "--json"]].concat();
        let report = alice.agentsync(&args).expect_code(3).json();
        assert_eq!(report["code"], "unreachable", "{report}");
        assert!(began.elapsed() < Duration::from_secs(40), "{args:?} took {:?}", began.elapsed());
    }
}

#[test]
fn r_14_nobody_is_asked_for_a_password() {
    let lab = Lab::new(PROGRAM);
    let login = Login { user: "alice".to_owned(), password: "hunter2".to_owned() };
    let options = HostOptions { login: Some(login), ..HostOptions::new(lab.path()) };
    let host = HttpHost::start(options);
    let alice = lab.clone("alice");
    alice.git(&["remote", "set-url", "origin", &host.url("hub.git")]);
    // A terminal's programs that would ask are there, and are not started.
    let asked = lab.path().join("asked");
    let ask = lab.path().join("ask");
    write_script(&ask, &format!("#!/bin/sh\ntouch '{}'\necho wrong\n", asked.display()));
    let env = [("SSH_ASKPASS", ask.to_str().unwrap()), ("DISPLAY", ":0"), ("SSH_ASKPASS_REQUIRE", "force")];
    let report = alice.agentsync_with(&env, &["claim", "a", "src/a.rs", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "unauthorized", "{report}");
    assert!(!asked.exists());
}

#[test]
fn r_15_the_doctor_says_whether_the_remote_survives_a_power_loss() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    let (verdict, said) = examined(&alice, "fsync");
    assert_eq!(verdict, "skipped");
    assert!(said.starts_with("no: ") && said.contains("config core.fsync committed"), "{said}");
    lab.hub_git(&["config", "core.fsync", "committed"]);
    assert_eq!(examined(&alice, "fsync").0, "ok");
    let host = HttpHost::start(HostOptions::new(lab.path()));
    alice.git(&["remote", "set-url", "origin", &host.url("hub.git")]);
    assert!(examined(&alice, "fsync").1.starts_with("unknown"));
}
