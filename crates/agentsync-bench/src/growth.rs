//! What it costs when everything has grown: the history, the board, its document, the remote's references.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::mcp::McpClient;
use serde_json::{Value, json};

use crate::figures::Figures;
use crate::ground::{Site, Transport, claim, our_server};

/// How much is done.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    rounds: usize,
    n_changes: usize,
    n_refs: usize,
    /// Claims made in one clone, while its cache is watched; and how many of them on a document of 1 MB.
    n_claims: (usize, usize),
}

impl Scale {
    pub(crate) const FULL: Scale =
        Scale { rounds: 15, n_changes: 20_000, n_refs: 50_000, n_claims: (2_000, 300) };
    pub(crate) const SHORT: Scale = Scale { rounds: 5, n_changes: 2_000, n_refs: 5_000, n_claims: (600, 60) };
}

/// How a board and its remote have grown.
struct Size {
    name: String,
    n_changes: usize,
    n_agents: usize,
    /// Bytes of the task of each claim beside the first.
    task: usize,
    n_refs: usize,
}

/// A grown board, somebody who looks at it and somebody who writes to it.
struct Ground {
    name: String,
    site: Site,
    newcomer: Checkout,
    surveyor: McpClient,
    writer: McpClient,
    n_bytes: u64,
    calls: [Call; 4],
}

/// What was measured of one kind of call.
#[derive(Default)]
struct Call {
    times: Figures,
    bytes: Vec<u64>,
}

const CALLS: [&str; 4] =
    ["survey, nothing new", "survey, one change new", "claim", "first survey of a clone"];

/// Renders the board with its claims, of which the one written last is number `n_change`.
fn board(size: &Size, n_change: usize) -> String {
    let claim = |n: usize| {
        let last = if n_change % size.n_agents == n { n_change } else { n };
        let value = json!({
            "task": format!("work {last} {}", "x".repeat(size.task)),
            "touches": [format!("src/part-{n}/file-{last}.rs"), format!("tests/part-{n}")],
            "requires": [],
            "branch": format!("agent-{n}/work"),
            "status": "in-progress",
            "updated_at": "2026-11-23T20:15:00.123456+00:00",
            "instance": format!("{n:08x}"),
            "note": null,
            "op": format!("{last:032x}"),
            "generation": last + 1,
        });
        (format!("agent-{n}"), value)
    };
    let claims: serde_json::Map<String, Value> = (0..size.n_agents).map(claim).collect();
    let board = json!({ "claims": claims, "generation": n_change.max(size.n_agents) + 1 });
    serde_json::to_string_pretty(&board).unwrap() + "\n"
}

/// Writes the history into the hub, as fast as git can take it.
fn import(site: &Site, size: &Size) -> u64 {
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(site.lab.hub_path()).args(["fast-import", "--quiet", "--force"]);
    let mut git = git.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut stream = std::io::BufWriter::new(git.stdin.take().unwrap());
    let mut n_bytes = 0;
    for n in 0..size.n_changes {
        let text = board(size, n);
        n_bytes = text.len() as u64;
        let subject = format!(
            "agentsync: agent-{} claims 'work {n}'\n\nAgentsync-Op: {n:032x}\nAgentsync-Generation: {}\nAgentsync-Version: 0.3.0\n",
            n % size.n_agents,
            n + 1
        );
        writeln!(stream, "commit refs/heads/agentsync\nmark :{}", n + 1).unwrap();
        writeln!(stream, "committer agent <agent@lab.example> {} +0000", 1_767_300_000 + n).unwrap();
        writeln!(stream, "data {}\n{subject}", subject.len()).unwrap();
        if n > 0 {
            writeln!(stream, "from :{n}").unwrap();
        }
        writeln!(stream, "M 100644 inline claims.json\ndata {}\n{text}", text.len()).unwrap();
    }
    drop(stream);
    assert!(git.wait().unwrap().success());
    n_bytes
}

impl Ground {
    fn new(program: &Path, size: &Size) -> Ground {
        eprintln!("bench: {}", size.name);
        let site = Site::new(program, Transport::Http, size.n_refs);
        let [newcomer, surveyor, writer] =
            ["newcomer", "surveyor", "writer"].map(|name| site.lone_clone(name));
        let n_bytes = import(&site, size);
        let [mut surveyor, mut writer] = [surveyor, writer].map(|clone| our_server(&clone));
        for client in [&mut surveyor, &mut writer] {
            client.call("survey", json!({}));
        }
        Ground {
            name: size.name.clone(),
            site,
            newcomer,
            surveyor,
            writer,
            n_bytes,
            calls: Default::default(),
        }
    }

    fn measure(&mut self, round: usize) {
        let file = |who: &str| format!("{who}-{round}.rs");
        assert!(claim(&mut self.writer, &file("writer")));
        let survey = |client: &mut McpClient| drop(client.call("survey", json!({})));
        timed(&self.site, &mut self.calls[1], || survey(&mut self.surveyor));
        timed(&self.site, &mut self.calls[0], || survey(&mut self.surveyor));
        timed(&self.site, &mut self.calls[2], || assert!(claim(&mut self.surveyor, &file("surveyor"))));
        let _ = std::fs::remove_dir_all(self.newcomer.path().join(".git/agentsync"));
        let env = [("AGENTSYNC_UNCLAIMED", "off")];
        timed(&self.site, &mut self.calls[3], || {
            self.newcomer.agentsync_with(&env, &["survey"]).expect_success();
        });
    }
}

