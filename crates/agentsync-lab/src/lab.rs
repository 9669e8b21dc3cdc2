//! One hub and the clones around it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answer::Answer;
use crate::checkout::Checkout;
use crate::gh::FakeGh;
use crate::ground::{self, Ground};
use crate::hub::{self, BOARD_BRANCH, BOARD_FILE, Commit};

/// The files every seeded hub and lone repository begins with, on `main`.
pub const SEED: [(&str, &str); 5] = [
    ("README.md", "# shop\n"),
    ("src/auth.rs", "pub fn login(user: &str) -> bool {\n    !user.is_empty()\n}\n"),
    ("src/lib.rs", "pub mod auth;\npub mod models;\n"),
    ("src/models/mod.rs", "pub mod user;\n"),
    ("src/models/user.rs", "pub struct User {\n    pub name: String,\n}\n"),
];

/// How objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFormat {
    /// Forty hexadecimal digits.
    Sha1,
    /// Sixty-four hexadecimal digits.
    Sha256,
}

/// How references are kept, in the hub and in every clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefFormat {
    /// A file for each, and `packed-refs`.
    Files,
    /// Binary tables.
    Reftable,
}

/// What the clones have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubKind {
    /// A bare repository with [`SEED`] on `main`.
    Seeded,
    /// A bare repository without a commit.
    Empty,
    /// Nothing: only [`Lab::lone`] gives repositories.
    Absent,
}

/// What a lab is made of.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// The `agentsync` program; tests give `env!("CARGO_BIN_EXE_agentsync")`.
    pub binary: PathBuf,
    /// How objects are named.
    pub object_format: ObjectFormat,
    /// How references are kept.
    pub ref_format: RefFormat,
    /// What the clones have in common.
    pub hub: HubKind,
}

impl LabOptions {
    /// Returns the plain case: a seeded hub, SHA-1, references as files.
    pub fn new(binary: impl Into<PathBuf>) -> LabOptions {
        LabOptions {
            binary: binary.into(),
            object_format: ObjectFormat::Sha1,
            ref_format: RefFormat::Files,
            hub: HubKind::Seeded,
        }
    }

    fn init_args(&self) -> [&'static str; 2] {
        let objects = match self.object_format {
            ObjectFormat::Sha1 => "--object-format=sha1",
            ObjectFormat::Sha256 => "--object-format=sha256",
        };
        [objects, self.ref_arg()]
    }

    fn ref_arg(&self) -> &'static str {
        match self.ref_format {
            RefFormat::Files => "--ref-format=files",
            RefFormat::Reftable => "--ref-format=reftable",
        }
    }
}

/// A hub and its clones in one temporary folder, gone when the last handle is dropped.
#[derive(Debug)]
pub struct Lab {
    ground: Arc<Ground>,
    options: LabOptions,
    hub: PathBuf,
}

impl Lab {
    /// Sets up a seeded hub for the program at `binary`.
    pub fn new(binary: impl Into<PathBuf>) -> Lab {
        Lab::with(LabOptions::new(binary))
    }

    /// Sets up a lab as `options` say.
    pub fn with(options: LabOptions) -> Lab {
        let ground = Arc::new(Ground::new());
        let hub = ground.path().join("hub.git");
        let lab = Lab { ground, options, hub };
        if lab.options.hub != HubKind::Absent {
            lab.init(&["--bare", "hub.git"]);
        }
        if lab.options.hub == HubKind::Seeded {
            lab.push_as_stranger("main", &SEED.map(|(path, text)| (path, text.as_bytes())), "seed");
        }
        lab
    }

    /// Returns the folder everything lies in.
    pub fn path(&self) -> &Path {
        self.ground.path()
    }

    /// Returns the folder of the bare hub.
    pub fn hub_path(&self) -> &Path {
        &self.hub
    }

    /// Clones the hub for `agent`.
    pub fn clone(&self, agent: &str) -> Checkout {
        self.clone_from(agent, &self.hub.display().to_string())
    }

