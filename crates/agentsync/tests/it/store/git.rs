//! Stores in git, opened in process on a lab's repositories.

use std::sync::Arc;
use std::time::Duration;

use agentsync_core::{AgentId, BranchName};
use agentsync_lab::checkout::Checkout;
use agentsync_mcp::app::ports::Clock;
use agentsync_mcp::clock::SystemClock;
use agentsync_mcp::git::user_repo::UserRepo;
use agentsync_mcp::ledger::git_store::GitStore;
use agentsync_mcp::ledger::site::{Identity, Remote, Site};

/// Opens the board of a clone: at its remote, or without one at a local ref.
pub(super) fn open(checkout: &Checkout) -> GitStore {
    open_with(checkout, Arc::new(SystemClock::start()))
}

pub(super) fn open_with(checkout: &Checkout, clock: Arc<dyn Clock>) -> GitStore {
    let user = UserRepo::open(checkout.path(), "origin").unwrap();
    let remote = user.address.as_ref().map(|address| Remote {
        fetch_url: address.clone(),
        push_url: address.clone(),
        shown: address.clone(),
    });
    let site = Site {
        repo: checkout.path().to_owned(),
        common_dir: user.common_dir.clone(),
        remote,
        object_format: user.object_format.as_str().to_owned(),
        settings: user.settings.clone(),
        identity: Some(Identity { name: checkout.agent().to_owned(), email: "lab@lab.example".to_owned() }),
        agent: AgentId::parse(checkout.agent()).unwrap(),
        branch: BranchName::parse("agentsync").unwrap(),
        host_dir: None,
        trust: agentsync_mcp::ledger::trust::Trust::nothing(),
    };
    GitStore::open(site, user.git(Duration::from_secs(60)), clock).unwrap()
}
