//! The git host that speaks smart HTTP.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::fault::{Fault, every_push, first_pushes};
use agentsync_lab::http::login::Login;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::{Lab, LabOptions, ObjectFormat};

use crate::PROGRAM;

/// A lab whose hub is served, and a clone made through the host.
struct Scene {
    lab: Lab,
    host: HttpHost,
    alice: Checkout,
}

fn scene() -> Scene {
    let lab = Lab::new(PROGRAM);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    Scene { lab, host, alice }
}

impl Scene {
    /// Lets alice push a new commit into `fault`, and returns the commit, git's exit code and words.
    fn push_into(&self, fault: Fault) -> (String, i32, String) {
        self.host.set_fault(every_push(fault));
        self.alice.write("a", "1");
        let commit = self.alice.commit("one");
        let answer = self.alice.git_any(&["push", "--porcelain", "origin", "HEAD:main"]);
        (commit, answer.code, answer.stdout + &answer.stderr)
    }

    fn n_pushes(&self) -> usize {
        self.host.requests().iter().filter(|head| head.is_push()).count()
    }
}

#[track_caller]
fn check_round_trip(lab: &Lab, host: &HttpHost) {
    let (alice, bob) =
        (lab.clone_from("alice", &host.url("hub.git")), lab.clone_from("bob", &host.url("hub.git")));
    alice.write("a", "1");
    let commit = alice.commit("one");
    alice.push("main");
    bob.git(&["fetch", "--quiet", "origin"]);
    assert_eq!(lab.hub_tip("main").as_ref(), Some(&commit));
    assert_eq!(bob.git(&["rev-parse", "origin/main"]).text(), commit);
    assert_eq!(host.backend_errors(), "");
}

#[test]
fn clone_push_and_fetch() {
    let lab = Lab::new(PROGRAM);
    check_round_trip(&lab, &HttpHost::start(HostOptions::new(lab.path())));
    let lab = Lab::with(LabOptions { object_format: ObjectFormat::Sha256, ..LabOptions::new(PROGRAM) });
    check_round_trip(&lab, &HttpHost::start(HostOptions::new(lab.path())));
}

#[test]
fn large_pushes_come_in_chunks_and_arrive_whole() {
    let Scene { lab, host, alice } = scene();
    let noise = (0_u32..300_000).map(|n| n.wrapping_mul(2_654_435_761).to_string()).collect::<String>();
    alice.write("noise", &noise);
    let commit = alice.commit("noise");
    alice.git(&["-c", "http.postBuffer=65536", "push", "--quiet", "origin", "HEAD:main"]);

    assert_eq!(lab.hub_tip("main"), Some(commit));
    assert!(host.requests().iter().any(|head| head.header("transfer-encoding") == Some("chunked")));
    lab.hub_git(&["fsck", "--strict"]);
    assert_eq!(lab.clone_from("bob", &host.url("hub.git")).read("noise"), noise);
}

#[test]
fn long_negotiations_are_sent_compressed() {
    let Scene { lab, host, alice } = scene();
    for n in 0..40 {
        alice.commit(&format!("only here {n}"));
    }
    lab.push_as_stranger("main", &[("b", b"2")], "there");
    alice.git(&["fetch", "--quiet", "origin"]);
    assert!(host.requests().iter().any(|head| head.header("content-encoding") == Some("gzip")));
}

#[test]
fn only_the_right_login_gets_in() {
    let lab = Lab::new(PROGRAM);
    let login = Login::new("alice", "s3cret");
    let host = HttpHost::start(HostOptions { login: Some(login.clone()), ..HostOptions::new(lab.path()) });

    let alice = lab.clone_from("alice", &host.url_with_login("hub.git", &login));
    alice.write("a", "1");
    let commit = alice.commit("one");
    alice.push("main");
    assert_eq!(lab.hub_tip("main"), Some(commit));

    let wrong = Login::new("alice", "guess");
    let refused = alice.git_any(&["ls-remote", &host.url_with_login("hub.git", &wrong)]);
    assert_eq!(refused.code, 128);
    assert!(refused.stderr.contains("Authentication failed"), "{}", refused.stderr);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the pretended distance is measured on the real clock")]
fn a_round_trip_is_paid_by_the_connection_and_by_each_request() {
    let lab = Lab::new(PROGRAM);
    let rtt = Duration::from_millis(60);
    let host = HttpHost::start(HostOptions { rtt, ..HostOptions::new(lab.path()) });
    let alice = lab.clone("alice");

    let begin = Instant::now();
    alice.git(&["ls-remote", &host.url("hub.git")]);
    let took = begin.elapsed();

    let n_requests = u32::try_from(host.requests().len()).unwrap();
    assert_eq!(n_requests, 2, "the references and the listing");
    assert!(rtt * (1 + n_requests) <= took, "took {took:?}");
}

#[test]
fn a_lost_request_changes_nothing() {
    let scene = scene();
    let before = scene.lab.hub_tip("main");
    let (_, code, words) = scene.push_into(Fault::DropRequest);
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), before);
}

