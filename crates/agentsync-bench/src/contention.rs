//! Many who claim at once: processes of one clone, and clones, beside the best that a plain shell reaches.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use crate::clients::Client;
use crate::figures::Figures;
use crate::ground::{Site, Transport};

/// The longest pauses among which the shell's best is looked for in the first round, in milliseconds.
const PAUSES: [u32; 4] = [50, 200, 800, 2_000];

/// How much is done.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// How often everything is done.
    rounds: u64,
    /// Claims of each client.
    n_claims: usize,
    /// How many clones there are.
    crowds: &'static [usize],
    /// Whether the shell's best is looked for among all pauses.
    all_pauses: bool,
    /// Claims of each of the 64 of one clone.
    n_of_64: usize,
    /// Plays crowds of this size alone.
    only: Option<usize>,
}

impl Scale {
    pub(crate) const FULL: Scale = Scale {
        rounds: 2,
        n_claims: 2,
        crowds: &[1, 2, 4, 8, 16, 32],
        all_pauses: true,
        n_of_64: 20,
        only: None,
    };
    pub(crate) const SHORT: Scale = Scale { rounds: 1, n_claims: 1, all_pauses: false, ..Scale::FULL };

    /// Leaves crowds of one size alone, if one is named.
    pub(crate) fn only(self, size: Option<usize>) -> Scale {
        Scale { only: size, ..self }
    }
}

/// When each client makes its next claim.
#[derive(Clone, Copy, PartialEq)]
enum Loop {
    /// As soon as the last one is answered.
    Closed,
    /// At moments drawn beforehand, so many a second in all, whether or not the last one is answered: the
    /// time counts from then.
    Open(f64),
}

/// What came of it.
#[derive(Default)]
struct Outcome {
    n_asked: usize,
    n_granted: usize,
    times: Figures,
    n_tries: usize,
    n_pushes: usize,
    took: Duration,
}

/// The contestants.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Turns,
    NoTurns,
    Shell(u32),
}

/// Lets the clients claim, each on a thread of its own. All are there to the end: a server that shuts down beside
/// those who still wait would slow them.
fn play(mut clients: Vec<Client>, n_claims: usize, pace: Loop, seed: u64, outcome: &mut Outcome) {
    let start = Barrier::new(clients.len());
    let (n_clients, results) = (clients.len(), Mutex::new((0, Figures::default())));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for (n, client) in clients.iter_mut().enumerate() {
            let (start, results) = (&start, &results);
            scope.spawn(move || {
                let mut dice = Dice(seed.wrapping_mul(1_000).wrapping_add(n as u64 + 1));
                start.wait();
                let mut due = Instant::now();
                for turn in 0..n_claims {
                    match pace {
                        Loop::Closed => due = Instant::now(),
                        Loop::Open(rate) => {
                            due += dice.gap(rate / n_clients as f64);
                            std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        }
                    }
                    let is_granted = client.claim(&format!("of-{n}/file-{turn}.rs"));
                    let time = due.elapsed();
                    let mut results = results.lock().unwrap();
                    results.0 += usize::from(is_granted);
                    results.1.keep(time);
                }
            });
        }
    });
    let (n_granted, times) = results.into_inner().unwrap();
    outcome.took += began.elapsed();
    outcome.n_asked += n_clients * n_claims;
    outcome.n_granted += n_granted;
    outcome.times.extend(&times);
}

/// Chance with a seed: the same arrivals for every contestant.
struct Dice(u64);

