//! What can be typed.

#![expect(clippy::doc_markdown, reason = "these comments are the help, which has no markup")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// What stands at the head of the help. One text for `-h` and `--help`, so that both stay compact.
pub const ABOUT: &str = "\
Keeps coding agents and people out of each other's way in one git repository

Each agent claims what it is about to change before it edits; everybody sees everybody's claims; \
claims that meet are refused. All state is one file on a branch of your git remote.";

/// Keeps coding agents and people out of each other's way in one git repository.
///
/// Each agent claims what it is about to change before it edits; everybody sees everybody's claims;
/// claims that meet are refused. All state is one file on a branch of your git remote.
#[derive(Debug, Parser)]
#[command(name = "agentsync", version, max_term_width = 100, arg_required_else_help = true)]
#[command(about = ABOUT, long_about = None)]
#[command(
    after_help = "Exit codes: 0 yes, 1 no (blocked, conflicts), 2 usage or configuration, 3 try again, 70 our bug"
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
    /// What holds for every verb
    #[command(flatten)]
    pub shared: Shared,
}

/// What holds for every verb.
#[derive(Debug, Clone, Args)]
pub struct Shared {
    /// Work in the repository around this folder [env: AGENTSYNC_REPO] [default: the current folder]
    #[arg(long, short = 'C', global = true, value_name = "DIR", help_heading = "Shared options")]
    pub repo: Option<PathBuf>,
    /// Act as this agent [env: AGENTSYNC_AGENT_ID] [default: user, host and worktree]
    #[arg(long, global = true, value_name = "ID", help_heading = "Shared options")]
    pub agent: Option<String>,
    /// Coordinate through this remote [env: AGENTSYNC_REMOTE] [default: origin]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Shared options")]
    pub remote: Option<String>,
    /// Coordinate on this branch [env: AGENTSYNC_BRANCH] [default: agentsync]
    #[arg(long = "board-branch", global = true, value_name = "NAME", help_heading = "Shared options")]
    pub board_branch: Option<String>,
    /// Give up after this time [env: AGENTSYNC_TIMEOUT] [default: 45]
    #[arg(long, global = true, value_name = "SECONDS", help_heading = "Shared options")]
    pub timeout: Option<u64>,
    /// Print the answer as JSON
    #[arg(long, global = true, help_heading = "Shared options")]
    pub json: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What needs a repository
    #[command(flatten)]
    Board(BoardVerb),
    /// Examine git, the remote, the board and this clone
    Doctor,
    /// Watch a working day of two agents, played for real in a throw-away repository
    Demo(DemoArgs),
    /// Serve the verbs as MCP tools on the standard streams
    Mcp,
    /// Answer a hook of a client, which gives its event on the standard input, or one of git's own
    Hook(HookArgs),
    /// Print the completion script of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man {
        /// Write the pages of all commands into this folder instead
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// The verbs that need a repository.
#[derive(Debug, Subcommand)]
pub enum BoardVerb {
    /// Show what everybody has claimed
    Survey(SurveyArgs),
    /// Stake a unit of work before you start it
    Claim(ClaimVerb),
    /// Try to merge your work with your peers', and compare what was claimed
    #[command(alias = "check_conflicts", visible_alias = "check")]
    CheckConflicts(CheckArgs),
    /// Propose in which order the active branches should land, and what each owner should do
    Plan,
    /// Open the pull request of a claim, and mark it done
    Finish(FinishArgs),
    /// Drop a claim without finishing it
    Release(ReleaseArgs),
    /// Free the claim of an agent that is gone; the board keeps who did it and why
    Break(BreakArgs),
    /// Say how far a claim is: planning, in-progress or done
    #[command(alias = "update_status", alias = "status")]
    UpdateStatus(StatusArgs),
    /// Read your notes, or post one
    Mailbox(MailboxArgs),
    /// List what happened on the board, newest first
    History(HistoryArgs),
    /// Bring your branch up to the default branch, or a peer's, out of sight until it is known to be good
    Reconcile(ReconcileArgs),
    /// Set up this clone: MCP clients, instructions for agents, the board
    Init(InitVerb),
    /// Have a client, git or the forge ask before anything changes: hooks, the server, the gate
    Install(InstallArgs),
    /// Take that away again
    Uninstall(InstallArgs),
    /// Find out what is wrong with the board, and restore its last good state
    Repair(RepairArgs),
    /// Audit the board's history: who wrote what, and whether they might
    Verify(VerifyArgs),
    /// Find out what became of a change that was answered `unknown`
    Resolve(ResolveArgs),
    /// Compare what a branch changes with what others have claimed: the gate of a pull request
    Gate(GateArgs),
    /// Set the project up at GitHub: repository, coordination branch, partners
    Provision(ProvisionArgs),
    /// Invite people to the repository at GitHub
    #[command(alias = "add_collaborator")]
    AddCollaborator(CollaboratorArgs),
    /// Find out about the remote's branches, for the next survey
    #[command(hide = true)]
    LookUpBranches,
    /// Begin the private repository anew, if it has grown
    #[command(hide = true)]
    RenewCache,
    /// Keep the copy of the board young, and write what edits have claimed, while sessions are at work
    #[command(hide = true)]
    Keep,
}

/// Arguments of `hook`.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// Who calls: a client, or git
    #[arg(value_enum)]
    pub client: HookClientArg,
    /// A client's event, where the input does not say it
    pub event: Option<String>,
    /// What else git says
    #[arg(hide = true)]
    pub more: Vec<String>,
}