#[test]
fn a_lost_answer_leaves_the_push_done() {
    let scene = scene();
    let (commit, code, words) = scene.push_into(Fault::DropAnswer);
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_reset_before_git_runs_changes_nothing_and_one_after_it_leaves_the_push_done() {
    let scene = scene();
    let before = scene.lab.hub_tip("main");
    let (_, code, words) = scene.push_into(Fault::ResetRequest);
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), before);

    let (commit, code, words) = scene.push_into(Fault::ResetAnswer);
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_late_push_arrives_after_its_client_was_cut_off() {
    let scene = scene();
    let before = scene.lab.hub_tip("main");
    let (commit, code, words) = scene.push_into(Fault::Late(Duration::from_secs(3600)));
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), before);
    // A host that is told to stop delivers first what is still under way.
    let Scene { lab, host, .. } = scene;
    drop(host);
    assert_eq!(lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_client_may_repeat_a_push_whose_answer_was_lost() {
    let scene = scene();
    scene.host.set_fault(first_pushes(1, Fault::DropAnswer));
    scene.alice.write("a", "1");
    let commit = scene.alice.commit("one");
    let answer = scene.alice.git_any(&["push", "--porcelain", "origin", "HEAD:main"]);
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    // Most versions of libcurl repeat by themselves, and then find the branch moved: by themselves.
    assert!((1..=2).contains(&scene.n_pushes()));
}

#[test]
fn statuses_tell_whether_git_ran() {
    let scene = scene();
    let before = scene.lab.hub_tip("main");
    let (_, code, words) = scene.push_into(Fault::Refuse(503));
    assert_eq!(code, 1);
    assert!(words.contains("HTTP 503"), "{words}");
    assert_eq!(scene.lab.hub_tip("main"), before);

    let (commit, code, words) = scene.push_into(Fault::Status(504));
    assert_eq!(code, 1);
    assert!(words.contains("HTTP 504"), "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_truncated_answer_leaves_the_push_done() {
    let scene = scene();
    let (commit, code, words) = scene.push_into(Fault::Truncate(6));
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_duplicate_is_answered_by_the_second_run() {
    let scene = scene();
    let (commit, code, words) = scene.push_into(Fault::Duplicate);
    assert_eq!(code, 1, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
    assert_eq!(scene.n_pushes(), 1);
}

#[test]
fn a_delayed_request_arrives_in_the_end() {
    let scene = scene();
    let (commit, code, words) = scene.push_into(Fault::Delay(Duration::from_millis(40)));
    assert_eq!(code, 0, "{words}");
    assert_eq!(scene.lab.hub_tip("main"), Some(commit));
}

#[test]
fn a_request_arrives_even_when_its_client_has_given_up() {
    let Scene { lab, host, alice } = scene();
    host.set_fault(every_push(Fault::Delay(Duration::from_secs(3600))));
    alice.write("a", "1");
    let commit = alice.commit("one");
    let impatient = ["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1"];
    let answer = alice.git_any(&[&impatient[..], &["push", "origin", "HEAD:main"]].concat());
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert_ne!(lab.hub_tip("main").as_ref(), Some(&commit));
    // A host that is told to stop delivers first what is still under way.
    drop(host);
    assert_eq!(lab.hub_tip("main"), Some(commit));
}

/// Says `text` to the host and returns all it answers until it hangs up.
fn converse(host: &HttpHost, text: &str) -> io::Result<String> {
    let url = host.url("");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(text.as_bytes())?;
    io::read_to_string(stream)
}

#[test]
fn the_wire_follows_http() {
    let scene = scene();
    let converse = |text: &str| converse(&scene.host, text).unwrap();
    let get = "GET /hub.git/HEAD HTTP/1.1\r\nHost: x\r\n";

    let kept = converse(&format!("{get}\r\n{get}Connection: close\r\n\r\n"));
    assert_eq!(kept.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{kept}");
    assert_eq!(kept.matches("ref: refs/heads/main\n").count(), 2, "{kept}");

    let old = converse("GET /hub.git/HEAD HTTP/1.0\r\n\r\n");
    assert!(old.contains("content-length: 21\r\n") && !old.contains("chunked"), "{old}");

    let missing = converse("GET /hub.git/none HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(missing.starts_with("HTTP/1.1 404 "), "{missing}");

    let outside = converse("GET /%2e%2e/hub.git/HEAD HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(outside.starts_with("HTTP/1.1 500 "), "{outside}");

    let nonsense = converse("nonsense\r\n\r\n");
    assert!(nonsense.starts_with("HTTP/1.1 400 "), "{nonsense}");

    let patient = "POST /hub.git/git-upload-pack HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\n\
                   Content-Type: application/x-git-upload-pack-request\r\nContent-Length: 4\r\n\r\n0000";
    assert!(converse(patient).starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

#[test]
fn the_program_tells_its_address_and_ends_with_its_input() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let root = lab.path().display().to_string();
    let serve = |args: &[&str]| alice.run_with::<&str, &str>(env!("CARGO_BIN_EXE_lab-http-host"), &[], args);
    let answer = serve(&["--root", &root, "--rtt-ms", "5"]).expect_success();
    assert!(answer.text().starts_with("http://127.0.0.1:"), "{}", answer.text());
    let log = lab.path().join("faults").display().to_string();
    serve(&["--root", &root, "--seed", "3", "--faults", "100", "--fault-log", &log]).expect_success();
    assert!(serve(&["--rtt-ms", "x"]).expect_code(2).stderr.starts_with("`x` is no number that fits\n"));
}

#[test]
fn what_is_answered_is_counted() {
    let scene = scene();
    let before = scene.host.n_bytes_sent();
    assert!(before > 500, "{before}");
    scene.lab.push_as_stranger("big", &[("noise", &noise(100_000))], "noise");
    scene.alice.git(&["fetch", "--quiet", "origin"]);
    let n_bytes = scene.host.n_bytes_sent() - before;
    assert!((100_000..110_000).contains(&n_bytes), "{n_bytes}");
}

/// Returns bytes that do not get smaller when they are packed.
fn noise(n_bytes: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..n_bytes).map(|_| next()).collect()
}
