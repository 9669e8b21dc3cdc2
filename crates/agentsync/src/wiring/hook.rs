//! Puts together what a hook needs: little, from files alone; and the whole program when it must ask.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use agentsync_core::guard::Target;
use agentsync_core::region::SymbolPath;
use agentsync_core::{AgentId, Author, Change, Intent};

use super::{App, Life};
use crate::app::failure::{Failure, UsageError};
use crate::app::guard::commits::Span;
use crate::app::guard::widen::widen;
use crate::app::ports::desk::{Desk, Refusal};
use crate::app::ports::{Clock as _, Freshness};
use crate::clock::{SystemClock, SystemDice};
use crate::config::{self, Flags, Places};
use crate::git::arriving::{self, Arriving};
use crate::git::command::Git;
use crate::git::versions;
use crate::process::leave_behind;
use crate::sessions::context::{Context, Sources};
use crate::sessions::desk::FolderDesk;
use crate::sessions::keeper;
use crate::sessions::place::{self, WorkTree};

/// How long a look at the work tree may take.
const STATUS_LIMIT: Duration = Duration::from_secs(10);

/// What a hook works with.
pub struct Hook {
    flags: Flags,
    /// The work tree.
    pub tree: WorkTree,
    /// Its settings.
    pub context: Context,
    /// What is left in the clone.
    pub desk: FolderDesk,
    /// The time.
    pub clock: SystemClock,
    /// Chance.
    pub dice: SystemDice,
}

impl Hook {
    /// Finds the work tree around `folder`; `None` where there is none, which is none of our business.
    pub fn open(flags: &Flags, folder: &Path) -> Result<Option<Hook>, Failure> {
        let places = Places::find(flags, folder);
        let Some(tree) = place::find(&places.work.value) else { return Ok(None) };
        let home = config::env("HOME").map(PathBuf::from);
        let sources = Sources {
            git_dir: &tree.git_dir,
            common_dir: &tree.common_dir,
            home: home.as_deref(),
            environment: config::own_environment(),
        };
        let context = if let Some(context) = sources.load() {
            context
        } else {
            // The worktree's own agent is kept; one that is named for this call alone is not.
            let plain = Flags { agent: None, repo: Some(tree.root.clone()), ..flags.clone() };
            sources.keep(App::open(&plain, Life::Short)?.hook_context()?)
        };
        let desk = FolderDesk::new(context.desk.clone(), context.recency.clone(), tree.git_dir.clone());
        let clock = SystemClock::start();
        Ok(Some(Hook { flags: flags.clone(), tree, context, desk, clock, dice: SystemDice }))
    }

    /// Returns who acts: the agent that is named for this call, else the one that the session's server
    /// acts as, else the worktree's.
    pub fn who(&self, session: Option<String>, told: Option<&str>) -> Result<Author, Failure> {
        let named = self.flags.agent.as_deref().or(told);
        let agent = match named.map(AgentId::parse) {
            Some(agent) => agent.map_err(UsageError::from)?,
            None => self.context.agent.clone(),
        };
        Ok(Author { agent, instance: self.context.instance.clone(), session })
    }

    fn app(&self, limit: Duration) -> Result<App, Failure> {
        let flags = Flags {
            repo: Some(self.tree.root.clone()),
            timeout: self.flags.timeout.or(Some(limit.as_secs().max(1))),
            ..self.flags.clone()
        };
        App::open(&flags, Life::Short)
    }

    /// Asks the shared place for the board, and leaves it for the next hooks.
    pub fn ask(&self, limit: Duration) -> Result<(), Failure> {
        let asked = self.app(limit).and_then(|app| Ok(app.ctx().store.read(Freshness::Now)?));
        keeper::note_failure(self.desk.dir(), asked.as_ref().err().map(ToString::to_string).as_deref());
        asked.map(drop)
    }

    /// Notes that the board could not be asked.
    pub fn note_failure(&self, failure: &Failure) {
        keeper::note_failure(self.desk.dir(), Some(&failure.to_string()));
    }

    /// Makes claims stand now; returns what was refused.
    pub fn claim(&self, changes: &[Change], limit: Duration) -> Result<Option<Refusal>, Failure> {
        let Some(first) = changes.first() else { return Ok(None) };
        let mut all = first.clone();
        if let Intent::Widen(request) = &mut all.intent {
            for change in changes.iter().skip(1) {
                if let Intent::Widen(more) = &change.intent {
                    request.touches.extend(more.touches.iter().cloned());
                }
            }
        }
        let app = self.app(limit)?;
        widen(&app.ctx_for(&all.by), &all)
    }