/// A client that runs hooks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum HookClientArg {
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// Gemini CLI
    Gemini,
    /// VS Code
    Vscode,
    /// GitHub's Copilot in the terminal
    Copilot,
    /// opencode, through our plugin
    Opencode,
    /// Git's own, before a commit
    PreCommit,
    /// Git's own, before a push, with its lines on the standard input
    PrePush,
    /// Git's own, before a message is edited
    PrepareCommitMsg,
    /// Git's own, on a server
    PreReceive,
}

/// Arguments of `survey`.
#[derive(Debug, Args)]
pub struct SurveyArgs {
    /// Show only claims that could be in the way of these paths
    #[arg(value_name = "PATH")]
    pub touching: Vec<String>,
    /// How much to show: brief (what fits on a page or two) or full
    #[arg(long, value_enum, default_value_t = DetailArg::Brief, hide_possible_values = true)]
    pub detail: DetailArg,
}

/// How much to show.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DetailArg {
    /// What fits on a page or two
    Brief,
    /// Everything
    Full,
}

/// Arguments of `claim`.
#[derive(Debug, Args)]
pub struct ClaimVerb {
    /// What you are building, in a few words
    pub task: String,
    /// Files, folders and globs you will change
    #[arg(required = true, value_name = "TOUCHES")]
    pub touches: Vec<String>,
    /// A path you rely on and will not change; may be given several times
    #[arg(long, short, value_name = "PATH")]
    pub requires: Vec<String>,
    /// The branch your work will live on [default: the one checked out]
    #[arg(long, short)]
    pub branch: Option<String>,
    /// Hold a further claim under this name
    #[arg(long, short)]
    pub lane: Option<String>,
    /// Claim although others are in the way; the board records it
    #[arg(long)]
    pub force: bool,
    /// Why you force it, for the board
    #[arg(long)]
    pub reason: Option<String>,
    /// Stand in line and wait this long for your turn, at most 110; your place is kept
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
    /// Let others take the claim over after this long without a sign of life
    #[arg(long, value_name = "SECONDS")]
    pub lease: Option<u64>,
    /// What your files use of what peers are changing: tell it, refuse the claim, or neither [default: what is set, or info]
    #[arg(long, value_name = "off|info|block")]
    pub derive_requires: Option<String>,
}

/// Arguments of `break`.
#[derive(Debug, Args)]
pub struct BreakArgs {
    /// Whose claim: the agent, or agent/lane
    #[arg(value_name = "AGENT")]
    pub key: String,
    /// Why, for the board and for its holder
    #[arg(long, short)]
    pub reason: String,
}

/// Arguments of `release`.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Why, for whoever takes over
    #[arg(long, short)]
    pub note: Option<String>,
    /// Which of your claims
    #[arg(long, short)]
    pub lane: Option<String>,
}

