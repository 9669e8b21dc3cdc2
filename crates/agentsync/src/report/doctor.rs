//! What `doctor` answers: a list of checks, whatever could be found out and whatever could not.

mod board;
mod clone;
mod git_hooks;
mod hub;
mod signing;

use serde::Serialize;

use super::Exit;
use super::failure::FailureReport;
use crate::app::doctor::Facts;
use crate::app::failure::Failure;

/// The least git that can do what is asked of it: `git merge-tree --write-tree` came with it.
const LEAST_GIT: (u32, u32) = (2, 38);

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All is well.
    Ok,
    /// Something is wrong.
    Bad,
    /// It could not be looked at, or need not be.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub said: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn ok(check: &'static str, said: impl Into<String>) -> Check {
        Check { check, verdict: Verdict::Ok, said: said.into(), fix: None }
    }

    fn bad(check: &'static str, said: impl Into<String>, fix: impl Into<String>) -> Check {
        Check { check, verdict: Verdict::Bad, said: said.into(), fix: Some(fix.into()) }
    }

    fn skipped(check: &'static str, said: impl Into<String>) -> Check {
        Check { check, verdict: Verdict::Skipped, said: said.into(), fix: None }
    }

    fn with_fix(self, fix: impl Into<String>) -> Check {
        Check { fix: Some(fix.into()), ..self }
    }

    fn failed(check: &'static str, failure: &Failure) -> Check {
        let report = FailureReport::of(failure);
        let fix = report.bare_fix();
        Check::bad(check, report.error, fix)
    }
}

/// All checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoctorReport {
    /// `ok` or `problems`.
    pub status: &'static str,
    /// The checks, always the same ones in the same order.
    pub checks: Vec<Check>,
    /// The best next call.
    pub next: String,
}

impl DoctorReport {
    /// Draws the conclusions from what was found out.
    pub fn of(facts: &Facts) -> DoctorReport {
        let git = check_git(&facts.git);
        let has_git = facts.git.is_ok();
        let rest = match &facts.clone {
            Ok(clone) => {
                [clone::checks(clone, has_git), board::checks(clone, has_git), hub::checks(clone)].concat()
            }
            Err(failure) => without_clone(failure),
        };
        let mut checks = vec![git];
        checks.extend(rest);
        checks.sort_by_key(|check| ORDER.iter().position(|name| *name == check.check));
        let first_bad = checks.iter().find(|check| check.verdict == Verdict::Bad);
        let next = match first_bad {
            Some(check) => format!("mend `{}` first, then `agentsync doctor` again", check.check),
            None => "agentsync survey".to_owned(),
        };
        DoctorReport { status: if first_bad.is_some() { "problems" } else { "ok" }, checks, next }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.status == "ok" { Exit::Yes } else { Exit::No }
    }
}

/// The order in which checks are shown: what others need comes first.
const ORDER: [&str; 17] = [
    "git",
    "repository",
    "settings",
    "agent",
    "remote",
    "credentials",
    "board",
    "push",
    "rules",
    "signing",
    "leftovers",
    "fsync",
    "clock",
    "cache",
    "gh",
    "hooks",
    "git hooks",
];

fn check_git(version: &Result<String, String>) -> Check {
    let (major, minor) = LEAST_GIT;
    let fix = format!("install git {major}.{minor} or later and put it on PATH");
    match version {
        Err(why) => Check::bad("git", why.clone(), fix),
        Ok(version) => match parse_version(version) {
            Some(found) if found < LEAST_GIT => {
                Check::bad("git", format!("{version} is too old for trial merges"), fix)
            }
            _ => Check::ok("git", version.clone()),
        },
    }
}

/// Parses the first two numbers of `2.39.5 (Apple Git-154)` or `2.45.1.windows.1`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The list when there is no clone to look at: what cannot be looked at is named all the same.
fn without_clone(failure: &Failure) -> Vec<Check> {
    let at_fault = match failure {
        Failure::Usage(_) => "settings",
        Failure::Update(_) => "cache",
        Failure::Work(_) | Failure::Forge(_) | Failure::NoClaim { .. } => "repository",
    };
    let why = if at_fault == "repository" { "needs a repository" } else { "not looked at" };
    let check = |name: &&'static str| match *name == at_fault {
        true => Check::failed(name, failure),
        false => Check::skipped(name, why),
    };
    ORDER.iter().skip(1).filter(|name| **name != "settings" || at_fault == "settings").map(check).collect()
}

#[cfg(test)]
mod tests;
