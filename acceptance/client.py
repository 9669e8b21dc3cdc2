"""Plays steps.json through the Python client, in the mode that the first argument names: auto or legacy."""

import asyncio
import json
import os
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters

HERE = Path(__file__).parent
HINTS = ["read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint"]
n_checks = 0


def check(condition, what):
    global n_checks
    n_checks += 1
    if not condition:
        sys.exit(f"not so: {what}")


def at(value, pointer):
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def server(agent):
    env = dict(os.environ)
    clone = os.environ[agent.upper()]
    arguments = ["mcp", "--agent", agent, "--repo", clone]
    return StdioServerParameters(command=os.environ["AGENTSYNC_BIN"], args=arguments, env=env)


async def look_around(client, plan):
    check(client.server_info.name == "agentsync", "the server's name")
    check(len(client.instructions) < 2048, "short instructions")
    tools = (await client.list_tools()).tools
    check([tool.name for tool in tools] == plan["tools"], [tool.name for tool in tools])
    for tool in tools:
        check(tool.output_schema is not None, f"an output schema of {tool.name}")
        for hint in HINTS:
            check(getattr(tool.annotations, hint) is not None, f"{hint} of {tool.name}")
    resources = (await client.list_resources()).resources
    check([str(one.uri) for one in resources] == ["agentsync://board", "agentsync://history"], "the resources")
    for one in resources:
        content = (await client.read_resource(str(one.uri))).contents[0]
        check(json.loads(content.text), f"{one.uri} is JSON")
    templates = (await client.list_resource_templates()).resource_templates
    check(templates[0].uri_template == "agentsync://claims/{agent}", "the template")
    prompts = (await client.list_prompts()).prompts
    check([prompt.name for prompt in prompts] == ["playbook"], "the prompt")
    playbook = await client.get_prompt("playbook")
    check("claim" in playbook.messages[0].content.text, "what the playbook says")


async def main(mode):
    plan = json.loads((HERE / "steps.json").read_text())
    async with Client(server("alice"), mode=mode) as alice, Client(server("bob"), mode=mode) as bob:
        await look_around(alice, plan)
        for step in plan["steps"]:
            client = {"alice": alice, "bob": bob}[step["as"]]
            # The client itself holds the structured content against the output schema.
            result = await client.call_tool(step["tool"], step["arguments"])
            if "error" in step:
                check(result.is_error, f"{step} is an error")
                answer = json.loads(result.content[0].text)
                check(answer["code"] == step["error"] and answer["error"] and answer["fix"], answer)
                continue
            answer = result.structured_content
            check(not result.is_error, answer)
            check(answer["next"], "the next call")
            for pointer, want in step["want"].items():
                check(at(answer, pointer) == want, f"{step['tool']} {pointer}: {answer}")
        print(f"ok {n_checks} checks, protocol {alice.protocol_version}")


asyncio.run(main(sys.argv[1]))
