//! How long it takes to decide a claim of 100 specs on a board of 10,000 claims with 10 specs each.

use std::hint::black_box;

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, Claim, ClaimKey, ClaimRequest, Dialect, Entry, InstanceId, Intent, OpId,
    PathSpec, Status, Timestamp,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// The paths of one claim: files, and every `one_in`th a glob.
fn texts(claim: usize, n: usize, one_in: usize) -> Vec<String> {
    let text = |idx: usize| match (claim + idx) % one_in {
        0 => format!("src/area{}/part{claim}/**/*_{idx}.rs", claim % 97),
        _ => format!("src/area{}/part{claim}/file{idx}.rs", claim % 97),
    };
    (0..n).map(text).collect()
}

fn claim(touches: Vec<PathSpec>) -> Claim {
    Claim {
        task: "work".to_owned(),
        touches,
        requires: Vec::new(),
        branch: None,
        status: Status::InProgress,
        updated_at: Some(Timestamp(0)),
        instance: Some(InstanceId("1".to_owned())),
        note: None,
        op: Some(OpId("0".to_owned())),
        generation: Some(1),
        session: None,
        forced_over: Vec::new(),
        reason: None,
        changed_files: None,
        changed_files_repo: None,
        pr_url: None,
        lease: None,
        supersedes: Vec::new(),
        extra: Vec::new(),
    }
}

fn board(one_in: usize) -> Board {
    let entry = |n: usize| {
        let touches =
            texts(n, 10, one_in).iter().map(|text| PathSpec::read(text, Dialect::Agentsync)).collect();
        (ClaimKey::read(&format!("agent-{n}")), Entry::Claim(Box::new(claim(touches))))
    };
    Board { claims: (0..10_000).map(entry).collect(), ..Board::default() }
}

fn change(one_in: usize) -> Option<Change> {
    let mut touches = Vec::new();
    for text in texts(20_000, 100, one_in) {
        touches.push(PathSpec::parse(&text, &[]).ok()?);
    }
    let request = ClaimRequest {
        task: "work".to_owned(),
        touches,
        requires: Vec::new(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    Some(Change {
        op: OpId("1".to_owned()),
        by: Author {
            agent: AgentId::parse("alice").ok()?,
            instance: InstanceId("2".to_owned()),
            session: None,
        },
        lane: None,
        intent: Intent::Claim(request),
    })
}

fn bench(criterion: &mut Criterion) {
    for (name, one_in) in [("all paths", usize::MAX), ("one in five a glob", 5)] {
        let board = board(one_in);
        let Some(change) = change(one_in) else { return };
        let group = format!("100 specs against 10,000 claims of 10, {name}");
        criterion.bench_function(&group, |bencher| {
            bencher.iter(|| decide(black_box(&board), black_box(&change), Timestamp(0)));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = bench
}
criterion_main!(benches);
