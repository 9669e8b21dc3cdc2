//! Sixteen agents in sixteen clones claim different files at the same moment.

use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::time::Instant;

use agentsync_lab::mcp::McpClient;
use serde_json::json;

use crate::bare::Bare;
use crate::figures::Figures;
use crate::ground::{Site, Transport, claim, elders_server, our_server};
use crate::table::{Table, Target};

const N_AGENTS: usize = 16;

/// Lets them go, and tells how many got what they asked for and how long each waited.
fn race(clients: Vec<McpClient>) -> (usize, Figures) {
    let start = Barrier::new(clients.len());
    let outcome = Mutex::new((0, Figures::default()));
    std::thread::scope(|scope| {
        for (n, mut client) in clients.into_iter().enumerate() {
            let (start, outcome) = (&start, &outcome);
            scope.spawn(move || {
                start.wait();
                let began = Instant::now();
                let is_granted = claim(&mut client, &format!("file-{n}.rs"));
                let time = began.elapsed();
                let mut outcome = outcome.lock().unwrap();
                outcome.0 += usize::from(is_granted);
                outcome.1.keep(time);
            });
        }
    });
    outcome.into_inner().unwrap()
}

/// Plays it for both programs, and pushes as often with bare git, one after the other.
pub(crate) fn sixteen(agentsync: &Path, predecessor: &Path, transport: Transport, table: &mut Table) {
    let warm = |mut client: McpClient| {
        client.call("survey", json!({}));
        client
    };
    let names: Vec<String> = (0..N_AGENTS).map(|n| format!("agent-{n}")).collect();
    let site = Site::new(agentsync, transport, 0);
    let ours = |name: &String| warm(our_server(&site.clone(name)));
    let (n_granted, times) = race(names.iter().map(ours).collect());
    let on_board = site.lab.board_text().unwrap_or_default().matches("\"task\"").count();

    let elders = Site::new(agentsync, transport, 0);
    let theirs = |name: &String| warm(elders_server(predecessor, &elders.clone(name)));
    let (n_theirs, their_times) = race(names.iter().map(theirs).collect());
    let on_theirs = elders.lab.board_text().unwrap_or_default().matches("\"task\"").count();

    let bare = Bare::new(Site::new(agentsync, transport, 0));
    let mut in_a_row = 0.0;
    for _ in 0..N_AGENTS {
        let mut figures = Figures::default();
        let prepared = bare.prepare();
        figures.time(|| bare.push(&prepared));
        in_a_row += figures.median();
    }
    let what = format!(
        "the slowest of 16 claims at the same moment, beside 16 pushes in a row, {}",
        transport.name()
    );
    table.times(what, times.longest(), Some(in_a_row), Some(their_times.longest()), Target::OfBare(2.0));
    table.remark(format!(
        "16 at the same moment, {}: agentsync grants {n_granted} and {on_board} are on the board; the predecessor grants \
         {n_theirs} and {on_theirs} are on the board.",
        transport.name()
    ));
}