impl Dice {
    /// Draws the time to the next of events that come so many a second.
    fn gap(&mut self, rate: f64) -> Duration {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let part = (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64;
        Duration::from_secs_f64(-(1.0 - part).ln() / rate)
    }
}

/// Makes a hub at which tries and pushes can be counted.
fn site(program: &Path, transport: Transport) -> Site {
    let site = Site::new(program, transport, 0);
    site.lab.hub_git(&["config", "core.logAllRefUpdates", "always"]);
    site.count_tries();
    site
}

fn clients(site: &Site, who: Who, n_clients: usize) -> Vec<Client> {
    let client = |n: usize| {
        let checkout = site.clone(&format!("agent-{n}"));
        match who {
            Who::Turns => Client::ours(&checkout, &[]),
            Who::NoTurns => Client::ours(&checkout, &[("AGENTSYNC_TURNS", "off")]),
            Who::Shell(longest_ms) => Client::shell(site, &checkout, longest_ms),
        }
    };
    let mut clients: Vec<Client> = (0..n_clients).map(client).collect();
    // The branch is there, and whatever is made once is made.
    for (n, client) in clients.iter_mut().enumerate() {
        assert!(client.claim(&format!("of-{n}/first.rs")));
    }
    clients
}

/// Plays one crowd for one contestant on a hub of its own.
fn crowd(
    program: &Path,
    transport: Transport,
    who: Who,
    size: usize,
    pace: Loop,
    scale: Scale,
    seed: u64,
) -> Outcome {
    let site = site(program, transport);
    let clients = clients(&site, who, size);
    let (n_tries, n_pushes) = (site.n_tries(), site.n_pushes());
    let mut outcome = Outcome::default();
    play(clients, scale.n_claims, pace, seed, &mut outcome);
    outcome.n_tries = site.n_tries() - n_tries;
    outcome.n_pushes = site.n_pushes() - n_pushes;
    outcome
}

impl Outcome {
    fn add(&mut self, more: &Outcome) {
        self.n_asked += more.n_asked;
        self.n_granted += more.n_granted;
        self.times.extend(&more.times);
        self.n_tries += more.n_tries;
        self.n_pushes += more.n_pushes;
        self.took += more.took;
    }

