//! The client that waits for an answer: it may cancel, and may want to hear how it goes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio::runtime::Handle;

use crate::app::ports::Caller;

/// How much time lies between two notifications of progress.
const INTERVAL: Duration = Duration::from_secs(1);

/// Whoever made a call.
pub struct McpCaller {
    context: RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    runtime: Handle,
    told: Mutex<Option<Duration>>,
}

impl McpCaller {
    /// Returns the maker of the call that `context` belongs to. Must be called inside the runtime.
    pub fn of(context: &RequestContext<RoleServer>) -> McpCaller {
        let token = context.meta.get_progress_token();
        McpCaller { context: context.clone(), token, runtime: Handle::current(), told: Mutex::default() }
    }

    fn peer(&self) -> &Peer<RoleServer> {
        &self.context.peer
    }
}

impl Caller for McpCaller {
    fn is_gone(&self) -> bool {
        self.context.ct.is_cancelled() || self.peer().is_transport_closed()
    }

    fn hear(&self, done: Duration, total: Duration, what: &str) {
        let Some(token) = &self.token else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| done < told + INTERVAL) {
            return;
        }
        *told = Some(done);
        let progress = ProgressNotificationParam::new(token.clone(), done.as_secs_f64())
            .with_total(total.as_secs_f64())
            .with_message(what.to_owned());
        self.notify(progress);
    }

    fn advance(&self, n_done: usize, n_all: usize, what: &str) {
        let Some(token) = &self.token else { return };
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let progress = ProgressNotificationParam::new(token.clone(), count(n_done))
            .with_total(count(n_all))
            .with_message(format!("{n_done} of {n_all} {what}"));
        self.notify(progress);
    }
}

impl McpCaller {
    fn notify(&self, progress: ProgressNotificationParam) {
        let peer = self.peer().clone();
        // A client that does not listen misses only news.
        self.runtime.spawn(async move {
            let _ = peer.notify_progress(progress).await;
        });
    }
}