    /// Sees to it that the copy is kept young and what waits is written.
    pub fn wake_keeper(&self) {
        if keeper::is_at_work(self.desk.dir()) {
            return;
        }
        let Ok(program) = std::env::current_exe() else { return };
        let args: [OsString; 3] = ["keep".into(), "--repo".into(), self.tree.root.clone().into()];
        // When it cannot be started, the copy's age says so.
        let _ = leave_behind(&program, &args, &self.tree.root);
    }

    /// Returns the symbols of a file that change when its text does as `edit` says; `None` when that cannot be told.
    pub fn changed_symbols(
        &self,
        target: &Target,
        edit: impl FnOnce(&str) -> Option<String>,
    ) -> Option<Vec<SymbolPath>> {
        let file = self.tree.root.join(target.as_str());
        let is_fit = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= versions::MAX_BYTES);
        let text = is_fit.then(|| std::fs::read_to_string(&file).ok())??;
        versions::changed_symbols(target.as_str(), text.as_bytes(), edit(&text)?.as_bytes())
    }

    /// Returns the symbols of a file that differ between two versions git has; `None` when that cannot be told.
    pub fn compare(&self, index: Option<&Path>, span: &Span, target: &Target) -> Option<Vec<SymbolPath>> {
        let path = target.as_str();
        let (old, new) = match span {
            Span::Staged => (format!("HEAD:{path}"), format!(":0:{path}")),
            Span::Commits { from, to } => (format!("{from}:{path}"), format!("{to}:{path}")),
            Span::Unclear => return None,
        };
        let arriving = self.arriving();
        versions::changed_symbols(path, &arriving.content(&old, index)?, &arriving.content(&new, index)?)
    }

    /// Returns the branch that is checked out, unless work lands on it.
    pub fn branch(&self) -> Option<String> {
        place::work_branch(&self.tree)
    }

    /// Returns the files of the work tree that differ from the last commit, with size and time.
    pub fn changed_files(&self) -> Result<BTreeMap<String, (u64, i64)>, String> {
        let git = Git { cwd: self.tree.root.clone(), limit: STATUS_LIMIT };
        let call = git.at(&self.tree.git_dir).work_tree(&self.tree.root).args([
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
        ]);
        let output =
            call.run().and_then(crate::git::command::Output::success).map_err(|err| err.to_string())?;
        let text = output.text();
        let paths = text.split('\0').filter_map(|line| line.get(3..)).filter(|path| !path.is_empty());
        Ok(paths.map(|path| (path.to_owned(), stamp(&self.tree.root.join(path)))).collect())
    }

    /// Returns what looks at commits and pushes.
    pub fn arriving(&self) -> Arriving {
        let (root, git_dir) = (self.tree.root.clone(), self.tree.git_dir.clone());
        Arriving { root, git_dir, limit: STATUS_LIMIT }
    }

    /// Returns the branch that the board is on.
    pub fn board_branch(&self) -> Result<String, Failure> {
        let setting = |key: &str| self.setting(key);
        Ok(config::Lookup::new(&self.flags, &setting).branch()?.as_str().to_owned())
    }

    /// Returns the first of some references that is a branch on which work lives, and does not land.
    pub fn own_branch(&self, references: &[&str]) -> Option<String> {
        let named = |name: &&str| name.strip_prefix("refs/heads/").map(str::to_owned);
        references.iter().filter_map(named).find(|branch| !place::is_landing(&self.tree, branch))
    }

    /// Returns what begins the lines that git drops from a message.
    pub fn comment_mark(&self) -> String {
        let set = self.setting("core.commentString").or_else(|| self.setting("core.commentChar"));
        set.filter(|mark| mark != "auto").unwrap_or_else(|| "#".to_owned())
    }

    fn setting(&self, key: &str) -> Option<String> {
        let git = Git { cwd: self.tree.root.clone(), limit: STATUS_LIMIT };
        let call = git.at(&self.tree.git_dir).args(["config", "--get", "--end-of-options", key]);
        let answer = call.run().and_then(crate::git::command::Output::success).ok()?;
        Some(answer.text().trim_end().to_owned())
    }

    /// Remembers nothing of a session any more, and has what it claimed written.
    pub fn end(&self, session: &str) {
        self.desk.forget(session);
        self.desk.hurry();
    }

    /// Returns the time.
    pub fn now(&self) -> agentsync_core::Timestamp {
        self.clock.now()
    }
}

/// Tells whether a text is the id of an object, and not that of none.
pub fn is_object(text: &str) -> bool {
    arriving::is_id(text)
}

fn stamp(path: &Path) -> (u64, i64) {
    let Ok(meta) = path.symlink_metadata() else { return (0, 0) };
    let at = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    (meta.len(), i64::try_from(at.as_micros()).unwrap_or(i64::MAX))
}
