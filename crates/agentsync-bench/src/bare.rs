//! What the same takes with git alone: one lean fetch of the one reference, one push of a prepared commit.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use agentsync_lab::checkout::Checkout;

use crate::ground::Site;

const REF: &str = "refs/heads/agentsync";

/// A repository that holds the board's branch and nothing else.
pub(crate) struct Bare {
    site: Site,
    checkout: Checkout,
    dir: PathBuf,
    n_commits: std::cell::Cell<u32>,
}

impl Bare {
    pub(crate) fn new(site: Site) -> Bare {
        let checkout = site.clone("bare");
        let dir = checkout.path().join("../bare-cache.git");
        checkout.git(&["init", "--quiet", "--bare", dir.to_str().unwrap()]);
        let bare = Bare { site, checkout, dir, n_commits: std::cell::Cell::new(0) };
        bare.push(&bare.prepare());
        bare
    }

    fn run(&self, args: &[&str]) -> String {
        let prepared = self.checkout.agentsync_command();
        let mut command = Command::new("git");
        command.env_clear().envs(prepared.get_envs().filter_map(|(key, value)| Some((key, value?))));
        command.current_dir(self.checkout.path()).arg("--git-dir").arg(&self.dir).args(args);
        command.stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Fetches the reference into the repository.
    pub(crate) fn fetch(&self) {
        self.run(&[
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--refmap=",
            &self.site.url(),
            &format!("+{REF}:refs/bench/tip"),
        ]);
    }

    /// Writes the next commit, and returns it with the tip it goes on top of.
    pub(crate) fn prepare(&self) -> (String, String) {
        let n_commits = self.n_commits.replace(self.n_commits.get() + 1);
        let file = self.dir.join("document");
        std::fs::write(&file, format!("{{\n  \"claims\": {{}},\n  \"n\": {n_commits}\n}}\n")).unwrap();
        let blob = self.run(&["hash-object", "-w", file.to_str().unwrap()]);
        let entry = format!("100644,{blob},claims.json");
        self.run(&["update-index", "--add", "--cacheinfo", &entry]);
        let tree = self.run(&["write-tree"]);
        let tip = self.site.lab.hub_tip("agentsync").unwrap_or_default();
        let parent: &[&str] = if tip.is_empty() { &[] } else { &["-p", &tip] };
        let commit = self.run(&[&["commit-tree", &tree, "-m", "step"], parent].concat());
        (tip, commit)
    }

    /// Pushes a prepared commit under an exact lease.
    pub(crate) fn push(&self, (tip, commit): &(String, String)) {
        let lease = format!("--force-with-lease={REF}:{tip}");
        let refspec = format!("{commit}:{REF}");
        self.run(&["push", "--quiet", "--porcelain", "--no-verify", &lease, &self.site.url(), &refspec]);
    }
}
