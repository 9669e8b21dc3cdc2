//! Conclusions about signatures: our key, the file of signers, and whether they are asked for.

use super::Check;
use crate::app::ports::audit::SigningFacts;

/// Concludes how signing is set up.
pub(super) fn check(facts: &SigningFacts) -> Check {
    let signers = match &facts.signers {
        None => "no .agentsync/allowed_signers on the default branch".to_owned(),
        Some(Ok(n_keys)) => format!("{n_keys} keys in .agentsync/allowed_signers"),
        Some(Err(why)) => {
            return Check::bad(
                "signing",
                why.clone(),
                "read the file on the default branch, then pin it anew",
            );
        }
    };
    match (&facts.key, &facts.signers, facts.is_required) {
        (Some(Err((why, fix))), ..) => Check::bad("signing", why.clone(), fix.clone()),
        (_, None, true) => Check::bad(
            "signing",
            format!("signatures are required, and there are {signers}"),
            "commit that file on the default branch: `AGENT namespaces=\"git\" PUBLIC-KEY`, a line for each",
        ),
        (None, _, true) => Check::bad(
            "signing",
            "signatures are required, and our own commits are not signed",
            "git config agentsync.sign ssh",
        ),
        (None, _, false) => Check::skipped("signing", format!("off; {signers}")),
        (Some(Ok(key)), ..) => Check::ok("signing", format!("with {key}; {signers}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::doctor::Verdict;

    #[track_caller]
    fn check_verdict(
        key: Option<Result<&str, &str>>,
        n_keys: Option<usize>,
        is_required: bool,
        want: Verdict,
    ) {
        let key = key.map(|key| key.map(str::to_owned).map_err(|why| (why.to_owned(), String::new())));
        let found = check(&SigningFacts { key, signers: n_keys.map(Ok), is_required });
        assert_eq!(found.verdict, want, "{found:?}");
    }

    #[test]
    fn signing_is_optional_until_it_is_required() {
        check_verdict(None, None, false, Verdict::Skipped);
        check_verdict(None, Some(2), true, Verdict::Bad);
        check_verdict(Some(Ok("key")), Some(2), true, Verdict::Ok);
        check_verdict(Some(Ok("key")), None, true, Verdict::Bad);
        check_verdict(Some(Err("no agent")), Some(2), false, Verdict::Bad);
    }
}
