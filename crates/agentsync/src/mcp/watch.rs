//! Tells subscribers when the board has changed, in both protocol eras.
//!
//! The remote is asked only while somebody is subscribed; one task per process asks for all.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, RoleServer, SubscriptionContext};
use tokio::sync::broadcast;

use super::server::Server;
use crate::app::ports::{Freshness, Tip};

/// How often the remote is asked while somebody is subscribed.
const INTERVAL: Duration = Duration::from_secs(5);

/// The subscribers of one process, and what they wait for.
#[derive(Clone)]
pub struct Watch {
    changed: broadcast::Sender<()>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Subscribers of the older era, by address.
    peers: BTreeMap<String, Peer<RoleServer>>,
    /// Whether the asking task runs.
    is_asking: bool,
    /// How many listeners of the newer era there are.
    n_listeners: usize,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { changed: broadcast::channel(8).0, state: Arc::default() }
    }
}

impl Watch {
    /// Waits for an answer that may have changed the board, and tells subscribers.
    pub async fn after<T>(&self, answer: impl Future<Output = T>) -> T {
        let answer = answer.await;
        // Without a subscriber there is nobody to tell.
        let _ = self.changed.send(());
        answer
    }

    /// Adds a subscriber of the older era. It hears of every change from now on.
    pub async fn subscribe(&self, server: &Server, uri: String, peer: Peer<RoleServer>) {
        self.with(|state| state.peers.insert(uri, peer));
        self.ask_while_needed(server).await;
    }

    /// Removes a subscriber of the older era.
    pub fn unsubscribe(&self, uri: &str) {
        self.with(|state| state.peers.remove(uri));
    }

    /// Serves a listener of the newer era until it goes away.
    pub async fn serve_listener(&self, server: &Server, context: &SubscriptionContext) {
        self.with(|state| state.n_listeners += 1);
        let mut changed = self.changed.subscribe();
        self.ask_while_needed(server).await;
        let wanted = context.accepted().resource_subscriptions.clone().unwrap_or_default();
        loop {
            tokio::select! {
                () = context.cancelled() => break,
                heard = changed.recv() => {
                    if matches!(heard, Err(broadcast::error::RecvError::Closed)) {
                        break;
                    }
                    for uri in &wanted {
                        let _ = context.sink().notify_resource_updated(uri.clone()).await;
                    }
                }
            }
        }
        self.with(|state| state.n_listeners = state.n_listeners.saturating_sub(1));
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the board once, and starts the task that looks again, unless it runs.
    async fn ask_while_needed(&self, server: &Server) {
        if self.with(|state| std::mem::replace(&mut state.is_asking, true)) {
            return;
        }
        let first = look(server).await;
        let (watch, server) = (self.clone(), server.clone());
        tokio::spawn(async move { watch.ask(server, first).await });
    }

    async fn ask(self, server: Server, first: Option<Seen>) {
        let mut changed = self.changed.subscribe();
        let mut last = first;
        loop {
            let found = look(&server).await;
            // What could not be looked at before may have changed meanwhile.
            if found.is_some() && found != last {
                let _ = self.changed.send(());
            }
            last = found.or(last);
            self.tell_peers(&mut changed).await;
            if self.stops() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                _ = changed.recv() => self.tell_all().await,
            }
        }
    }

    /// Ends the asking when nobody is left, in one step with the look.
    fn stops(&self) -> bool {
        self.with(|state| {
            let is_alone = state.peers.is_empty() && state.n_listeners == 0;
            state.is_asking = !is_alone;
            is_alone
        })
    }

    async fn tell_peers(&self, changed: &mut broadcast::Receiver<()>) {
        if changed.try_recv().is_ok() {
            self.tell_all().await;
        }
    }

    async fn tell_all(&self) {
        let peers = self.with(|state| state.peers.clone());
        for (uri, peer) in peers {
            let is_gone = peer
                .notify_resource_updated(ResourceUpdatedNotificationParam::new(uri.clone()))
                .await
                .is_err();
            if is_gone {
                self.unsubscribe(&uri);
            }
        }
    }
}

/// The board's tip, or that there is no board yet.
type Seen = Option<Tip>;

/// Returns what stands there now; `None` when the remote cannot be reached.
async fn look(server: &Server) -> Option<Seen> {
    let server = server.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let app = server.app().ok()?;
        let me = app.author(None);
        Some(app.ctx_for(&me).store.read(Freshness::Now).ok()?.tip)
    });
    looked.await.ok().flatten()
}
