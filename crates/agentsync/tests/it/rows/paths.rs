//! paths and patterns, where the repository has a say. The rest is beside the core's code.

use std::os::unix::fs::symlink;

use super::{run, two};

#[test]
fn r_30_globs_meet_by_what_they_could_name_and_not_by_what_is_there() {
    let (_lab, alice, bob) = two();
    run(&alice, &["claim", "a", "src/*.rs", "--lane", "one"], 0);
    run(&alice, &["claim", "a", "deep/**/t.py", "--lane", "two"], 0);
    for path in ["src/a*", "src", "*.rs", "deep/x/*.py", "**/t.*"] {
        let report = run(&bob, &["claim", "b", path], 1);
        assert_eq!(report["status"], "blocked", "{path}: {report}");
    }
    run(&bob, &["claim", "b", "src-evil/a.rs", "deep/x/t.pyc", "src/a.rst"], 0);
}

#[test]
fn r_32_a_tracked_link_and_its_target_are_one_place() {
    let (lab, alice, bob) = two();
    symlink("src", alice.path().join("code")).unwrap();
    symlink("/etc", alice.path().join("out")).unwrap();
    symlink("../..", alice.path().join("up")).unwrap();
    run(&alice, &["claim", "a", "code/auth.rs"], 0);
    let board = lab.board_text().unwrap();
    assert!(
        board.contains("\"code/auth.rs\"") && board.contains("\"src/auth.rs\""),
        "both spellings: {board}"
    );
    for path in ["src/auth.rs", "src", "code/auth.rs"] {
        let report = run(&bob, &["claim", "b", path], 1);
        assert_eq!(report["conflicts"]["alice"]["reasons"][0]["type"], "shared_files", "{path}: {report}");
    }
    let before = lab.hub_tip("agentsync");
    for path in ["out/passwd", "up/x"] {
        let report = run(&alice, &["claim", "a", path], 2);
        assert!(report["error"].as_str().unwrap().contains("leaves the repository"), "{path}: {report}");
    }
    assert_eq!(lab.hub_tip("agentsync"), before);
}

#[test]
fn r_33_a_claim_on_a_submodule_covers_all_below_it_and_stays_in_this_repository() {
    let (lab, alice, bob) = two();
    let hub = lab.hub_path().to_str().unwrap();
    alice.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", hub, "part"]);
    alice.commit("a part");
    run(&alice, &["claim", "bump the part", "part"], 0);
    let report = run(&bob, &["claim", "inside", "part/src/auth.rs"], 1);
    assert_eq!(report["conflicts"]["alice"]["reasons"][0]["type"], "shared_files", "{report}");
    // The part is a repository of its own: there the same path is another one.
    let inside = ["claim", "inside", "src/auth.rs", "--repo", "part", "--board-branch", "part-board"];
    run(&alice, &inside, 0);
    run(&bob, &["claim", "here", "src/auth.rs"], 0);
}

#[test]
fn r_34_what_does_not_exist_yet_and_the_whole_repository_can_be_claimed() {
    let (_lab, alice, bob) = two();
    run(&alice, &["claim", "a new room", "src/new/room.rs"], 0);
    let report = run(&bob, &["claim", "everything", "."], 1);
    assert_eq!(report["conflicts"]["alice"]["reasons"][0]["type"], "shared_files", "{report}");
    run(&alice, &["release"], 0);
    // The first that is free gets it all, and whoever comes next sees why nothing is left.
    run(&bob, &["claim", "everything", "."], 0);
    let report = run(&alice, &["claim", "a", "any/thing"], 1);
    assert_eq!(report["conflicts"]["bob"]["reasons"][0]["files"][0], ".", "{report}");
    let survey = run(&alice, &["survey"], 0);
    assert_eq!(survey["partners"]["bob"]["touches"][0], ".", "{survey}");
    let words = alice.agentsync(&["survey"]).stdout;
    assert!(words.contains("the whole repository"), "{words}");
}
