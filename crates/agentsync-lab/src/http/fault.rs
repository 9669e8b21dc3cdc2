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
    /// Git runs to its end, then this status is answered with an empty body.
    Status(u16),
    /// Git runs to its end, then the connection closes after this many bytes of the body.
    Truncate(usize),
    /// It arrives twice: git runs twice, and the second run is answered.
    Duplicate,
    /// It is under way for so long before git runs, even if the client gives up meanwhile.
    Delay(Duration),
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