/// Arguments of `update-status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// planning, in-progress or done
    pub status: String,
    /// A note for your peers
    #[arg(long, short)]
    pub note: Option<String>,
    /// Which of your claims
    #[arg(long, short)]
    pub lane: Option<String>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Shows all changes as a diff and asks first. `--agent` keeps an id for this worktree, `--board-branch` \
and `--remote` keep theirs in `git config`. A second run finds nothing to do.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct InitVerb {
    /// Tell claude-code, codex, cursor, vscode, gemini or opencode about the server; may be given several times
    /// [default: those in use here]
    #[arg(long = "client", short, value_enum, value_name = "CLIENT", hide_possible_values = true)]
    pub clients: Vec<ClientArg>,
    /// Take away what was set up, and leave the board and all else as it is
    #[arg(long, conflicts_with_all = ["clients", "no_board"])]
    pub undo: bool,
    /// Leave the board alone
    #[arg(long)]
    pub no_board: bool,
    /// Install the hooks of these clients and of git as well, as `install` does
    #[arg(long, conflicts_with = "undo")]
    pub hooks: bool,
    /// Do it without asking
    #[arg(long, short)]
    pub yes: bool,
}

/// A program that speaks MCP.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ClientArg {
    /// Claude Code (.mcp.json)
    ClaudeCode,
    /// Codex (.codex/config.toml)
    Codex,
    /// Cursor (.cursor/mcp.json)
    Cursor,
    /// VS Code (.vscode/mcp.json)
    Vscode,
    /// Gemini CLI (.gemini/settings.json)
    Gemini,
    /// opencode (opencode.json)
    Opencode,
}

/// What hooks can be installed for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PartArg {
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// VS Code
    Vscode,
    /// Gemini CLI
    Gemini,
    /// opencode
    Opencode,
    /// Git itself, in all worktrees of the clone
    Git,
    /// The forge's pipeline
    Ci,
}

/// Arguments of `install` and `uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "\
Shows all changes as a diff and asks first. What is there stays: in a hook that is a shell script a marked \
block is put at its head, and what another program manages (lefthook, the pre-commit framework, a folder \
outside of the clone) is shown and not written.")]
pub struct InstallArgs {
    /// Whose hooks: claude-code, codex, cursor, vscode, gemini, opencode; git (pre-commit, pre-push,
    /// prepare-commit-msg), or ci (the gate of pull requests)
    #[arg(value_enum, required = true, value_name = "WHOSE", hide_possible_values = true)]
    pub parts: Vec<PartArg>,
    /// Do it without asking
    #[arg(long, short)]
    pub yes: bool,
}

/// Arguments of `finish`.
#[derive(Debug, Args)]
pub struct FinishArgs {
    /// A note for your peers and the pull request
    #[arg(long, short)]
    pub note: Option<String>,
    /// The pull request's title [default: the claim's task]
    #[arg(long, short)]
    pub title: Option<String>,
    /// Open it as a draft
    #[arg(long)]
    pub draft: bool,
    /// Which of your claims
    #[arg(long, short)]
    pub lane: Option<String>,
}

/// Arguments of `provision`.
#[derive(Debug, Args)]
pub struct ProvisionArgs {
    /// The repository, OWNER/NAME or NAME [default: this folder's name]
    #[arg(value_name = "REPO")]
    pub repository: Option<String>,
    /// Invite these GitHub users, separated by commas [env: AGENTSYNC_PARTNER_GITHUB]
    #[arg(long, short, value_name = "USERS")]
    pub partners: Option<String>,
    /// Let everybody see the repository
    #[arg(long)]
    pub public: bool,
    /// One line about the project
    #[arg(long, short)]
    pub description: Option<String>,
}

/// Arguments of `add-collaborator`.
#[derive(Debug, Args)]
pub struct CollaboratorArgs {
    /// GitHub users, separated by commas
    pub users: String,
    /// What they may do: pull, triage, push, maintain or admin
    #[arg(long, short, default_value = "push")]
    pub permission: String,
}

