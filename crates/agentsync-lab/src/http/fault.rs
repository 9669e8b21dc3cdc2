//! What can go wrong between a client and its host.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::head::RequestHead;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is served.
    None,
    /// It is lost: the connection closes before git runs.
    DropRequest,
    /// Its answer is lost: git runs to its end, then the connection closes without a byte.
    DropAnswer,
    /// It is refused with this status; git does not run.
    Refuse(u16),
    /// It is lost: the connection is reset before git runs.
    ResetRequest,
    /// Its answer is lost: git runs to its end, then the connection is reset.
    ResetAnswer,
    /// Git runs to its end, then this status is answered with an empty body.
    Status(u16),
    /// Git runs to its end, then the connection closes after this many bytes of the body.
    Truncate(usize),
    /// It arrives twice: git runs twice, and the second run is answered.
    Duplicate,
    /// It is under way for so long before git runs, even if the client gives up meanwhile.
    Delay(Duration),
    /// It is under way for so long before git runs, and its connection closes at once.
    Late(Duration),
    /// Git runs to its end, then the host's whole process ends at once: for a host in one of its own.
    Die,
}

impl Fault {
    /// Returns its name, for counting.
    pub fn name(self) -> &'static str {
        match self {
            Fault::None => "none",
            Fault::DropRequest => "lost request",
            Fault::DropAnswer => "lost answer",
            Fault::ResetRequest => "reset before",
            Fault::ResetAnswer => "reset after",
            Fault::Refuse(_) => "refused",
            Fault::Status(_) => "5xx after apply",
            Fault::Truncate(_) => "truncated answer",
            Fault::Duplicate => "delivered twice",
            Fault::Delay(_) => "delayed",
            Fault::Late(_) => "late apply",
            Fault::Die => "died after apply",
        }
    }
}

/// Decides about a request, given its position in [`HttpHost::requests`](super::HttpHost::requests).
///
/// A request that is told to log in first is not asked about. Beware that a client may repeat by
/// itself what it sent on a connection that closed without an answer; libcurl does so when it had
/// used the connection before. The hook is then asked again.
pub type FaultHook = Box<dyn Fn(&RequestHead, usize) -> Fault + Send + Sync>;

/// Returns a hook that lets `fault` happen to every push.
pub fn every_push(fault: Fault) -> FaultHook {
    Box::new(move |head, _| if head.is_push() { fault } else { Fault::None })
}

/// Returns a hook that lets `fault` happen to the first `n_pushes` pushes it sees.
pub fn first_pushes(n_pushes: usize, fault: Fault) -> FaultHook {
    let n_seen = AtomicUsize::new(0);
    Box::new(move |head, _| {
        let strikes = head.is_push() && n_seen.fetch_add(1, Ordering::Relaxed) < n_pushes;
        if strikes { fault } else { Fault::None }
    })
}

/// Returns a hook that lets something go wrong with `n_of_1000` of the pushes and a quarter as many of
/// the other requests, chosen by `seed` and a request's position. Whatever can happen to a push happens to pushes; other requests change nothing
/// at the host, so that less can go wrong with them.
pub fn by_chance(seed: u64, n_of_1000: u32) -> FaultHook {
    Box::new(move |head, position| {
        let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ position as u64);
        let chance = dice.u32(..1000);
        match head.is_push() {
            true if chance < n_of_1000 => any_fault(&mut dice),
            false if chance < n_of_1000 / 4 => harmless_fault(&mut dice),
            _ => Fault::None,
        }
    })
}

fn any_fault(dice: &mut fastrand::Rng) -> Fault {
    match dice.u32(..12) {
        0 => Fault::DropAnswer,
        1 => Fault::ResetAnswer,
        2 => Fault::Status(if dice.bool() { 502 } else { 504 }),
        3 => Fault::Truncate(dice.usize(..64)),
        4 => Fault::Duplicate,
        5 => Fault::Delay(Duration::from_millis(dice.u64(50..1500))),
        6 => Fault::Late(Duration::from_millis(dice.u64(50..4000))),
        7 => Fault::Die,
        _ => harmless_fault(dice),
    }
}

fn harmless_fault(dice: &mut fastrand::Rng) -> Fault {
    match dice.u32(..5) {
        0 => Fault::DropRequest,
        1 => Fault::ResetRequest,
        2 => Fault::Refuse(if dice.bool() { 500 } else { 503 }),
        3 => Fault::Truncate(dice.usize(..64)),
        _ => Fault::Delay(Duration::from_millis(dice.u64(50..800))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(seed: u64, n_of_1000: u32, path: &str) -> Vec<&'static str> {
        let hook = by_chance(seed, n_of_1000);
        let head = RequestHead::parse(&[format!("POST /hub.git/{path} HTTP/1.1")]).unwrap();
        (0..500).map(|position| hook(&head, position).name()).collect()
    }

    #[test]
    fn chance_repeats_itself_with_the_seed_and_keeps_to_the_rate() {
        let some = names(7, 200, "git-receive-pack");
        assert_eq!(some, names(7, 200, "git-receive-pack"));
        assert_ne!(some, names(8, 200, "git-receive-pack"));
        let n_faults = some.iter().filter(|name| **name != "none").count();
        assert!((50..150).contains(&n_faults), "{n_faults} of 500");
        assert!(names(7, 0, "git-receive-pack").iter().all(|name| *name == "none"));
    }

    #[test]
    fn everything_happens_to_a_push_and_nothing_that_applies_to_a_fetch() {
        let kinds =
            |path| names(1, 1000, path).into_iter().filter(|name| *name != "none").collect::<BTreeSet<_>>();
        assert_eq!(kinds("git-receive-pack").len(), 11);
        let fetch = ["delayed", "lost request", "refused", "reset before", "truncated answer"];
        assert_eq!(kinds("git-upload-pack"), BTreeSet::from(fetch));
    }
}
