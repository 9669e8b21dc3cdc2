//! One simulated agent: what it wants, one call after the other, and what it is told.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use agentsync_core::{
    AgentId, Author, BreakRequest, Change, ClaimKey, ClaimRequest, Decision, Force, InstanceId, Intent, Lane,
    Lapsed, NoteRequest, PathSpec, Status, StatusRequest,
};
use agentsync_lab::witness::{Ended, Record, Violation};
use agentsync_mcp::app::ctx::{Ctx, Dice as _, Settings};
use agentsync_mcp::app::lease;
use agentsync_mcp::app::ports::recorder::Unrecorded;
use agentsync_mcp::app::ports::{Clock as _, Freshness, Patient, Store as _, StoreError};
use agentsync_mcp::app::relied::Derive;
use agentsync_mcp::app::update::{UpdateError, update};

use crate::faults::Fault;
use crate::machine::Process;
use crate::nothing::Nothing;
use crate::world::{Killed, SECOND, State};

pub(crate) const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];
const SPECS: [&str; 9] =
    ["src/a.rs", "src/b.rs", "src", "*.rs", "docs", "docs/**/x", "{docs,tests}/y.md", "tests", "Cargo.toml"];

/// An agent with its life before it.
pub(crate) struct Agent {
    pub(crate) process: Process,
    pub(crate) n_calls: usize,
    me: Author,
    settings: Settings,
    n_notes: u32,
}

impl Agent {
    pub(crate) fn new(process: Process, n_calls: usize, deadline: Duration) -> Agent {
        let name = NAMES[process.agent];
        let me = Author {
            agent: AgentId::parse(name).unwrap(),
            instance: InstanceId(format!("{name}-1")),
            session: None,
        };
        let settings = Settings {
            remote: "origin".to_owned(),
            branch: "agentsync".to_owned(),
            board_source: "current-repo".to_owned(),
            stale_hours: 24.0,
            deadline,
            lease: None,
            derive: Derive::Off,
            partners: Vec::new(),
            lists_unclaimed: false,
        };
        Agent { process, n_calls, me, settings, n_notes: 0 }
    }

    /// Lives: some calls while there are faults, then two more when there are none.
    pub(crate) fn live(&mut self) {
        for _ in 0..self.n_calls {
            self.think();
            self.call_once();
        }
        while self.process.world.with(|state| state.quiet_since.is_none()) {
            self.process.world.pause(self.process.agent, SECOND);
        }
        self.finish();
    }

    fn think(&self) {
        let time = self.process.world.with(|state| match state.rng.u8(0..3) {
            0 => state.between(0, 50_000),
            1 => state.between(0, 2 * SECOND),
            _ => state.between(0, 15 * SECOND),
        });
        self.process.world.pause(self.process.agent, time);
    }

    fn call_once(&mut self) {
        let pick = self.process.world.with(|state| state.rng.u8(0..100));
        let lane = self.process.world.with(|state| state.rng.u8(0..10) == 0);
        let lane = lane.then(|| Lane::parse("docs").unwrap());
        let intent = match pick {
            0..35 => Intent::Claim(self.request()),
            35..50 => Intent::Release { note: None },
            50..62 => Intent::Status(self.status()),
            62..72 => Intent::Note(self.note()),
            72..82 => Intent::Wait(self.request()),
            82..86 => Intent::Leave,
            86..88 => Intent::Claim(ClaimRequest { force: Some(Force { reason: None }), ..self.request() }),
            88..90 => self.break_somebody(),
            _ => return self.survey(),
        };
        let blocked = self.change(lane.clone(), intent.clone());
        // Over those whose lease has been seen to lapse, as the verb does it.
        if let (Some(Decision::Blocked(_)), Intent::Claim(request)) = (&blocked, &intent)
            && let Some(lapsed) = self.look_for_lapsed().filter(|lapsed| !lapsed.is_empty())
        {
            self.change(lane, Intent::Claim(ClaimRequest { lapsed, ..request.clone() }));
        }
    }

    fn request(&self) -> ClaimRequest {
        let spec = |text: &str| PathSpec::parse(text, &[]).unwrap();
        self.process.world.with(|state| {
            let n_touches = state.rng.usize(1..=2);
            let mut pick = |_| spec(SPECS[state.rng.usize(0..SPECS.len())]);
            let touches: Vec<PathSpec> = (0..n_touches).map(&mut pick).collect();
            let requires = if pick(0).as_str() == "docs" { vec![pick(0)] } else { Vec::new() };
            let lease = (state.rng.u8(0..4) == 0).then(|| state.rng.u64(5..40));
            ClaimRequest {
                task: "work".to_owned(),
                touches,
                requires,
                branch: None,
                force: None,
                lease,
                lapsed: Vec::new(),
            }
        })
    }

    fn status(&self) -> StatusRequest {
        let pick = self.process.world.with(|state| state.rng.usize(0..4));
        let status = [Status::Planning, Status::InProgress, Status::Done, Status::Done][pick].clone();
        StatusRequest { status, note: None, changed_files: None, changed_files_repo: None, pr_url: None }
    }

    fn note(&mut self) -> NoteRequest {
        self.n_notes += 1;
        NoteRequest { to: None, message: format!("note {}", self.n_notes) }
    }

    fn break_somebody(&self) -> Intent {
        let whom = self.process.world.with(|state| state.rng.usize(0..NAMES.len()));
        Intent::Break(BreakRequest { key: ClaimKey::read(NAMES[whom]), reason: "gone".to_owned() })
    }

