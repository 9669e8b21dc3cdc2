//! One agent, nobody else.

use std::time::Duration;

use agentsync_lab::mcp::McpClient;
use serde_json::json;

use crate::figures::Figures;
use crate::ground::{Ground, Transport, claim as claim_file, our_server};
use crate::table::{Table, Target};

/// From the start of the program to its first answer.
pub(crate) fn start(ground: &Ground, rounds: usize, table: &mut Table) {
    if ground.transport != Transport::Path {
        return;
    }
    let (ours, elders) = (ground.ours.clone("starter"), ground.elders.clone("starter"));
    let (mut our_times, mut elder_times) = (Figures::default(), Figures::default());
    for _ in 0..rounds {
        drop(our_times.time(|| our_server(&ours)));
        drop(elder_times.time(|| ground.elders_server(&elders)));
    }
    let what = "start to first answer".to_owned();
    table.times(what, our_times.median(), None, Some(elder_times.median()), Target::AtMost(20.0));
}

/// Returns the order of one round: every contestant follows every other equally often, after a moment in
/// which whatever the last one left running comes to rest.
fn in_turn(round: usize) -> impl Iterator<Item = usize> {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];
    ORDERS[round % ORDERS.len()].into_iter().inspect(|_| std::thread::sleep(Duration::from_millis(30)))
}

/// A survey of a running server, beside one lean fetch.
pub(crate) fn survey(ground: &Ground, rounds: usize, table: &mut Table) {
    let mut ours = our_server(&ground.ours.clone("surveyor"));
    let mut elder = ground.elders_server(&ground.elders.clone("surveyor"));
    claim_file(&mut ours, "first.rs");
    claim_file(&mut elder, "first.rs");
    let survey = |client: &mut McpClient| client.call("survey", json!({}));
    let mut times = [Figures::default(), Figures::default(), Figures::default()];
    ground.bare.fetch();
    for round in 0..rounds {
        for who in in_turn(round) {
            match who {
                0 => drop(times[0].time(|| survey(&mut ours))),
                1 => times[1].time(|| ground.bare.fetch()),
                _ => drop(times[2].time(|| survey(&mut elder))),
            }
        }
    }
    let target = Target::Both { of_bare: 1.3, faster: ground.transport.faster() };
    let what = format!("survey, {}", ground.label);
    table.times(what, times[0].median(), Some(times[1].median()), Some(times[2].median()), target);
}

/// A claim of a running server on a quiet board, beside one push of a prepared commit.
pub(crate) fn claim(ground: &Ground, rounds: usize, table: &mut Table) {
    let mut ours = our_server(&ground.ours.clone("claimer"));
    let mut elder = ground.elders_server(&ground.elders.clone("claimer"));
    claim_file(&mut ours, "warm.rs");
    claim_file(&mut elder, "warm.rs");
    let mut times = [Figures::default(), Figures::default(), Figures::default()];
    for round in 0..rounds {
        let file = format!("file-{round}.rs");
        for who in in_turn(round) {
            match who {
                0 => assert!(times[0].time(|| claim_file(&mut ours, &file))),
                1 => {
                    let prepared = ground.bare.prepare();
                    times[1].time(|| ground.bare.push(&prepared));
                }
                _ => drop(times[2].time(|| claim_file(&mut elder, &file))),
            }
        }
    }
    let target = Target::Both { of_bare: 1.3, faster: ground.transport.faster() };
    let what = format!("claim, {}", ground.label);
    table.times(what, times[0].median(), Some(times[1].median()), Some(times[2].median()), target);
}

/// The same two as commands, each a process of its own.
pub(crate) fn command_line(ground: &Ground, rounds: usize, table: &mut Table) {
    let checkout = ground.ours.clone("typist");
    let env = [("AGENTSYNC_UNCLAIMED", "off")];
    checkout.agentsync_with(&env, &["survey"]).expect_success();
    let mut times = [Figures::default(), Figures::default(), Figures::default(), Figures::default()];
    ground.bare.fetch();
    for round in 0..rounds {
        let file = format!("typed-{round}.rs");
        times[0].time(|| checkout.agentsync_with(&env, &["survey"])).expect_success();
        times[1].time(|| ground.bare.fetch());
        times[2].time(|| checkout.agentsync_with(&env, &["claim", "work", &file])).expect_success();
        let prepared = ground.bare.prepare();
        times[3].time(|| ground.bare.push(&prepared));
    }
    let what = |verb: &str| format!("`agentsync {verb}` as a command, {}", ground.label);
    table.times(what("survey"), times[0].median(), Some(times[1].median()), None, Target::None);
    table.times(what("claim"), times[2].median(), Some(times[3].median()), None, Target::None);
}

/// Resident memory after some work.
pub(crate) fn memory(ground: &Ground, table: &mut Table) {
    if ground.transport != Transport::Path {
        return;
    }
    let mut ours = our_server(&ground.ours.clone("worker"));
    let mut elder = ground.elders_server(&ground.elders.clone("worker"));
    for round in 0..25 {
        for client in [&mut ours, &mut elder] {
            client.call("survey", json!({}));
            claim_file(client, &format!("worked-{round}.rs"));
        }
    }
    let what = "resident memory at its highest, after 50 calls".to_owned();
    table.row(what, peak_mib(&ours), None, Some(peak_mib(&elder)), "MiB", Target::AtMost(25.0));
}

/// Returns `VmHWM`, which Linux counts in KiB.
fn peak_mib(client: &McpClient) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", client.pid())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