fn timed(site: &Site, call: &mut Call, act: impl FnOnce()) {
    let before = site.n_bytes();
    call.times.time(act);
    call.bytes.push(site.n_bytes() - before);
}

impl Call {
    fn bytes(&self) -> u64 {
        let mut bytes = self.bytes.clone();
        bytes.sort_unstable();
        bytes.get(bytes.len() / 2).copied().unwrap_or(0)
    }
}

/// Counts what lies in a folder, in blocks of 4 KiB as it does on disk.
fn size_on_disk(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let sizes = entries.filter_map(|entry| {
        let meta = entry.metadata().ok()?;
        Some(if meta.is_dir() { size_on_disk(&entry.path()) } else { meta.len().div_ceil(4096) * 4096 })
    });
    sizes.sum()
}

/// Claims again and again in one clone, and tells how large its cache was at most and at the end.
fn watch_cache(program: &Path, size: &Size, n_claims: usize) -> String {
    let site = Site::new(program, Transport::Path, 0);
    let clone = site.lone_clone("alice");
    import(&site, size);
    let dir = clone.path().join(".git/agentsync");
    let mut client = our_server(&clone);
    let (mut most, mut times) = (0, [Figures::default(), Figures::default()]);
    for n in 0..n_claims {
        let file = format!("file-{n}.rs");
        // The first third tells what it costs before anything has piled up.
        let which = usize::from(n_claims / 3 <= n);
        assert!(times[which].time(|| claim(&mut client, &file)));
        most = most.max(size_on_disk(&dir));
    }
    let word = if most < 20 << 20 { "met" } else { "**missed**" };
    let line = format!(
        "- {n_claims} claims in one clone, {}: the cache takes at most {} (< 20 MB: {word}), {} at the end; a claim takes \
         {:.1} ms in the first third and {:.1} ms later, the slowest {:.0} ms.\n",
        size.name,
        amount(most),
        amount(size_on_disk(&dir)),
        times[0].median(),
        times[1].median(),
        times[1].longest()
    );
    eprint!("bench: {line}");
    line
}

fn amount(n_bytes: u64) -> String {
    match n_bytes {
        0..10_000 => format!("{n_bytes} B"),
        10_000..10_000_000 => format!("{} kB", n_bytes / 1_000),
        _ => format!("{:.1} MB", n_bytes as f64 / 1e6),
    }
}

fn sizes(scale: Scale) -> Vec<Size> {
    let plain = || Size { name: "10 changes".to_owned(), n_changes: 10, n_agents: 20, task: 20, n_refs: 0 };
    vec![
        plain(),
        Size { name: format!("{} changes", scale.n_changes), n_changes: scale.n_changes, ..plain() },
        Size { name: "1000 agents".to_owned(), n_agents: 1_000, ..plain() },
        Size { name: "a document of 1 MB".to_owned(), n_agents: 1_000, task: 500, ..plain() },
        Size { name: format!("{} references", scale.n_refs), n_refs: scale.n_refs, ..plain() },
    ]
}

/// Measures everything, and returns it as Markdown.
pub(crate) fn run(program: &Path, scale: Scale) -> String {
    let mut grounds: Vec<Ground> = sizes(scale).iter().map(|size| Ground::new(program, size)).collect();
    for round in 0..scale.rounds {
        eprintln!("bench: round {round}");
        for ground in &mut grounds {
            ground.measure(round);
        }
    }
    let mut text = String::from(
        "| | | time | × 10 changes | bytes answered | × 10 changes | to reach |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for (n, what) in CALLS.iter().enumerate() {
        let base = grounds.first().map(|ground| (ground.calls[n].times.median(), ground.calls[n].bytes()));
        let (base_time, base_bytes) = base.unwrap_or((f64::NAN, 0));
        for (position, ground) in grounds.iter().enumerate() {
            let (time, bytes) = (ground.calls[n].times.median(), ground.calls[n].bytes());
            let (times, more) = (time / base_time, bytes as f64 / base_bytes as f64);
            let verdict = match (position, times <= 1.2 && more <= 1.1) {
                (1, true) => "the same (≤ 1.2×, ≤ 1.1×): met",
                (1, false) => "the same (≤ 1.2×, ≤ 1.1×): **missed**",
                _ => "",
            };
            let name = format!("{} ({})", ground.name, amount(ground.n_bytes));
            let _ = writeln!(
                text,
                "| {what} | {name} | {time:.1} ms | {times:.2} | {} | {more:.2} | {verdict} |",
                amount(bytes)
            );
        }
    }
    drop(grounds);
    text += "\n";
    let all = sizes(scale);
    for (size, n_claims) in all.iter().skip(1).step_by(2).zip([scale.n_claims.0, scale.n_claims.1]) {
        text += &watch_cache(program, size, n_claims);
    }
    text
}
