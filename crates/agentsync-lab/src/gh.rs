//! A stand-in for the GitHub CLI, and the GitHub behind it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ground::{self, Ground};

/// The program itself. It is linked, not copied: a file that was just written may still be open in
/// a process that another thread is starting, and then the system refuses to run it.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/gh/fake-gh.sh");

/// Which addresses the stand-in's repositories have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Local paths.
    Local,
    /// Addresses on github.com, which the lab's git configuration leads to the local paths.
    GitHub,
}

/// A program named `gh` and the state it keeps.
///
/// Its repositories are bare ones in the lab, its accounts and pull requests plain files.
#[derive(Clone, Debug)]
pub struct FakeGh {
    ground: Arc<Ground>,
    folder: PathBuf,
    addresses: Addresses,
}

impl FakeGh {
    pub(crate) fn new(ground: Arc<Ground>) -> FakeGh {
        let folder = ground.path().join("gh");
        let gh = FakeGh { ground, folder, addresses: Addresses::Local };
        if !gh.folder.exists() {
            fs::create_dir_all(gh.dir()).unwrap();
            fs::create_dir_all(gh.state().join("repos")).unwrap();
            link(Path::new(PROGRAM), &gh.dir().join("gh"));
            gh.log_in("alice");
        }
        gh
    }

    /// Returns the same stand-in, whose repositories have `addresses` from now on.
    pub fn with_addresses(&self, addresses: Addresses) -> FakeGh {
        FakeGh { addresses, ..self.clone() }
    }

    /// Returns the folder to put first on `PATH`.
    pub fn dir(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// Returns the variables a program needs to find the stand-in, `PATH` among them.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        let path = ground::search_path();
        let folders = std::iter::once(self.dir()).chain(std::env::split_paths(&path));
        let local = match self.addresses {
            Addresses::Local => "1",
            Addresses::GitHub => "0",
        };
        vec![
            ("PATH".into(), std::env::join_paths(folders).unwrap()),
            ("FAKE_GH_STATE".into(), self.state().into()),
            ("FAKE_GH_LOCAL".into(), local.into()),
        ]
    }

    /// Lets `user` be logged in.
    pub fn log_in(&self, user: &str) {
        fs::write(self.state().join("login"), user).unwrap();
    }

    /// Lets nobody be logged in.
    pub fn log_out(&self) {
        fs::write(self.state().join("login"), "").unwrap();
    }

    /// Names the accounts that do not exist; all others do.
    pub fn set_unknown_users(&self, users: &[&str]) {
        fs::write(self.state().join("unknown-users"), users.join("\n") + "\n").unwrap();
    }

    /// Lets every call but `--version` fail with exit code 1 and `message`, as without a network.
    pub fn break_with(&self, message: &str) {
        fs::write(self.state().join("broken"), message).unwrap();
    }

    /// Ends what [`FakeGh::break_with`] began.
    pub fn mend(&self) {
        fs::remove_file(self.state().join("broken")).unwrap();
    }

    /// Makes the bare repository `hub`, for instance the lab's, known as `slug` (`OWNER/NAME`).
    pub fn map(&self, slug: &str, hub: &Path) {
        let repo = self.repo(slug);
        fs::create_dir_all(repo.join("pulls")).unwrap();
        let hub = hub.display().to_string();
        for (file, text) in
            [("path", hub.as_str()), ("visibility", "PRIVATE"), ("description", ""), ("collaborators", "")]
        {
            fs::write(repo.join(file), text).unwrap();
        }
        if self.addresses == Addresses::GitHub {
            self.redirect(slug, &hub);
        }
    }

    /// Returns the bare repository behind `slug`.
    #[track_caller]
    pub fn hub_path(&self, slug: &str) -> PathBuf {
        self.read(slug, "path").into()
    }

    /// Returns `PRIVATE` or `PUBLIC`.
    #[track_caller]
    pub fn visibility(&self, slug: &str) -> String {
        self.read(slug, "visibility")
    }

    /// Returns whom `slug` has been shared with.
    #[track_caller]
    pub fn collaborators(&self, slug: &str) -> Vec<String> {
        self.read(slug, "collaborators").lines().map(str::to_owned).collect()
    }

    /// Returns what is known of a pull request under `field`: `head`, `base`, `title`, `body`,
    /// `draft` or `state`.
    #[track_caller]
    pub fn pull(&self, slug: &str, number: u32, field: &str) -> String {
        self.read(slug, &format!("pulls/{number}/{field}"))
    }

    /// Puts a pull request into the state `OPEN`, `CLOSED` or `MERGED`.
    pub fn set_pull_state(&self, slug: &str, number: u32, state: &str) {
        let pull = self.repo(slug).join(format!("pulls/{number}"));
        let head = format!("refs/heads/{}^{{commit}}", self.pull(slug, number, "head"));
        let mut command = self.ground.command("git", "hub");
        command.arg("--git-dir").arg(self.hub_path(slug)).args(["rev-parse", "--verify", "--quiet", &head]);
        let tip = ground::run(&mut command, b"");
        // From now on its head is the commit that stood there.
        if tip.code == 0 {
            fs::write(pull.join("oid"), tip.text()).unwrap();
        }
        fs::write(pull.join("state"), state).unwrap();
    }

    /// Returns the arguments of all calls so far, a line for each.
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.state().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn redirect(&self, slug: &str, hub: &str) {
        let places = ["https://github.com/", "git@github.com:", "ssh://git@github.com/"];
        let urls = places.iter().flat_map(|place| [format!("{place}{slug}.git"), format!("{place}{slug}")]);
        for url in urls {
            let mut command = self.ground.command("git", "hub");
            command.args(["config", "--global", "--add", &format!("url.{hub}.insteadOf"), &url]);
            ground::run(&mut command, b"").expect_success();
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn repo(&self, slug: &str) -> PathBuf {
        self.state().join("repos").join(slug)
    }

    #[track_caller]
    fn read(&self, slug: &str, file: &str) -> String {
        fs::read_to_string(self.repo(slug).join(file))
            .unwrap_or_else(|err| panic!("no {file} of {slug}: {err}"))
    }
}

#[cfg(unix)]
fn link(program: &Path, place: &Path) {
    std::os::unix::fs::symlink(program, place).unwrap();
}

#[cfg(not(unix))]
fn link(program: &Path, place: &Path) {
    fs::copy(program, place).unwrap();
}
