//! Looks at one commit after the other, the oldest first.

use std::collections::BTreeSet;

use agentsync_core::Board;
use agentsync_core::audit::{Before, CommitFacts, Finding, Signature, Standing, Writer, audit, is_beginning};
use agentsync_core::event::Event;
use agentsync_core::text::{cut, one_line};
use gix::ObjectId;

use super::state::State;
use crate::app::ports::audit::{BadCommit, Fault};
use crate::app::ports::{StoreError, Tip};
use crate::ledger::document::Document;
use crate::ledger::git_store::GitStore;
use crate::ledger::objects::{self, CommitInfo, Found};
use crate::ledger::splice::Members;
use crate::ledger::trailers;
use crate::ledger::trust::Root;

/// The members at the top of the document that changes are about.
const OURS: [&str; 5] = ["claims", "notes", "waiting", "superseded", "generation"];

/// How many faults of one commit are named.
const MAX_FAULTS: usize = 20;

/// What stands before the next commit.
struct Ground {
    /// The commit; `None` where it is not known, or when there is none.
    commit: Option<CommitInfo>,
    /// Its document; the last readable one, when it cannot be read.
    document: Option<Document>,
    is_readable: bool,
}

/// Looks at commits.
pub struct Walker<'a> {
    store: &'a GitStore,
    repo: &'a gix::Repository,
    root: Root,
    state: State,
    ops: BTreeSet<String>,
    ground: Ground,
    /// How many commits another program wrote.
    pub n_unverified: u64,
    /// How many carry a signature of their agent's.
    pub n_verified: u64,
    /// How many were looked at.
    pub n_commits: u64,
}

