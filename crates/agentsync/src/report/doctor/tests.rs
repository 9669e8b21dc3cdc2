//! Conclusions, from facts made up for them.

use std::path::PathBuf;

use agentsync_core::{AgentId, Timestamp};

use super::*;
use crate::app::doctor::CloneFacts;
use crate::app::ports::audit::SigningFacts;
use crate::app::ports::clone::{HubFiles, PrivateFolder};
use crate::app::ports::{Diagnosis, ForgeError, Place, StoreError, Tip};

fn tip() -> Tip {
    Tip("1234567890abcdef".to_owned())
}

fn hub() -> HubFiles {
    HubFiles { path: PathBuf::from("/hub.git"), stale_locks: Vec::new(), n_quarantines: 0, is_hardened: true }
}

fn clone() -> CloneFacts {
    CloneFacts {
        place: Place {
            repo: PathBuf::from("/shop"),
            remote: Some("https://host/shop.git".to_owned()),
            branch: "agentsync".to_owned(),
        },
        remote_name: "origin".to_owned(),
        has_commits: true,
        agent: AgentId::parse("alice").unwrap(),
        agent_source: "kept for this worktree".to_owned(),
        n_claims_elsewhere: 0,
        n_worktrees: 1,
        board: Ok(Diagnosis::Sound { tip: Some(tip()) }),
        push: Some(Ok(())),
        push_budget: None,
        board_size: Some(1000),
        newest_commit_at: Some(Timestamp(0)),
        hub: Some(hub()),
        now: Timestamp(0),
        private: PrivateFolder { path: PathBuf::from("/shop/.git/agentsync"), n_bytes: 2_500, fault: None },
        signing: SigningFacts { key: None, signers: None, is_required: false },
        has_credential_helper: false,
        has_ssh_agent: false,
        hooks: Vec::new(),
        git_hooks: Vec::new(),
        forge: Ok("alice".to_owned()),
    }
}

#[track_caller]
fn check(clone: CloneFacts, name: &str, verdict: Verdict, said: &str) {
    let report = DoctorReport::of(&Facts { git: Ok("2.47.3".to_owned()), clone: Ok(clone) });
    let found = report.checks.iter().find(|check| check.check == name).unwrap();
    assert_eq!((found.verdict, found.said.as_str()), (verdict, said));
    assert_eq!(report.status == "ok", report.checks.iter().all(|check| check.verdict != Verdict::Bad));
    assert!(found.verdict != Verdict::Bad || found.fix.is_some(), "a problem comes with its fix");
}

#[test]
fn all_is_well() {
    let report = DoctorReport::of(&Facts { git: Ok("2.47.3".to_owned()), clone: Ok(clone()) });
    assert_eq!(report.status, "ok");
    let skipped = report.checks.iter().filter(|check| check.verdict != Verdict::Ok);
    assert_eq!(
        skipped.map(|check| check.check).collect::<Vec<_>>(),
        ["rules", "signing", "hooks", "git hooks"]
    );
}

#[test]
fn an_old_git_is_told_from_a_new_one() {
    let verdict = |version: &str| check_git(&Ok(version.to_owned())).verdict;
    assert_eq!(verdict("2.37.9"), Verdict::Bad);
    assert_eq!(verdict("2.38.0.windows.1"), Verdict::Ok);
    assert_eq!(verdict("2.39.5 (Apple Git-154)"), Verdict::Ok);
    assert_eq!(verdict("3.0"), Verdict::Ok);
}

#[test]
fn an_id_in_two_places_is_a_problem_once_both_claim() {
    check(
        CloneFacts { n_claims_elsewhere: 2, ..clone() },
        "agent",
        Verdict::Bad,
        "alice (kept for this worktree) holds 2 active claims from another clone or worktree",
    );
    let agent_source = "git config agentsync.agent".to_owned();
    check(
        CloneFacts { n_worktrees: 3, agent_source, ..clone() },
        "agent",
        Verdict::Skipped,
        "alice (git config agentsync.agent), and so are all 3 worktrees of this clone",
    );
}

#[test]
fn a_clock_may_be_five_minutes_behind() {
    let minutes = |n: i64| Some(Timestamp(n * 60_000_000));
    let facts = |newest_commit_at| CloneFacts { newest_commit_at, ..clone() };
    check(facts(minutes(5)), "clock", Verdict::Ok, "not behind the board's newest commit");
    check(facts(minutes(6)), "clock", Verdict::Bad, "the board's newest commit lies 6 min in the future");
}

#[test]
fn a_remote_that_wants_a_password_is_told_from_one_that_is_away() {
    let refused = || StoreError::Unauthorized {
        remote: "https://host/shop.git".to_owned(),
        detail: "could not read Username".to_owned(),
    };
    let facts = |has_credential_helper| CloneFacts {
        board: Err(refused()),
        push: None,
        has_credential_helper,
        ..clone()
    };
    check(
        facts(false),
        "credentials",
        Verdict::Bad,
        "git has no credential helper, and nobody can be asked for a password",
    );
    check(facts(true), "credentials", Verdict::Skipped, "git has a credential helper");
    check(facts(true), "push", Verdict::Skipped, "not reached");
}

#[test]
fn a_board_that_was_deleted_leads_to_repair() {
    check(
        CloneFacts { board: Ok(Diagnosis::Deleted { seen: tip() }), ..clone() },
        "board",
        Verdict::Bad,
        "`agentsync` was deleted; last seen at 1234567890",
    );
}

#[test]
fn what_is_optional_is_no_problem() {
    check(
        CloneFacts { forge: Err(ForgeError::Missing), ..clone() },
        "gh",
        Verdict::Skipped,
        "not installed; only `finish` and `provision` need it",
    );
}

#[test]
fn r_15_without_fsync_the_last_pushes_may_be_lost_and_that_is_said() {
    let yes = "yes: what is pushed survives a power loss of the remote (core.fsync)";
    check(clone(), "fsync", Verdict::Ok, yes);
    let hub = Some(HubFiles { is_hardened: false, ..hub() });
    let no = "no: a power loss of the remote may take back the last pushes";
    check(CloneFacts { hub, ..clone() }, "fsync", Verdict::Skipped, no);
    let unknown = "unknown: ask whoever runs the remote about power losses";
    check(CloneFacts { hub: None, ..clone() }, "fsync", Verdict::Skipped, unknown);
}
