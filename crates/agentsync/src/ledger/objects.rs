//! Commits of the coordination branch, read and written in process.

use agentsync_core::text::one_line;
use agentsync_core::{AgentId, OpId, Timestamp, Trailer};
use gix::ObjectId;
use gix::objs::tree::{Entry, EntryKind};

use super::document::{Document, DocumentError};
use super::site::Identity;
use crate::app::ports::Step;
use crate::plant::steps;

/// The document's file name at the root of the branch.
pub const CLAIMS_FILE: &str = "claims.json";
/// The trailer that names a commit's change.
const OP_TRAILER: &str = "Agentsync-Op";

/// What went wrong with an object, in words.
pub type ObjectResult<T> = Result<T, String>;

/// What a document at a commit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A document that can be trusted. An absent file is an empty board.
    Document(Box<Document>),
    /// A file that cannot.
    Unreadable(DocumentError),
}

/// One commit, as far as the ledger cares.
#[derive(Debug, Clone)]
pub struct CommitInfo {
    /// Its id.
    pub id: ObjectId,
    /// Its parents; those a shallow history lacks are named all the same.
    pub parents: Vec<ObjectId>,
    /// Its author's name.
    pub author: String,
    /// Its author's time.
    pub at: Timestamp,
    /// Its message.
    pub message: String,
    /// The id of `claims.json` in its tree, whatever it is there.
    pub claims: Option<ObjectId>,
    /// The id of its tree.
    pub tree: ObjectId,
    /// Whether its tree holds `claims.json` and nothing else.
    pub is_alone: bool,
    /// Whether `claims.json` is a file, and not a folder, a link or a submodule.
    pub is_file: bool,
}

impl CommitInfo {
    /// Returns the first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Tells whether the commit is the one change `op`.
    pub fn is_op(&self, op: &OpId) -> bool {
        self.op() == Some(op.0.as_str())
    }

    /// Returns the id of the change that the commit is.
    pub fn op(&self) -> Option<&str> {
        op_of(&self.message)
    }
}

/// Returns the id of the change that a commit with this message is.
///
/// Trailers stand in the last paragraph, where no text of an agent can get to: subjects are one
/// line.
pub fn op_of(message: &str) -> Option<&str> {
    let last = message.trim_end().rsplit("\n\n").next()?;
    last.lines().find_map(|line| line.strip_prefix(OP_TRAILER)?.strip_prefix(": "))
}

fn words(err: impl std::fmt::Display) -> String {
    err.to_string()
}

/// Reads a commit; `None` when a shallow history does not have it.
pub fn read_commit(repo: &gix::Repository, id: ObjectId) -> ObjectResult<Option<CommitInfo>> {
    let Some(object) = repo.try_find_object(id).map_err(words)? else { return Ok(None) };
    let commit = object.try_into_commit().map_err(words)?;
    let decoded = commit.decode().map_err(words)?;
    let author = decoded.author().map_err(words)?;
    let seconds = author.time().map_err(words)?.seconds;
    let tree = commit.tree().map_err(words)?;
    let claims = tree.iter().filter_map(Result::ok).find(|entry| entry.filename() == CLAIMS_FILE);
    Ok(Some(CommitInfo {
        id,
        parents: decoded.parents().collect(),
        author: author.name.to_string(),
        at: Timestamp(seconds.saturating_mul(1_000_000)),
        message: decoded.message.to_string(),
        tree: tree.id,
        is_alone: tree.iter().count() == 1,
        is_file: claims.as_ref().is_some_and(|entry| entry.mode().is_blob()),
        claims: claims.map(|entry| entry.object_id()),
    }))
}

/// Reads the document at a commit.
pub fn read_document(repo: &gix::Repository, id: ObjectId) -> ObjectResult<Found> {
    let commit = read_commit(repo, id)?.ok_or_else(|| format!("commit {id} is missing"))?;
    let Some(blob) = commit.claims else { return Ok(Found::Document(Box::new(Document::empty()))) };
    if !commit.is_file {
        return Ok(Found::Unreadable(DocumentError::Syntax("it is not a file".to_owned())));
    }
    let object = repo.find_object(blob).map_err(words)?;
    Ok(match Document::parse(&object.data) {
        Ok(document) => Found::Document(Box::new(document)),
        Err(err) => Found::Unreadable(err),
    })
}

/// Writes one commit per step on top of `base`, whose document is `document`, and returns the last
/// with its document. No ref moves. The same steps on the same base are always the same commits.
pub fn write_chain(
    repo: &gix::Repository,
    base: Option<ObjectId>,
    mut document: Document,
    steps: &[Step],
    identity_for: impl Fn(&AgentId) -> Identity,
    seal: impl Fn(&AgentId, &[u8], i64) -> ObjectResult<Option<String>>,
) -> ObjectResult<(ObjectId, Document)> {
    let mut tip = base;
    let mut tree = tree_of(repo, base)?;
    for step in steps {
        document.edit(&step.edits).map_err(words)?;
        let seconds = step.at.0.div_euclid(1_000_000);
        let seal = |payload: &[u8]| seal(&step.agent, payload, seconds);
        let signature = Signature { identity: identity_for(&step.agent), at: step.at, seal: Some(&seal) };
        let holds = write_tree(repo, &mut tree, &document)?;
        tip = Some(write_tree_commit(repo, holds, tip, &render_message(step), &signature)?);
    }
    Ok((tip.ok_or("nothing to write")?, document))
}

/// Signs the bytes of a commit, if they are to be signed.
pub type Seal<'a> = dyn Fn(&[u8]) -> ObjectResult<Option<String>> + 'a;

/// Who writes, and when.
pub struct Signature<'a> {
    /// Who.
    pub identity: Identity,
    /// When.
    pub at: Timestamp,
    /// What signs it; `None` leaves it unsigned.
    pub seal: Option<&'a Seal<'a>>,
}