impl<'a> Walker<'a> {
    /// Goes on where `state` ends.
    pub fn new(store: &'a GitStore, repo: &'a gix::Repository, root: Root, mut state: State) -> Walker<'a> {
        if state.root != root.name() {
            state.verdicts.clear();
            root.name().clone_into(&mut state.root);
        }
        let ops = state.ops.iter().cloned().collect();
        let ground = Ground { commit: None, document: None, is_readable: true };
        Walker { store, repo, root, state, ops, ground, n_unverified: 0, n_verified: 0, n_commits: 0 }
    }

    /// Stands on a commit without looking at it.
    pub fn stand_on(&mut self, commit: Option<ObjectId>) -> Result<(), StoreError> {
        let Some(id) = commit else { return Ok(()) };
        let commit = objects::read_commit(self.repo, id).map_err(|err| self.fault(&err))?;
        if let Some(commit) = commit {
            let found = self.document_at(&commit)?;
            self.step_onto(&commit, found);
        }
        Ok(())
    }

    /// Passes a commit by, but for the change it is.
    pub fn pass(&mut self, commit: &CommitInfo) {
        self.ops.extend(commit.op().map(str::to_owned));
    }

    /// Returns what was found.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Looks at the commit after the one stood on.
    pub fn look(&mut self, commit: &CommitInfo) -> Result<(), StoreError> {
        let found = self.document_at(commit)?;
        let parent = self.parent_of(commit)?;
        let facts = self.facts(commit, parent.as_ref(), &found)?;
        let no_board = Board::default();
        let before = match (&self.ground, commit.parents.first()) {
            (_, None) => Before::Board(&no_board),
            (Ground { document: Some(document), is_readable: true, .. }, _) => {
                Before::Board(document.board())
            }
            (Ground { document, is_readable: false, .. }, _) => {
                Before::Unreadable(document.as_ref().map(Document::board))
            }
            // The first with a document, on a branch that was started from something else.
            _ if parent.as_ref().is_some_and(|parent| parent.claims.is_none()) => Before::Board(&no_board),
            _ => Before::Unknown,
        };
        let why;
        let after = match &found {
            Found::Document(document) => Ok(document.board()),
            Found::Unreadable(err) => {
                why = err.to_string();
                Err(why.as_str())
            }
        };
        let findings = audit(before, after, &facts);
        let begins = after.is_ok_and(|after| is_beginning(after, &facts));
        let writers = after.map(|after| written(before, after));
        for (key, is_there) in writers.unwrap_or_default() {
            match is_there {
                true => self.state.writers.insert(key, commit.id.to_string()),
                false => self.state.writers.remove(&key),
            };
        }
        self.conclude(commit, &facts, &findings, begins)?;
        self.ops.extend(commit.op().map(str::to_owned));
        self.state.ops.extend(commit.op().map(str::to_owned));
        self.step_onto(commit, found);
        Ok(())
    }

    fn conclude(
        &mut self,
        commit: &CommitInfo,
        facts: &CommitFacts,
        findings: &[Finding],
        begins: bool,
    ) -> Result<(), StoreError> {
        let is_other = facts.writer == Writer::Other && !begins;
        self.n_commits += 1;
        self.n_unverified += u64::from(is_other);
        let fault = |finding: &Finding| Fault { word: finding.word().to_owned(), what: finding.to_string() };
        let mut faults: Vec<Fault> = findings.iter().map(fault).collect();
        let is_about_signature = faults.is_empty();
        if !begins {
            let signature = self.signature(commit, facts.agent.as_deref())?;
            faults.extend(self.signature_fault(&signature, facts.agent.as_deref()));
            if matches!(self.root, Root::File { .. }) {
                self.state.verdicts.insert(commit.id.to_string(), signature);
            }
        }
        let n_more = faults.len().saturating_sub(MAX_FAULTS);
        if n_more > 0 {
            faults.truncate(MAX_FAULTS);
            faults.push(Fault { word: "more".to_owned(), what: format!("and {n_more} more of the kind") });
        }
        if !faults.is_empty() {
            self.state.note_bad(BadCommit {
                commit: Tip(commit.id.to_string()),
                at: commit.at.to_string(),
                by: one_line(&commit.author),
                subject: cut(&one_line(commit.subject()), 200),
                is_unverified: is_other,
                is_about_signature,
                faults,
            });
        }
        Ok(())
    }

    fn signature_fault(&mut self, signature: &Signature, agent: Option<&str>) -> Option<Fault> {
        let standing = signature.standing(agent);
        self.n_verified += u64::from(standing == Standing::Verified);
        let is_required = self.store.site.trust.is_required;
        let (word, what) = match (standing, signature) {
            (Standing::Unsigned, _) if is_required => ("unsigned", "is not signed".to_owned()),
            (Standing::Bad, Signature::By(name)) => {
                let agent = one_line(agent.unwrap_or_default());
                ("wrong_signer", format!("speaks for `{agent}` and is signed by `{}`", one_line(name)))
            }
            (Standing::Bad, Signature::Invalid { why }) => ("bad_signature", why.clone()),
            _ => return None,
        };
        Some(Fault { word: word.to_owned(), what })
    }

    fn signature(&self, commit: &CommitInfo, agent: Option<&str>) -> Result<Signature, StoreError> {
        if let Some(known) = self.state.verdicts.get(&commit.id.to_string()) {
            return Ok(known.clone());
        }
        signature(self.store, self.repo, &self.root, commit, agent)
    }

    fn facts(
        &self,
        commit: &CommitInfo,
        parent: Option<&CommitInfo>,
        found: &Found,
    ) -> Result<CommitFacts, StoreError> {
        let is_repeated = commit.op().is_some_and(|op| self.ops.contains(op));
        let other_members = match (found, &self.ground) {
            (Found::Document(after), Ground { document: Some(before), is_readable: true, .. }) => {
                changed_members(before, after)
            }
            _ => Vec::new(),
        };
        Ok(CommitFacts {
            writer: trailers::read(commit),
            agent: Event::author(commit.subject()).map(str::to_owned),
            at: commit.at,
            n_parents: commit.parents.len(),
            has_other_files: has_other_files(self.repo, commit, parent).map_err(|err| self.fault(&err))?,
            other_members,
            is_repeated,
        })
    }

    fn parent_of(&self, commit: &CommitInfo) -> Result<Option<CommitInfo>, StoreError> {
        let Some(id) = commit.parents.first() else { return Ok(None) };
        match self.ground.commit.as_ref().filter(|known| known.id == *id) {
            Some(known) => Ok(Some(known.clone())),
            None => objects::read_commit(self.repo, *id).map_err(|err| self.fault(&err)),
        }
    }

    fn document_at(&self, commit: &CommitInfo) -> Result<Found, StoreError> {
        let same = self.ground.commit.as_ref().is_some_and(|before| before.claims == commit.claims);
        match self.ground.document.as_ref().filter(|_| same && self.ground.is_readable) {
            Some(document) => Ok(Found::Document(Box::new(document.clone()))),
            None => objects::read_document(self.repo, commit.id).map_err(|err| self.fault(&err)),
        }
    }

    fn step_onto(&mut self, commit: &CommitInfo, found: Found) {
        self.ground.commit = Some(commit.clone());
        match found {
            Found::Document(document) => {
                self.ground.document = Some(*document);
                self.ground.is_readable = true;
            }
            Found::Unreadable(_) => self.ground.is_readable = false,
        }
    }

    fn fault(&self, err: &str) -> StoreError {
        self.store.fault("read", err)
    }
}