    /// Clones `url`, for instance one of an [`HttpHost`](crate::http::HttpHost), for `agent`.
    pub fn clone_from(&self, agent: &str, url: &str) -> Checkout {
        let checkout = self.checkout(agent);
        let path = checkout.path().display().to_string();
        let args = ["clone", "--quiet", self.options.ref_arg(), url, &path];
        ground::run(self.ground.command("git", agent).args(args).current_dir(self.path()), b"")
            .expect_success();
        checkout.introduce();
        checkout
    }

    /// Sets up a repository that has [`SEED`] on `main` and no remote.
    pub fn lone(&self, agent: &str) -> Checkout {
        let checkout = self.checkout(agent);
        self.init(&[&checkout.path().display().to_string()]);
        checkout.introduce();
        for (path, text) in SEED {
            checkout.write(path, text);
        }
        checkout.commit("seed");
        checkout
    }

    /// Adds a worktree of `owner`'s clone for `agent`, on the new branch `branch`.
    pub fn worktree(&self, owner: &Checkout, agent: &str, branch: &str) -> Checkout {
        let checkout = self.checkout(agent);
        let path = checkout.path().display().to_string();
        owner.git(&["worktree", "add", "--quiet", "-b", branch, &path]);
        checkout
    }

    /// Runs git in the hub; stops the test when it fails.
    #[track_caller]
    pub fn hub_git(&self, args: &[&str]) -> Answer {
        self.hub_git_any(args).expect_success()
    }

    /// Runs git in the hub, whatever it answers.
    #[track_caller]
    pub fn hub_git_any(&self, args: &[&str]) -> Answer {
        ground::run(self.ground.command("git", "hub").arg("--git-dir").arg(&self.hub).args(args), b"")
    }

    /// Returns the commit a branch of the hub stands at.
    pub fn hub_tip(&self, branch: &str) -> Option<String> {
        let name = format!("refs/heads/{branch}");
        let answer = self.hub_git_any(&["rev-parse", "--verify", "--quiet", &name]);
        (answer.code == 0).then(|| answer.text().to_owned())
    }

    /// Returns the board document in the hub as text.
    pub fn board_text(&self) -> Option<String> {
        self.board_bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns the board document in the hub byte for byte.
    pub fn board_bytes(&self) -> Option<Vec<u8>> {
        let answer = self.hub_git_any(&["cat-file", "blob", &format!("{BOARD_BRANCH}:{BOARD_FILE}")]);
        (answer.code == 0).then_some(answer.raw)
    }

    /// Returns the subjects of the board's commits, the newest first; none without a board.
    pub fn board_log(&self) -> Vec<String> {
        let Some(tip) = self.hub_tip(BOARD_BRANCH) else {
            return Vec::new();
        };
        self.hub_git(&["log", "--format=%s", &tip]).lines()
    }

    /// Puts `bytes` on the hub as the board, as a writer with other manners would.
    pub fn put_board_text(&self, bytes: impl AsRef<[u8]>) -> String {
        self.push_as_stranger(BOARD_BRANCH, &[(BOARD_FILE, bytes.as_ref())], "a stranger writes")
    }

    /// Adds a commit with `files` on top of `branch` in the hub, and returns its id.
    ///
    /// The branch is made when it is missing. Other files of the branch stay.
    pub fn push_as_stranger(&self, branch: &str, files: &[(&str, &[u8])], subject: &str) -> String {
        let parent = self.hub_tip(branch);
        let second = self.ground.next_second();
        let stream =
            hub::render_stream(&Commit { branch, parent: parent.as_deref(), files, subject, second });
        let mut command = self.ground.command("git", "hub");
        command.arg("--git-dir").arg(&self.hub).args(["fast-import", "--quiet"]);
        ground::run(&mut command, &stream).expect_success().text().to_owned()
    }

    /// Sets up a stand-in for the GitHub CLI, logged in as `alice`.
    pub fn fake_gh(&self) -> FakeGh {
        FakeGh::new(Arc::clone(&self.ground))
    }

    fn init(&self, args: &[&str]) {
        let mut command = self.ground.command("git", "hub");
        command.args(["init", "--quiet"]).args(self.options.init_args()).args(args);
        ground::run(command.current_dir(self.path()), b"").expect_success();
    }

    fn checkout(&self, agent: &str) -> Checkout {
        let path = self.path().join("clones").join(agent);
        Checkout::new(Arc::clone(&self.ground), self.options.binary.clone(), path, agent)
    }
}