/// Writes a commit that holds `document` and whatever else `parent` holds.
pub fn write_commit(
    repo: &gix::Repository,
    parent: Option<ObjectId>,
    document: &Document,
    message: &str,
    signature: &Signature<'_>,
) -> ObjectResult<ObjectId> {
    let tree = write_tree(repo, &mut tree_of(repo, parent)?, document)?;
    write_tree_commit(repo, tree, parent, message, signature)
}

/// Writes a commit without a parent that holds what `commit` holds.
pub fn write_root_like(
    repo: &gix::Repository,
    commit: ObjectId,
    message: &str,
    signature: &Signature<'_>,
) -> ObjectResult<ObjectId> {
    let tree = repo.find_commit(commit).map_err(words)?.tree_id().map_err(words)?.detach();
    write_tree_commit(repo, tree, None, message, signature)
}

fn write_tree_commit(
    repo: &gix::Repository,
    tree: ObjectId,
    parent: Option<ObjectId>,
    message: &str,
    signature: &Signature<'_>,
) -> ObjectResult<ObjectId> {
    let time = gix::date::Time { seconds: signature.at.0.div_euclid(1_000_000), offset: 0 };
    let clean = |text: &str| text.replace(['<', '>', '\n', '\0'], " ");
    let author = gix::actor::Signature {
        name: clean(&signature.identity.name).into(),
        email: clean(&signature.identity.email).into(),
        time,
    };
    let mut commit = gix::objs::Commit {
        tree,
        parents: parent.into_iter().collect(),
        author: author.clone(),
        committer: author,
        encoding: None,
        message: message.into(),
        extra_headers: Vec::new(),
    };
    if let Some(seal) = signature.seal {
        let mut payload = Vec::new();
        gix::objs::WriteTo::write_to(&commit, &mut payload).map_err(words)?;
        let name = signature_header(repo);
        let made = seal(&payload)?;
        commit.extra_headers.extend(made.map(|made| (name.into(), made.trim_end().into())));
    }
    Ok(repo.write_object(&commit).map_err(words)?.detach())
}

/// Returns the header in which git looks for the signature of a commit.
fn signature_header(repo: &gix::Repository) -> &'static str {
    match repo.object_hash() {
        gix::hash::Kind::Sha256 => "gpgsig-sha256",
        _ => "gpgsig",
    }
}

/// Returns what a commit's signature was made over, and the signature; `None` when there is none.
pub fn read_signed(repo: &gix::Repository, id: ObjectId) -> ObjectResult<Option<(Vec<u8>, Vec<u8>)>> {
    let object = repo.find_object(id).map_err(words)?;
    let (mut payload, mut signature) = (Vec::new(), Vec::new());
    let name = format!("{} ", signature_header(repo)).into_bytes();
    let (mut is_head, mut is_signature, mut is_dropped) = (true, false, false);
    for line in object.data.split_inclusive(|byte| *byte == b'\n') {
        let goes_on = line.strip_prefix(b" ").filter(|_| is_head);
        match (goes_on, is_signature, is_dropped) {
            (Some(rest), true, _) => signature.extend_from_slice(rest),
            (Some(_), false, true) => {}
            _ => {
                is_head = is_head && line != b"\n";
                let value = line.strip_prefix(name.as_slice()).filter(|_| is_head);
                is_signature = value.is_some();
                // Signatures of either hash are no part of what is signed.
                is_dropped = is_head && line.starts_with(b"gpgsig");
                signature.extend_from_slice(value.unwrap_or_default());
                payload.extend_from_slice(if is_dropped { b"" } else { line });
            }
        }
    }
    Ok((!signature.is_empty()).then_some((payload, signature)))
}

fn tree_of(repo: &gix::Repository, commit: Option<ObjectId>) -> ObjectResult<gix::objs::Tree> {
    let Some(commit) = commit else { return Ok(gix::objs::Tree::empty()) };
    let commit = repo.find_object(commit).map_err(words)?.try_into_commit().map_err(words)?;
    Ok(commit.tree().map_err(words)?.decode().map_err(words)?.to_owned())
}

/// Puts `document` into a tree, and writes both.
fn write_tree(
    repo: &gix::Repository,
    tree: &mut gix::objs::Tree,
    document: &Document,
) -> ObjectResult<ObjectId> {
    let blob = repo.write_blob(document.as_str()).map_err(words)?.detach();
    steps::try_pass("blob written").map_err(words)?;
    tree.entries.retain(|entry| entry.filename != CLAIMS_FILE);
    tree.entries.push(Entry { mode: EntryKind::Blob.into(), filename: CLAIMS_FILE.into(), oid: blob });
    tree.entries.sort();
    Ok(repo.write_object(&*tree).map_err(words)?.detach())
}

/// Renders the message of a step's commit.
pub fn render_message(step: &Step) -> String {
    let generation = step.generation.map(|number| format!("Agentsync-Generation: {number}\n"));
    let trailers = step.trailers.iter().map(|trailer| match trailer {
        Trailer::Supersedes(claim) => format!("Agentsync-Supersedes: {}\n", one_line(claim)),
        Trailer::Breaks(claim) => format!("Agentsync-Breaks: {}\n", one_line(claim)),
        Trailer::Drops(key) => format!("Agentsync-Drops: {}\n", one_line(key)),
        Trailer::Tidies(n_claims) => format!("Agentsync-Tidies: {n_claims}\n"),
    });
    let more: String = generation.into_iter().chain(trailers).collect();
    let version = env!("CARGO_PKG_VERSION");
    format!("{}\n\n{OP_TRAILER}: {}\n{more}Agentsync-Version: {version}\n", step.subject, step.op.0)
}