/// Says who signed a commit.
pub fn signature(
    store: &GitStore,
    repo: &gix::Repository,
    root: &Root,
    commit: &CommitInfo,
    agent: Option<&str>,
) -> Result<Signature, StoreError> {
    let signed = objects::read_signed(repo, commit.id).map_err(|err| store.fault("read", &err))?;
    store.site.trust.check(root, signed.as_ref(), agent, commit.at.0.div_euclid(1_000_000))
}

/// Returns the entries that a commit wrote (`true`) and removed.
fn written(before: Before<'_>, after: &Board) -> Vec<(String, bool)> {
    let Before::Board(before) = before else { return Vec::new() };
    let put = after.claims.iter().filter(|(key, entry)| before.claims.get(*key) != Some(entry));
    let gone = before.claims.keys().filter(|key| !after.claims.contains_key(*key));
    put.map(|(key, _)| (key.to_string(), true)).chain(gone.map(|key| (key.to_string(), false))).collect()
}

fn changed_members(before: &Document, after: &Document) -> Vec<String> {
    let (Ok(was), Ok(is)) = (Members::read(before.as_str()), Members::read(after.as_str())) else {
        return Vec::new();
    };
    let names: BTreeSet<&str> = was.0.iter().chain(&is.0).map(|(name, _)| &**name).collect();
    let names = names.into_iter().filter(|name| !OURS.contains(name) && was.find(name) != is.find(name));
    names.map(one_line).collect()
}

/// Tells whether a commit changes anything besides the document.
fn has_other_files(
    repo: &gix::Repository,
    commit: &CommitInfo,
    parent: Option<&CommitInfo>,
) -> Result<bool, String> {
    let others = |tree: ObjectId| -> Result<Vec<(Vec<u8>, ObjectId)>, String> {
        let tree = repo.find_tree(tree).map_err(|err| err.to_string())?;
        let entries = tree.iter().filter_map(Result::ok);
        let entries = entries.filter(|entry| entry.filename() != objects::CLAIMS_FILE);
        Ok(entries.map(|entry| (entry.filename().to_vec(), entry.object_id())).collect())
    };
    match parent {
        // A first commit that is not alone began with something else on purpose.
        None => Ok(false),
        Some(parent) if parent.is_alone && commit.is_alone => Ok(false),
        Some(parent) => Ok(others(parent.tree)? != others(commit.tree)?),
    }
}