    fn ctx(&self) -> Ctx<'_> {
        Ctx {
            me: &self.me,
            store: &self.process,
            queue: &self.process,
            work: &Nothing,
            pairs: &Nothing,
            forge: &Nothing,
            checkout: &Nothing,
            boards: &Nothing,
            clock: &self.process,
            dice: &self.process,
            settings: &self.settings,
            caller: &Patient,
            recorder: &Unrecorded,
        }
    }

    /// Runs a piece of the program; `None` when the process was killed in it.
    fn run<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(act)) {
            Ok(done) => Some(done),
            Err(payload) if payload.is::<Killed>() => {
                // Somebody starts it anew.
                self.process.world.pause(self.process.agent, SECOND);
                None
            }
            Err(payload) => resume_unwind(payload),
        }
    }

    fn open_record(&self, op: &str, change: Option<Change>) -> usize {
        let agent = self.me.agent.as_str().to_owned();
        let (me, op) = (self.process.agent, op.to_owned());
        self.process.world.with(|state| {
            (state.misled[me], state.doubled[me]) = (false, false);
            let invoked = state.tick();
            let (returned, ended) = (None, Ended::Died);
            state.records.push(Record { op, agent, change, invoked, returned, ended, was_misled: false });
            state.records.len() - 1
        })
    }

    fn close_record(&self, record: usize, ended: Ended) {
        let me = self.process.agent;
        self.process.world.with(|state| {
            let (misled, returned) = (state.misled[me], state.tick());
            let record = &mut state.records[record];
            (record.returned, record.ended, record.was_misled) = (Some(returned), ended, misled);
            let line =
                format!("{} {}: {:?}", record.agent, record.op.get(..4).unwrap_or("survey"), record.ended);
            state.note(|| line);
        });
    }

    /// Writes one change with the program's own loop, and records what it says.
    fn change(&self, lane: Option<Lane>, intent: Intent) -> Option<Decision> {
        let op = self.process.op();
        let change = Change { op: op.clone(), by: self.me.clone(), lane, intent };
        let record = self.open_record(&op.0, Some(change.clone()));
        self.process.world.with(|state| state.note(|| format!("{} wants {change:?}", self.me.agent)));
        let (began, own) = (self.process.world.with(|state| state.now), self.process.monotonic());
        let outcome = self.run(|| update(&self.ctx(), &change));
        self.measure(began, own);
        let outcome = outcome?;
        let ended = match &outcome {
            Ok(answer) => match &answer.decision {
                Decision::Granted(_) => Ended::Done,
                Decision::Unchanged(_) => Ended::Unchanged,
                Decision::Missing(_) => Ended::Missing,
                Decision::Blocked(blocked) => Ended::Refused {
                    by: blocked.conflicts.keys().map(|key| key.as_str().to_owned()).collect(),
                },
            },
            // While a lock keeps the branch where it was, a push that is delivered twice may land yet.
            Err(UpdateError::Unknown { .. } | UpdateError::Stuck { .. }) => Ended::Unknown,
            Err(err) => {
                let is_doubled = self.process.world.with(|state| {
                    state.note(|| format!("{} hears: {err}", self.me.agent));
                    state.doubled[self.process.agent]
                });
                match err {
                    // Where the board cannot be trusted, nobody can look whether a refusal hides a push
                    // that had arrived the first time; neither answer says that it is not there.
                    UpdateError::Frozen(_) | UpdateError::Store(StoreError::Unreadable { .. })
                        if is_doubled =>
                    {
                        Ended::Unknown
                    }
                    _ => Ended::NotDone,
                }
            }
        };
        self.close_record(record, ended);
        outcome.ok().map(|answer| answer.decision)
    }

    /// Notes how long a call took: by the agent's own clock, and after the faults had ended.
    fn measure(&self, began: u64, own: Duration) {
        let own = self.process.monotonic().saturating_sub(own);
        self.process.world.with(|state| {
            state.counts.longest_call = state.counts.longest_call.max(own);
            if let Some(quiet) = state.quiet_since {
                let tail = Duration::from_micros(state.now.saturating_sub(began.max(quiet)));
                state.counts.longest_quiet = state.counts.longest_quiet.max(tail);
            }
        });
    }

    fn look_for_lapsed(&self) -> Option<Vec<Lapsed>> {
        self.run(|| lease::look(&self.ctx()).ok()).flatten()
    }

    fn survey(&self) {
        let record = self.open_record("", None);
        let seen = self.run(|| self.process.read(Freshness::Now));
        let ended = match seen {
            None => return,
            Some(Ok(snapshot)) => {
                let is_labelled = snapshot.alarm.is_some();
                Ended::Saw { tip: snapshot.tip.map(|tip| tip.0), is_labelled }
            }
            Some(Err(_)) => Ended::NotDone,
        };
        self.close_record(record, ended);
    }

    /// Claims something nobody else wants: without faults that must be granted.
    fn finish(&self) {
        let spec = PathSpec::parse(&format!("final/{}.txt", self.me.agent), &[]).unwrap();
        let request = ClaimRequest { touches: vec![spec], requires: Vec::new(), ..self.request() };
        let lane = Some(Lane::parse("final").unwrap());
        let mut decision = self.change(lane.clone(), Intent::Claim(request.clone()));
        // An answer that was under way may bring back what a person had accepted the loss of: once more.
        let is_rewritten = self
            .process
            .world
            .with(|state| [Fault::Rollback, Fault::Delete].iter().any(|fault| state.counts.of(*fault) > 0));
        if decision.is_none() && is_rewritten {
            self.process.with(State::accept_rewrite);
            decision = self.change(lane, Intent::Claim(request));
        }
        if decision.as_ref().and_then(Decision::grant).is_none() {
            let what = format!("{} gets nothing done when all is quiet: {decision:?}", self.me.agent);
            self.process.world.with(|state| state.violations.push(Violation { promise: "L3", what }));
        }
        self.survey();
    }
}
