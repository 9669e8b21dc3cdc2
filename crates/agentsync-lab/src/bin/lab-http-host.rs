//! Serves the repositories of a folder over smart HTTP until standard input closes.
//!
//! `lab-http-host --root DIR [--rtt-ms N] [--user NAME --password WORD]` prints the address of the
//! root on standard output.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the address and complaints go to the caller")]

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use agentsync_lab::http::login::Login;
use agentsync_lab::http::{HostOptions, HttpHost};

const USAGE: &str = "usage: lab-http-host --root DIR [--rtt-ms N] [--user NAME --password WORD]";

fn main() -> ExitCode {
    let options = match parse_args(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(err) => {
            eprintln!("{err}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let host = HttpHost::start(options);
    println!("{}", host.url(""));
    // The caller may have closed its end already; then there is nobody to serve.
    let _ = io::stdout().flush();
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    ExitCode::SUCCESS
}

fn parse_args(mut args: impl Iterator<Item = String>) -> Result<HostOptions, String> {
    let (mut root, mut rtt, mut user, mut password) = (None, Duration::ZERO, None, None);
    while let Some(flag) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{flag}` needs a value"))?;
        match flag.as_str() {
            "--root" => root = Some(value),
            "--rtt-ms" => {
                let millis = value.parse().map_err(|_| format!("`{value}` is no number of milliseconds"))?;
                rtt = Duration::from_millis(millis);
            }
            "--user" => user = Some(value),
            "--password" => password = Some(value),
            _ => return Err(format!("`{flag}` is not known")),
        }
    }
    let root = root.ok_or("`--root` is missing")?;
    let login = user.zip(password).map(|(user, password)| Login { user, password });
    Ok(HostOptions { rtt, login, ..HostOptions::new(root) })
}
