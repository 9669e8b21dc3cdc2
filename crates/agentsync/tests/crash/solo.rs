//! One process alone: it makes one change, dies on the way, and others go on.

use std::time::{Duration, Instant};

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::stage::{Kind, MAX_BLOCKED, Passed, Place, Stage, asked, passed, run, wait_until};

/// What is done in one cell.
pub(crate) struct Deed<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) agent: Checkout,
    pub(crate) kind: Kind,
    pub(crate) n: usize,
}

impl<'a> Deed<'a> {
    /// Brings it about that the change of `kind` can be made by `agent`.
    pub(crate) fn prepare(stage: &'a Stage, agent: &Checkout, kind: Kind) -> Deed<'a> {
        let deed = Deed { stage, agent: agent.clone(), kind, n: stage.next() };
        let (path, lane) = (deed.path(), deed.lane());
        match kind {
            Kind::Claim | Kind::Note => {}
            Kind::Release | Kind::Status => {
                run(agent, &["claim", "before", &path, "--lane", &lane], 0);
            }
            Kind::Wait | Kind::Leave => {
                run(&stage.bob, &["claim", "bob's", &path, "--lane", &lane], 0);
            }
        }
        deed
    }

    pub(crate) fn path(&self) -> String {
        format!("src/{}.rs", self.n)
    }

    fn lane(&self) -> String {
        format!("l{}", self.n)
    }

    fn key(&self) -> String {
        format!("{}/{}", self.agent.agent(), self.lane())
    }

    fn text(&self) -> String {
        format!("text {}.", self.n)
    }

    pub(crate) fn args(&self) -> Vec<String> {
        let (path, lane, text) = (self.path(), self.lane(), self.text());
        let args: Vec<&str> = match self.kind {
            Kind::Claim => vec!["claim", &text, &path, "--lane", &lane],
            Kind::Release => vec!["release", "--lane", &lane],
            Kind::Status => vec!["update-status", "in-progress", "--note", &text, "--lane", &lane],
            Kind::Note => vec!["mailbox", &text],
            Kind::Wait | Kind::Leave => vec!["claim", &text, &path, "--lane", &lane, "--wait", "1"],
        };
        args.into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn history(&self) -> std::path::PathBuf {
        self.stage.file("history", self.n)
    }

    /// Returns the id of the change, if the process came so far.
    pub(crate) fn op(&self) -> Option<String> {
        asked(&self.history(), self.kind)
    }

    /// Makes the change, with `env` on top; a leave is made by a server whose caller goes away.
    fn run(&self, env: &[(&str, String)]) -> Option<Answer> {
        let mut env = env.to_vec();
        env.push(("AGENTSYNC_HISTORY", self.history().display().to_string()));
        if self.kind == Kind::Leave {
            self.leave(&env);
            return None;
        }
        let args = self.args();
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.push("--json");
        Some(self.agent.agentsync_with(&env, &args))
    }

    fn leave(&self, env: &[(&str, String)]) {
        let mut client = McpClient::start_with(&self.agent, Era::Stateless, env);
        let arguments = json!({
            "task": self.text(), "touches": [self.path()], "lane": self.lane(), "wait_seconds": 60,
        });
        let id = client.send("tools/call", json!({ "name": "claim", "arguments": arguments }));
        wait_until("a ticket", || self.has_ticket());
        client.notify("notifications/cancelled", json!({ "requestId": id }));
        let pid = client.pid();
        let is_gone = || crate::stage::is_dead(pid);
        wait_until("it left, or died", || is_gone() || !self.has_ticket());
        // Where it does not die, it has its notes to write after the board has changed.
        let until = Instant::now() + Duration::from_secs(2);
        let is_to_die = env.iter().any(|(name, _)| *name == "AGENTSYNC_CRASH");
        while is_to_die && !is_gone() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(3));
        }
        let is_dead = is_gone();
        let (code, said) = client.close();
        assert!(!is_to_die || (is_dead && code.is_none()), "it did not die: {code:?} {said}");
    }

    fn has_ticket(&self) -> bool {
        let board = self.stage.board();
        board["waiting"]
            .as_array()
            .is_some_and(|line| line.iter().any(|ticket| ticket["agent"] == self.key()))
    }

    /// Makes the change unharmed, and returns the steps that it passes.
    pub(crate) fn rehearse(&self, env: &[(&str, String)]) -> Passed {
        let log = self.stage.file("steps", self.n);
        let mut env = env.to_vec();
        env.push(("AGENTSYNC_STEPS", log.display().to_string()));
        let answer = self.run(&env);
        let is_well = answer.as_ref().is_none_or(|answer| answer.code == i32::from(self.kind == Kind::Wait));
        assert!(is_well, "{answer:?}");
        passed(&log)
    }

    /// Makes the change and dies at a step; false when the step was not reached.
    pub(crate) fn die(&self, env: &[(&str, String)], step: &str) -> bool {
        let mut env = env.to_vec();
        env.push(("AGENTSYNC_CRASH", step.to_owned()));
        self.run(&env).is_none_or(|answer| answer.code == -1)
    }