/// Arguments of `check-conflicts`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Compare only with this branch [default: every branch that a peer's claim names]
    #[arg(value_name = "BRANCH")]
    pub against_branch: Option<String>,
    /// Which of your claims
    #[arg(long, short)]
    pub lane: Option<String>,
    /// Leave your uncommitted changes out
    #[arg(long)]
    pub committed: bool,
    /// Compare every active branch with every other as well, and with the default branch
    #[arg(long, conflicts_with = "against_branch")]
    pub all: bool,
    /// How much to show: brief (what fits on a page or two) or full
    #[arg(long, value_enum, default_value_t = DetailArg::Brief, hide_possible_values = true)]
    pub detail: DetailArg,
    /// Run this command on what the merges would give, in a folder of its own; with the default branch, too, unless
    /// BRANCH is named [default: AGENTSYNC_VERIFY, or git config agentsync.verify]
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, default_missing_value = "")]
    pub verify: Option<String>,
    /// Judge the pairs of commits in this file instead, `LEFT RIGHT` a line, `-` for the standard
    /// input; one line of JSON for each. Needs no board, writes nothing into the repository
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against_branch", "lane", "committed", "all", "verify"])]
    pub pairs: Option<PathBuf>,
}

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// The branch to bring yours up to, or an agent whose claim names one [default: the default branch]
    #[arg(long, short, value_name = "BRANCH|AGENT")]
    pub with: Option<String>,
    /// Which of your claims names your branch [default: the branch that is checked out]
    #[arg(long, short, value_name = "LANE")]
    pub lane: Option<String>,
    /// Run this command on the merged tree, and go on only if it succeeds [env: AGENTSYNC_VERIFY]
    #[arg(long, value_name = "COMMAND")]
    pub verify: Option<String>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `mailbox`.
#[derive(Debug, Args)]
pub struct MailboxArgs {
    /// A message to post; without one your notes are shown
    pub message: Option<String>,
    /// The agent it is for [default: everybody]
    #[arg(long, short, value_name = "AGENT")]
    pub to: Option<String>,
}

/// Arguments of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// List at most this many events
    #[arg(long, short = 'n', default_value_t = 20)]
    pub limit: usize,
    /// Only events of this agent
    // Its own id: under `agent` it would be one with the shared option.
    #[arg(long = "of", id = "of", value_name = "AGENT")]
    pub agent: Option<String>,
    /// Only events of claims that could touch this path
    #[arg(long)]
    pub path: Option<String>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leave the folders when it is over, to look around in them
    #[arg(long)]
    pub keep: bool,
}

/// Arguments of `resolve`.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    /// The id of the change, from the answer's `op`
    #[arg(value_name = "OP")]
    pub op: String,
}

/// Arguments of `gate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at what WORK changed since it left BASE, as `git diff BASE...WORK` does: what others have merged \
into BASE meanwhile is not WORK's doing. Where the two parted must be in the clone, so in CI all of the \
history is fetched.

A path is its own when a claim on the same branch covers it. Exit codes: 0 clear or only a warning, \
1 refused, 2 the range cannot be compared. Workflow files are in integrations/.")]
pub struct GateArgs {
    /// Where the work is to land, and the work
    #[arg(long, value_name = "BASE..WORK", required = true)]
    pub range: String,
    /// Compare with the board as of this commit [default: as it stands now, which is printed]
    #[arg(long, value_name = "COMMIT")]
    pub board: Option<String>,
    /// The branch of the work; an empty one for nobody's [default: the CI job's, or WORK's]
    #[arg(long)]
    pub branch: Option<String>,
    /// off, warn or block [env: AGENTSYNC_GATE] [default: block]
    #[arg(long)]
    pub policy: Option<String>,
    /// auto, text, json, github, gitlab (code quality) or sarif; auto is what the CI job reads
    #[arg(long, value_enum, default_value_t = GateFormat::Auto, hide_possible_values = true)]
    pub format: GateFormat,
}

/// How a gate says what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateFormat {
    /// What the CI job reads, else a table
    Auto,
    /// A table
    Text,
    /// JSON
    Json,
    /// A table, and annotations of GitHub Actions
    Github,
    /// GitLab's code quality report; the table goes to the standard error
    Gitlab,
    /// SARIF 2.1.0; the table goes to the standard error
    Sarif,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Only these commits: FROM..TO (FROM itself is left out), or one commit [default: all]
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Take what was found so far as looked at: no more warnings of it in this clone
    #[arg(long, conflicts_with = "range")]
    pub accept: bool,
}

/// Arguments of `repair`.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Do it without asking
    #[arg(long, short)]
    pub yes: bool,
}
