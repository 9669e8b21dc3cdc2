//! Serves the repositories of a folder over smart HTTP until standard input closes.
//!
//! `lab-http-host --root DIR [--port N] [--rtt-ms N] [--user NAME --password WORD]` prints the address
//! of the root on standard output. With `--seed N --faults N` things go wrong with that many of 1000
//! pushes, and `--fault-log FILE` gets a line for each. With `--dies at-first-push` the process ends when
//! the first push is done and not answered.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the address and complaints go to the caller")]

use std::fs::File;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use agentsync_lab::http::fault::{self, Fault, FaultHook};
use agentsync_lab::http::login::Login;
use agentsync_lab::http::{HostOptions, HttpHost};

const USAGE: &str = "usage: lab-http-host --root DIR [--port N] [--rtt-ms N] [--user NAME --password WORD]\n\
                     \x20                    [--seed N --faults N [--fault-log FILE] | --dies at-first-push]";

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
    let (mut root, mut rtt, mut port, mut user, mut password) = (None, Duration::ZERO, 0, None, None);
    let (mut seed, mut rate, mut log, mut dies) = (0, 0, None, false);
    while let Some(flag) = args.next() {
        let value = args.next().ok_or_else(|| format!("`{flag}` needs a value"))?;
        match flag.as_str() {
            "--root" => root = Some(value),
            "--port" => port = parse_number(&value)?,
            "--rtt-ms" => rtt = Duration::from_millis(parse_number(&value)?),
            "--user" => user = Some(value),
            "--password" => password = Some(value),
            "--seed" => seed = parse_number(&value)?,
            "--faults" => rate = parse_number(&value)?,
            "--fault-log" => log = Some(open_log(&value)?),
            "--dies" if value == "at-first-push" => dies = true,
            _ => return Err(format!("`{flag}` is not known")),
        }
    }
    let root = root.ok_or("`--root` is missing")?;
    let login = user.zip(password).map(|(user, password)| Login { user, password });
    let hook = if dies { fault::every_push(Fault::Die) } else { fault::by_chance(seed, rate) };
    let fault = logged(hook, log);
    Ok(HostOptions { port, rtt, login, fault, ..HostOptions::new(root) })
}

fn parse_number<T: FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{value}` is no number that fits"))
}

fn open_log(path: &str) -> Result<File, String> {
    let opened = File::options().create(true).append(true).open(path);
    opened.map_err(|err| format!("cannot open `{path}`: {err}"))
}

/// Lets `hook` decide, and writes down what it let go wrong.
fn logged(hook: FaultHook, log: Option<File>) -> FaultHook {
    let Some(log) = log else { return hook };
    Box::new(move |head, position| {
        let fault = hook(head, position);
        if fault != Fault::None {
            // Whoever counts the lines counts one too few.
            let _ = (&log).write_all(format!("{}\n", fault.name()).as_bytes());
        }
        fault
    })
}
