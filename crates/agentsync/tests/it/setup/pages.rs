//! Completions and manual pages.

use super::lab;

#[test]
fn every_shell_completes_the_verbs() {
    let lab = lab();
    let alice = lab.clone("alice");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let answer = alice.agentsync(&["completions", shell]).expect_code(0);
        assert!(answer.stdout.contains("claim") && answer.stdout.contains("board-branch"), "{shell}");
    }
    alice.agentsync(&["completions", "tcsh"]).expect_code(2);
}

#[test]
fn the_manual_is_printed_or_written() {
    let lab = lab();
    let alice = lab.clone("alice");
    let page = alice.agentsync(&["man"]).expect_code(0).stdout;
    assert!(page.contains(".TH agentsync 1") && page.contains("agentsync\\-claim(1)"), "{page}");
    assert!(page.contains("in one git repository\n.SH SYNOPSIS"), "the name is one line: {page}");
    alice.agentsync(&["man", "--out", "pages/man1"]).expect_code(0);
    assert!(alice.read("pages/man1/agentsync.1").contains("doctor"));
    assert!(alice.read("pages/man1/agentsync-claim.1").contains("requires"));
    alice.write("file", "");
    let answer = alice.agentsync(&["man", "--out", "file"]).expect_code(2);
    assert!(answer.stderr.contains("man pages cannot be written"), "{}", answer.stderr);
}

#[test]
fn help_fits_eighty_columns() {
    let lab = lab();
    let alice = lab.clone("alice");
    let verbs = [
        "survey",
        "claim",
        "release",
        "update-status",
        "mailbox",
        "history",
        "repair",
        "init",
        "doctor",
        "install",
        "uninstall",
        "hook",
    ];
    for verb in verbs {
        let help = alice.agentsync_with(&[("COLUMNS", "80")], &[verb, "--help"]).expect_code(0).stdout;
        let wide = help.lines().filter(|line| line.chars().count() > 80).collect::<Vec<_>>();
        assert!(wide.is_empty(), "{verb}: {wide:?}");
        assert!(help.contains("--agent <ID>"), "{verb} takes the shared options:\n{help}");
    }
}
