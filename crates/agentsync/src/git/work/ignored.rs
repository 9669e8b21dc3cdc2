//! Which paths git ignores.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::git::user_repo::UserRepo;

/// How long the question may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How many paths are asked about in one call.
const MAX_PATHS: usize = 500;

/// Returns those of `paths` that git ignores; none when it cannot say.
pub(super) fn ignored(user: &UserRepo, paths: &[String]) -> BTreeSet<String> {
    let Some(root) = &user.work_dir else { return BTreeSet::new() };
    let ask = |paths: &[String]| {
        let git = user.git(LIMIT);
        let call = git.at(&user.git_dir).work_tree(root).config("core.quotePath=false");
        let call = call.args(["check-ignore", "--"]).args(paths);
        // Code 1 says that none is.
        call.run().map(|output| output.text()).unwrap_or_default()
    };
    let said: Vec<String> = paths.chunks(MAX_PATHS).map(ask).collect();
    said.iter().flat_map(|text| text.lines()).filter(|path| !path.is_empty()).map(str::to_owned).collect()
}