    fn row(&self, what: &str, who: &str, verdict: &str) -> String {
        let (p50, p99, max) = (self.times.median(), self.times.at(0.99), self.times.longest());
        let row = format!(
            "| {what} | {who} | {} of {} | {:.2} | {p50:.0} ms | {p99:.0} ms | {max:.0} ms | {} | {verdict} |\n",
            self.n_granted,
            self.n_asked,
            self.n_tries as f64 / self.n_asked.max(1) as f64,
            self.n_pushes,
        );
        eprint!("bench: {row}");
        row
    }
}

/// Measures all crowds on one transport, in turns, and returns the rows.
fn crowds(program: &Path, transport: Transport, pace: Loop, scale: Scale) -> String {
    let name = match pace {
        Loop::Closed => "closed".to_owned(),
        Loop::Open(rate) => format!("open, {rate}/s"),
    };
    let mut rows = String::new();
    let pauses: &[u32] = if scale.all_pauses { &PAUSES } else { &PAUSES[1..3] };
    for &size in scale.crowds.iter().filter(|size| scale.only.is_none_or(|only| only == **size)) {
        let mut ours = [(Who::Turns, Outcome::default()), (Who::NoTurns, Outcome::default())];
        let mut shells: Vec<(u32, Outcome)> =
            pauses.iter().map(|pause| (*pause, Outcome::default())).collect();
        for round in 0..scale.rounds {
            let play = |who| crowd(program, transport, who, size, pace, scale, round);
            for (who, outcome) in &mut ours {
                outcome.add(&play(*who));
            }
            for (pause, outcome) in &mut shells {
                outcome.add(&play(Who::Shell(*pause)));
            }
            keep_the_best(&mut shells);
        }
        let [(_, turns), (_, no_turns)] = &ours;
        let Some((pause, best)) = shells.first() else { continue };
        let p99 = |outcome: &Outcome| outcome.times.at(0.99);
        let most = if size == 16 { 0.5 } else { 1.0 };
        let verdict = |outcome: &Outcome| {
            let ratio = p99(outcome) / p99(best);
            let is_met = outcome.n_granted == outcome.n_asked && (ratio <= most || size == 1);
            let word = if is_met { "met" } else { "**missed**" };
            format!("all, p99 ≤ {most} × the shell's: {ratio:.2}, {word}")
        };
        let what = format!("{size}, {}, {name}", transport.name());
        rows += &turns.row(&what, "agentsync", &verdict(turns));
        rows += &no_turns.row(&what, "agentsync without turns", &verdict(no_turns));
        rows += &best.row(&what, &format!("shell, pauses up to {pause} ms"), "");
    }
    rows
}

/// Leaves the shell whose pauses did best: it alone plays the later rounds.
fn keep_the_best(shells: &mut Vec<(u32, Outcome)>) {
    // One that gives up is no best, however quick it was.
    shells.sort_by(|(_, a), (_, b)| {
        let by_grants = b.n_granted.cmp(&a.n_granted);
        by_grants.then(a.times.at(0.99).total_cmp(&b.times.at(0.99)))
    });
    shells.truncate(1);
}

/// Measures many agents in one clone, on a local path.
fn one_clone(program: &Path, scale: Scale) -> String {
    let site = site(program, Transport::Path);
    let clone = site.clone("alice");
    let servers = |n_agents: usize| -> Vec<Client> {
        (0..n_agents).map(|n| Client::ours(&clone.as_agent(&format!("agent-{n}")), &[])).collect()
    };
    let mut lines = String::new();
    let mut alone = Figures::default();
    let mut single = Client::ours(&clone, &[]);
    let mut slowest = Figures::default();
    let mut most_pushes = 0;
    for round in 0..scale.rounds.max(3) {
        for n in 0..5 {
            let file = format!("of-alice/{round}-{n}.rs");
            assert!(alone.time(|| single.claim(&file)));
        }
        let clients = servers(16);
        let before = site.n_pushes();
        let mut outcome = Outcome::default();
        play(clients, 1, Loop::Closed, round, &mut outcome);
        assert_eq!(outcome.n_granted, 16);
        slowest.keep(Duration::from_secs_f64(outcome.times.longest() / 1e3));
        most_pushes = most_pushes.max(site.n_pushes() - before);
    }
    let ratio = slowest.median() / alone.median();
    let word = |is_met: bool| if is_met { "met" } else { "**missed**" };
    let _ = writeln!(
        lines,
        "- 16 agents in one clone claim at once: the slowest waits {:.0} ms, {ratio:.1} times as long as one alone \
         ({:.1} ms; ≤ 4: {}), in at most {most_pushes} pushes (≤ 3: {}).",
        slowest.median(),
        alone.median(),
        word(ratio <= 4.0),
        word(most_pushes <= 3)
    );
    let clients = servers(64);
    let before = site.n_pushes();
    let mut outcome = Outcome::default();
    play(clients, scale.n_of_64, Loop::Closed, 0, &mut outcome);
    let (rate, p99) = (outcome.n_granted as f64 / outcome.took.as_secs_f64(), outcome.times.at(0.99));
    let _ = writeln!(
        lines,
        "- 64 agents in one clone, each {} times in a row: {rate:.0} claims/s (≥ 300: {}), p50 {:.0} ms, p99 {p99:.0} ms \
         (< 500: {}), {} of {} granted in {} pushes.",
        scale.n_of_64,
        word(rate >= 300.0),
        outcome.times.median(),
        word(p99 < 500.0),
        outcome.n_granted,
        outcome.n_asked,
        site.n_pushes() - before
    );
    eprint!("{lines}");
    lines
}

/// Measures everything, and returns it as Markdown.
pub(crate) fn run(program: &Path, scale: Scale) -> String {
    let mut text = if scale.only.is_none() { one_clone(program, scale) } else { String::new() };
    text += "\n| clones, transport, loop | | granted | tries for each | p50 | p99 | max | pushes | to reach |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n";
    for (transport, rate) in [(Transport::Path, 8.0), (Transport::Http, 2.0)] {
        text += &crowds(program, transport, Loop::Closed, scale);
        text += &crowds(program, transport, Loop::Open(rate), scale);
    }
    text
}
