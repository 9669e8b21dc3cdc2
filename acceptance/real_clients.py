"""Drives a real client, headless and offline, with a scripted model on loopback; says what reached the model.

    real_clients.py claude|codex PROGRAM CLIENT

The client works in alice's clone, with the hooks and the server that `agentsync install` writes; bob holds
`src/auth.rs` and `src/models`. The model claims through MCP, edits what bob holds, edits what is free, and has the
shell write behind everybody's back.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kind, program, client = sys.argv[1:4]
root = tempfile.mkdtemp(prefix="agentsync-client-")
alice = os.path.join(root, "alice")
seen = []
keep = os.environ.get("KEEP")

SHELL_WRITE = "python3 -c \"open('src/models/user.rs','w').write('x')\""
PATCH_HELD = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: src/auth.rs\n+x\n*** End Patch\nEOF\n"
PATCH_FREE = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: notes/free.md\n+free\n*** End Patch\nEOF\n"


def base_env(agent):
    home = os.path.join(root, "home", agent)
    os.makedirs(home, exist_ok=True)
    path = os.pathsep.join([os.path.dirname(program), os.environ["PATH"]])
    return {
        "PATH": path,
        "HOME": home,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": agent,
        "GIT_AUTHOR_EMAIL": f"{agent}@client.example",
        "GIT_COMMITTER_NAME": agent,
        "GIT_COMMITTER_EMAIL": f"{agent}@client.example",
    }


def run(agent, *command, cwd=None, check=True, **more):
    done = subprocess.run(command, cwd=cwd or root, env=base_env(agent), capture_output=True, text=True, **more)
    if check and done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def set_up():
    run("alice", "git", "init", "--quiet", "--bare", "--initial-branch=main", "hub.git")
    run("alice", "git", "clone", "--quiet", "hub.git", "alice")
    for path in ["src/auth.rs", "src/models/user.rs", "README.md"]:
        os.makedirs(os.path.dirname(os.path.join(alice, path)), exist_ok=True)
        with open(os.path.join(alice, path), "w") as file:
            file.write("as it was\n")
    run("alice", "git", "switch", "--quiet", "-c", "main", cwd=alice, check=False)
    run("alice", "git", "add", "--all", cwd=alice)
    run("alice", "git", "commit", "--quiet", "--message", "seed", cwd=alice)
    run("alice", "git", "push", "--quiet", "origin", "HEAD:refs/heads/main", cwd=alice)
    run("bob", "git", "clone", "--quiet", "hub.git", "bob")
    for agent in ["alice", "bob"]:
        run(agent, "git", "config", "agentsync.agent", agent, cwd=os.path.join(root, agent))
    run("bob", program, "claim", "harden the login", "src/auth.rs", "src/models", cwd=os.path.join(root, "bob"))
    name = {"claude": "claude-code", "codex": "codex"}[kind]
    run("alice", program, "install", name, "--yes", cwd=alice)


def event(name, data):
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def claude_step(request):
    """Answers one request of Claude Code with the next step of the script."""
    results = sum(
        1
        for message in request["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
        if block.get("type") == "tool_result"
    )
    tools = [tool.get("name") for tool in request.get("tools", [])]
    steps = [
        ("mcp__agentsync__claim", {"task": "write the guide", "touches": ["docs"]}),
        ("Write", {"file_path": os.path.join(alice, "src/auth.rs"), "content": "mine now\n"}),
        ("Write", {"file_path": os.path.join(alice, "notes/free.md"), "content": "free\n"}),
        ("Bash", {"command": SHELL_WRITE, "description": "generate"}),
    ]
    body = event("message_start", {"type": "message_start", "message": {
        "id": "msg", "type": "message", "role": "assistant", "model": request.get("model", "m"), "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}})
    if "Write" in tools and results < len(steps):
        name, arguments = steps[results]
        block = {"type": "tool_use", "id": f"toolu_{results}", "name": name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
        reason = "tool_use"
    else:
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": "done"}
        reason = "end_turn"
    body += event("content_block_start", {"type": "content_block_start", "index": 0, "content_block": block})
    body += event("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta})
    body += event("content_block_stop", {"type": "content_block_stop", "index": 0})
    body += event("message_delta", {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
                                    "usage": {"output_tokens": 1}})
    return body + event("message_stop", {"type": "message_stop"})


def codex_step(request):
    """Answers one request of Codex with the next step of the script."""
    outputs = sum(1 for item in request["input"] if item.get("type", "").endswith("call_output"))
    tools = {tool.get("name"): tool for tool in request.get("tools", [])}

    def shell(command):
        if "exec_command" in tools:
            return {"type": "function_call", "name": "exec_command", "arguments": json.dumps({"cmd": command})}
        if "shell_command" in tools:
            return {"type": "function_call", "name": "shell_command", "arguments": json.dumps({"command": command})}
        words = ["bash", "-lc", command]
        return {"type": "function_call", "name": "shell", "arguments": json.dumps({"command": words})}

    def patch(command):
        if "apply_patch" in tools:
            body = command.split("\n", 1)[1].rsplit("EOF", 1)[0]
            return {"type": "custom_tool_call", "name": "apply_patch", "input": body}
        return shell(command)

    claim = {"task": "write the guide", "touches": ["docs"]}
    steps = [
        {"type": "function_call", "namespace": "mcp__agentsync", "name": "claim", "arguments": json.dumps(claim)},
        patch(PATCH_HELD),
        patch(PATCH_FREE),
        shell(SHELL_WRITE),
    ]
    if outputs < len(steps):
        item = {"id": f"item_{outputs}", "call_id": f"call_{outputs}", "status": "completed", **steps[outputs]}
    else:
        item = {"id": "msg", "type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "done", "annotations": []}]}
    response = {"id": "resp", "object": "response", "status": "completed", "output": [item],
                "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
    body = event("response.created", {"type": "response.created", "response": {"id": "resp"}})
    body += event("response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item})
    return body + event("response.completed", {"type": "response.completed", "response": response})


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, content_type):
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_HEAD(self):
        self.answer("", "text/plain")

    def do_GET(self):
        self.answer(json.dumps({"data": [], "models": []}), "application/json")

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            request = json.loads(text)
        except ValueError:
            return self.answer("{}", "application/json")
        if "count_tokens" in self.path:
            return self.answer(json.dumps({"input_tokens": 1}), "application/json")
        seen.append(request)
        if self.path.split("?")[0].endswith("/messages"):
            return self.answer(claude_step(request), "text/event-stream")
        if self.path.split("?")[0].endswith("/responses"):
            return self.answer(codex_step(request), "text/event-stream")
        self.answer("{}", "application/json")


def start_claude(port):
    env = base_env("alice") | {
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
        "ANTHROPIC_API_KEY": "fake",
        "DISABLE_TELEMETRY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    command = [client, "-p", "go", "--mcp-config", ".mcp.json", "--strict-mcp-config", "--permission-mode", "acceptEdits",
               "--allowedTools", "mcp__agentsync__claim,Bash", "--output-format", "json"]
    return command, env


def start_codex(port):
    home = os.path.join(root, "home/alice/.codex")
    os.makedirs(home, exist_ok=True)
    with open(os.path.join(home, "config.toml"), "w") as file:
        file.write(f"""model = "scripted"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
