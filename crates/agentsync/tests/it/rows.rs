//! The table of faults (`docs/reliability/rows.md`), on the real thing: one test or more for each row
//! that has none nearer to the code it is about.

mod cves;
mod local;
mod paths;
mod remote;
mod state_file;
mod table;
mod text;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use crate::PROGRAM;

/// A hub with alice and bob around it.
fn two() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    (lab, alice, bob)
}

/// Runs the program and returns its answer, which must end with `code`.
#[track_caller]
fn run(agent: &Checkout, args: &[&str], code: i32) -> Value {
    agent.agentsync(&[args, &["--json"]].concat()).expect_code(code).json()
}

/// Returns one check of the doctor's list: its verdict, and what it says with its fix.
#[track_caller]
fn examined(agent: &Checkout, check: &str) -> (String, String) {
    let report = agent.agentsync(&["doctor", "--json"]).json();
    let found = report["checks"].as_array().unwrap().iter().find(|found| found["check"] == check).unwrap();
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), format!("{} {}", text("said"), text("fix")))
}

/// Makes a file or folder an hour old.
fn age(path: &Path) {
    File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

fn wait_until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "it never came to that");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Writes a script that anybody can run.
fn write_script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A small disk of its own, which can be filled and made read-only. Only root can have one.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts a disk of `size` at a new folder; `None`, said aloud, where that is not allowed.
    fn mount(path: PathBuf, size: &str) -> Option<Disk> {
        std::fs::create_dir_all(&path).unwrap();
        let size = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "agentsync-lab"]).arg(&path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Disk { path });
        }
        println!("not tried: nobody but root may mount a small disk");
        None
    }

    fn remount(&self, mode: &str) {
        let option = format!("remount,{mode}");
        let done = Command::new("mount").args(["-o", &option]).arg(&self.path).status();
        assert!(done.unwrap().success());
    }

    /// Writes until nothing more goes in.
    fn fill(&self) -> PathBuf {
        use std::io::Write as _;
        let path = self.path.join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [4096, 512, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}
