//! A push as git sees it on the server, before any reference has moved.
//!
//! Its objects lie in a place of their own until every hook has agreed; git is told where that is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::command::{Call, Git, GitError, Output};
use super::signers::SIGNERS_FILE;
use super::user_repo::UserRepo;
use crate::app::ports::audit::SignersSource;

/// The server's repository during a push.
#[derive(Debug, Clone)]
pub struct Receiving {
    repo: UserRepo,
    git: Git,
    objects: Vec<(&'static str, String)>,
}

impl Receiving {
    /// Looks at `repo` with the objects of a push, which `objects` tell git of.
    pub fn of(repo: UserRepo, objects: Vec<(&'static str, String)>, limit: Duration) -> Receiving {
        let git = repo.git(limit);
        Receiving { repo, git, objects }
    }

    fn call(&self) -> Call<'_> {
        let call = self.git.at(&self.repo.git_dir);
        // What a push calls the replacement of a commit must not hide what the commit does.
        let call = call.env("GIT_NO_REPLACE_OBJECTS", "1");
        self.objects.iter().fold(call, |call, (name, value)| call.env(name, value))
    }

    /// Returns the branch that HEAD names: the one that work lands on.
    pub fn landing(&self) -> Option<String> {
        let target = self.repo.symbolic_target("HEAD").ok()??;
        target.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// Returns where a branch stands, before the push.
    pub fn tip(&self, branch: &str) -> Option<String> {
        self.repo.ref_commit(&format!("refs/heads/{branch}")).ok().flatten()
    }

    /// Returns the paths that the commits up to `new` change, without those that `besides` leads to; for
    /// `None`, without those that any branch here leads to. Of a merge, what none of its sides had.
    pub fn paths(
        &self,
        new: &str,
        besides: Option<&str>,
        and_besides: Option<&str>,
    ) -> Result<BTreeSet<String>, String> {
        let settings = ["log.showSignature=false", "log.showRoot=true", "diff.ignoreSubmodules=none"];
        let call = settings.into_iter().fold(self.call(), Call::config);
        let call = call.args(["log", "-z", "--format=", "--name-only", "--no-renames", "-c", new, "--not"]);
        let call = call.args([besides.unwrap_or("--branches")]).args(and_besides).args(["--"]);
        let output = call.run().and_then(Output::success).map_err(|err| err.to_string())?;
        let text = output.text();
        let paths = text.split('\0').map(|path| path.trim_start_matches('\n'));
        Ok(paths.filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }
}

/// Reads the file of signers as it stands on the server's own branch, before the push.
impl SignersSource for Receiving {
    fn signers(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(tip) = self.landing().and_then(|branch| self.tip(&branch)) else { return Ok(None) };
        let words = |err: GitError| err.to_string();
        let listed = self.call().args(["ls-tree", "-z", "--end-of-options", &tip, SIGNERS_FILE]).run();
        let listed = listed.and_then(Output::success).map_err(words)?.text();
        let id = listed.strip_prefix("100644 blob ").and_then(|rest| rest.split('\t').next());
        let Some(id) = id else { return Ok(None) };
        let file = self.call().args(["cat-file", "blob", id]).run().and_then(Output::success);
        file.map(|output| Some(output.stdout)).map_err(words)
    }
}