[projects."{alice}"]
trust_level = "trusted"
[mcp_servers.agentsync]
command = "{program}"
args = ["mcp"]
default_tools_approval_mode = "approve"
""")
    command = [client, "exec", "--dangerously-bypass-hook-trust", "--skip-git-repo-check", "go"]
    return command, base_env("alice")


def check(what, is_so, detail=""):
    if not is_so:
        raise SystemExit(f"not so: {what}\n{detail}")
    print(f"ok  {what}")


def read(path):
    try:
        with open(os.path.join(alice, path)) as file:
            return file.read()
    except OSError:
        return None


try:
    set_up()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command, env = (start_claude if kind == "claude" else start_codex)(server.server_address[1])
    done = subprocess.run(command, cwd=alice, env=env, capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL)
    everything = json.dumps(seen)
    tail = (done.stdout + done.stderr)[-3000:]
    if keep:
        with open("/tmp/agentsync-client-requests.json", "w") as file:
            json.dump(seen, file, indent=1)
    check("the client ran to its end", done.returncode == 0, tail)
    check("the session was told the board", "here you are alice" in everything, tail)
    bare = everything.replace("\\", "").replace(" ", "")
    check("the claim through MCP was answered, and the model saw it", '"status":"claimed"' in bare, tail)
    check("the edit of a held file was refused, with the reason reaching the model",
          "src/auth.rs is claimed by bob" in everything, tail)
    check("the held file is as it was", read("src/auth.rs") == "as it was\n", read("src/auth.rs"))
    check("the free file was written", read("notes/free.md") == "free\n", tail)
    check("the write behind everybody's back happened", read("src/models/user.rs") == "x", tail)
    check("it was noticed at once, and the model was told",
          "src/models/user.rs is claimed by bob" in everything, tail)
    for _ in range(120):
        board = json.loads(run("bob", program, "survey", "--json", cwd=os.path.join(root, "bob")))
        mine = board["partners"].get("alice", {})
        if "notes/free.md" in mine.get("touches", []):
            break
        time.sleep(0.5)
    check("the free file was claimed by its edit, under the claim made through MCP",
          mine.get("task") == "write the guide" and "notes/free.md" in mine["touches"], json.dumps(board, indent=1))
    print(f"{kind}: claimed, refused, written, noticed")
finally:
    for session in os.listdir(os.path.join(root, "home")) if os.path.isdir(os.path.join(root, "home")) else []:
        desks = os.path.join(root, session, ".git/agentsync/desk")
        shutil.rmtree(desks, ignore_errors=True)
    time.sleep(1)
    if not keep:
        shutil.rmtree(root, ignore_errors=True)
