"""Times hooks on a board of many claims; see scripts/bench-hook."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--rounds", type=int, default=200)
parser.add_argument("--claims", type=int, default=1000)
parser.add_argument("--limit", type=float)
args = parser.parse_args()

work = None
root = tempfile.mkdtemp(prefix="agentsync-bench-hook-")
env = {
    "PATH": os.environ["PATH"],
    "HOME": root,
    "GIT_CONFIG_NOSYSTEM": "1",
    "AGENTSYNC_AGENT_ID": "alice",
    "AGENTSYNC_UNCLAIMED": "off",
}


def run(*command, cwd=root, feed=None):
    done = subprocess.run(command, cwd=cwd, env=env, input=feed, capture_output=True, check=True, text=True)
    return done.stdout


def claim(n):
    return {
        "task": f"work on package {n}",
        "touches": [f"packages/p{n}/src/m{m}.rs" for m in range(4)] + [f"packages/p{n}/tests/**"],
        "requires": ["packages/base"],
        "branch": f"agent-{n}/work",
        "status": "in-progress",
        "updated_at": "2026-11-23T20:15:00.123456+00:00",
        "instance": f"{n:08x}",
        "note": None,
        "op": f"{n:032x}",
        "generation": n + 1,
    }


def set_up():
    run("git", "config", "--global", "user.name", "bench")
    run("git", "config", "--global", "user.email", "bench@bench.example")
    run("git", "config", "--global", "init.defaultBranch", "main")
    run("git", "init", "--quiet", "--bare", "hub.git")
    run("git", "clone", "--quiet", "hub.git", "seed")
    seed = os.path.join(root, "seed")
    run("git", "commit", "--quiet", "--allow-empty", "--message", "seed", cwd=seed)
    run("git", "push", "--quiet", "origin", "HEAD:refs/heads/main", cwd=seed)
    run("git", "switch", "--quiet", "--orphan", "agentsync", cwd=seed)
    board = {"claims": {f"agent-{n}": claim(n) for n in range(args.claims)}, "generation": args.claims}
    with open(os.path.join(seed, "claims.json"), "w") as file:
        file.write(json.dumps(board, indent=2) + "\n")
    run("git", "add", "claims.json", cwd=seed)
    run("git", "commit", "--quiet", "--message", "board", cwd=seed)
    run("git", "push", "--quiet", "origin", "agentsync", cwd=seed)
    run("git", "clone", "--quiet", "hub.git", "work")
    return os.path.join(root, "work")


def event(name, **more):
    return json.dumps({"session_id": "bench", "cwd": work, "hook_event_name": name, **more}).encode()


def edit(path):
    tool_input = {"file_path": os.path.join(work, path), "content": "x"}
    return event("PreToolUse", tool_name="Write", tool_input=tool_input)


def timed(command, feed):
    """Runs a program once, from its start to its end, and returns the milliseconds and what it said."""
    read_end, write_end = os.pipe()
    os.write(write_end, feed)
    os.close(write_end)
    out_read, out_write = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, read_end, 0),
        (os.POSIX_SPAWN_DUP2, out_write, 1),
        (os.POSIX_SPAWN_CLOSE, out_read),
    ]
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], command, env, file_actions=actions)
    os.waitpid(pid, 0)
    took = (time.perf_counter() - began) * 1000
    os.close(out_write)
    os.close(read_end)
    said = os.read(out_read, 65536).decode()
    os.close(out_read)
    return took, said


def series(name, command, feeds, want):
    times = []
    for n in range(args.rounds):
        took, said = timed(command, feeds(n))
        assert want in said, f"{name}: {said}"
        times.append(took)
    times.sort()
    median = statistics.median(times)
    print(f"| {name} | {median:.1f} | {times[int(len(times) * 0.95)]:.1f} | {times[0]:.1f} |")
    return median


try:
    work = set_up()
    hook = [args.program, "hook", "claude-code"]
    run(*hook, cwd=work, feed=event("SessionStart").decode())
    # A claim of one's own, away from all others.
    run(args.program, "claim", "the guide", "docs", cwd=work)
    true = shutil.which("true")
    print(f"{args.claims} claims, {args.rounds} rounds; milliseconds from the start of the process to its end\n")
    print("| | median | 95th | least |\n|---|---|---|---|")
    series("a program that does nothing", [true], lambda n: b"", "")
    series("agentsync --version", [args.program, "--version"], lambda n: b"", "agentsync")
    medians = [
        series("an edit that is refused", hook, lambda n: edit(f"packages/p{n % args.claims}/src/m1.rs"), "deny"),
        series("an edit of one's own", hook, lambda n: edit("docs/guide.md"), "{}"),
        series("an edit of a free path", hook, lambda n: edit(f"notes/n{n % 20}.md"), "{}"),
        series(
            "a shell command",
            hook,
            lambda n: event("PreToolUse", tool_name="Bash", tool_input={"command": "cargo test && echo x > notes/n1.md"}),
            "{}",
        ),
        series("news after an edit", hook, lambda n: event("PostToolUse", tool_name="Write", tool_input={"file_path": "x"}), "{}"),
    ]
    if args.limit and max(medians) > args.limit:
        raise SystemExit(f"the slowest median is {max(medians):.1f} ms, more than {args.limit}")
finally:
    work and subprocess.run([args.program, "hook", "claude-code"], cwd=work, env=env, input=event("SessionEnd"), capture_output=True)
    time.sleep(0.5)
    shutil.rmtree(root, ignore_errors=True)