    /// Makes a change of the kind and dies at a step, where it must come to.
    pub(crate) fn dead(
        stage: &'a Stage,
        agent: &Checkout,
        kind: Kind,
        env: &[(&str, String)],
        step: &str,
    ) -> Deed<'a> {
        let deed = Deed::prepare(stage, agent, kind);
        if deed.die(env, step) {
            return deed;
        }
        // Some steps are only passed when another clone has just written.
        let deed = Deed::prepare(stage, agent, kind);
        run(&stage.bob, &["mailbox", "hello"], 0);
        assert!(deed.die(env, step), "nobody came to `{step}`");
        deed
    }

    /// Has a step fail, and checks that what is answered is true.
    pub(crate) fn fail(&self, env: &[(&str, String)], step: &str) {
        let mut env = env.to_vec();
        env.push(("AGENTSYNC_FAIL", step.to_owned()));
        let answer = self.run(&env).unwrap();
        check_truth(self.stage, &answer, self.op().as_deref());
    }

    /// Checks all that must hold after the process died; returns how long the slowest of the others took.
    pub(crate) fn heal(&self) -> Duration {
        let stage = self.stage;
        let was_there = self.check_fate();
        let mut slowest = Duration::ZERO;
        // Another clone, and another agent of this one, go on with something else.
        let carol = self.agent.as_agent(&format!("carol-beside-{}", self.agent.agent()));
        let others = [&stage.bob, &carol];
        for agent in others.into_iter().take(if self.kind == Kind::Claim { 2 } else { 1 }) {
            let other = format!("other/{}-{}.rs", agent.agent(), self.n);
            let began = Instant::now();
            run(agent, &["claim", "other", &other, "--lane", &self.lane_of(agent)], 0);
            slowest = slowest.max(began.elapsed());
        }
        assert!(slowest < MAX_BLOCKED, "the next claim took {slowest:?}");
        // What the dead one was about is free exactly when it does not stand.
        if self.kind == Kind::Claim && self.n.is_multiple_of(2) {
            let stands = self.entry().is_some();
            let report = stage.bob.agentsync(&["survey", &self.path(), "--json"]).expect_code(0).stdout;
            assert_eq!(report.contains(&self.path()), stands, "{report}");
        }
        let began = Instant::now();
        self.make_again(was_there);
        slowest = slowest.max(began.elapsed() / 2);
        stage.ops();
        stage.check_drained();
        slowest
    }

    fn lane_of(&self, agent: &Checkout) -> String {
        format!("{}-other-{}", agent.agent(), self.n)
    }

    /// Checks that what `resolve` says of the change is true, and returns whether it is on the branch.
    pub(crate) fn check_fate(&self) -> bool {
        let ops = self.stage.ops();
        let Some(op) = self.op() else { return false };
        let is_there = ops.contains(&op);
        let report = self.agent.agentsync(&["resolve", &op, "--json"]).json();
        let is_done = report["status"] == "done";
        assert_eq!(is_done, is_there, "{report}");
        is_there
    }

    fn entry(&self) -> Option<Value> {
        self.stage.board()["claims"].get(self.key()).cloned()
    }

    fn n_notes(&self) -> usize {
        self.stage.board().to_string().matches(&self.text()).count()
    }

    /// Makes the same change again, as whoever started the dead process would, and checks what stands then.
    fn make_again(&self, was_there: bool) {
        let args = self.args();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match self.kind {
            Kind::Claim => {
                run(&self.agent, &args, 0);
                run(&self.stage.bob, &["claim", "mine", &self.path(), "--lane", "greed"], 1);
                assert_eq!(self.n_notes(), 1, "one claim");
            }
            Kind::Release => {
                let answer = self.agent.agentsync(&[&args[..], &["--json"]].concat());
                assert_eq!(answer.json()["status"] == "noop", was_there, "{answer:?}");
                assert_eq!(self.entry(), None);
            }
            Kind::Status => {
                run(&self.agent, &args, 0);
                assert!(self.entry().unwrap().to_string().contains(&self.text()));
            }
            Kind::Note => {
                assert_eq!(self.n_notes(), usize::from(was_there));
                run(&self.agent, &args, 0);
                assert_eq!(self.n_notes(), 1 + usize::from(was_there));
            }
            Kind::Wait | Kind::Leave => {
                run(&self.stage.bob, &["release", "--lane", &self.lane()], 0);
                run(&self.agent, &args, 0);
                assert!(self.entry().is_some() && !self.has_ticket());
            }
        }
    }
}

/// Checks that an answer is true of the branch.
pub(crate) fn check_truth(stage: &Stage, answer: &Answer, op: Option<&str>) {
    let is_there = op.is_some_and(|op| stage.ops().iter().any(|there| there == op));
    let said: Value = serde_json::from_str(&answer.stdout).unwrap_or_default();
    match answer.code {
        0 => assert!(is_there, "told done, and not there: {answer:?}"),
        1 if said["status"] == "waiting" => assert!(is_there, "told to wait, and no ticket: {answer:?}"),
        _ if said["code"] == "unknown" => {}
        _ => assert!(!is_there, "told not done, and there: {answer:?}"),
    }
}

/// Returns the environment in which everything that a write can pass is passed.
pub(crate) fn env_of(place: Place) -> Vec<(&'static str, String)> {
    match place {
        Place::Remote => vec![("AGENTSYNC_PUSH_BUDGET", "60000/60000".to_owned())],
        Place::Local => Vec::new(),
    }
}
