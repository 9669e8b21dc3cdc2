// Plays steps.json through a TypeScript client: v1 of the SDK or v2, as the first argument says.
// Run with the folder of the packages as the second argument.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [version, packages] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${packages}/package.json`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client, StdioClientTransport } =
  version === "v1"
    ? {
        ...(await load("@modelcontextprotocol/sdk/client/index.js")),
        ...(await load("@modelcontextprotocol/sdk/client/stdio.js")),
      }
    : { ...(await load("@modelcontextprotocol/client")), ...(await load("@modelcontextprotocol/client/stdio")) };

let nChecks = 0;
function check(condition, what) {
  nChecks += 1;
  if (!condition) {
    console.error("not so:", what);
    process.exit(1);
  }
}

const at = (value, pointer) => pointer.split("/").slice(1).reduce((value, part) => value[part], value);

async function connect(agent) {
  const client = new Client({ name: `acceptance-${version}`, version: "1.0.0" });
  const args = ["mcp", "--agent", agent, "--repo", process.env[agent.toUpperCase()]];
  await client.connect(new StdioClientTransport({ command: process.env.AGENTSYNC_BIN, args, env: process.env }));
  return client;
}

async function lookAround(client, plan) {
  check(client.getServerVersion().name === "agentsync", "the server's name");
  const { tools } = await client.listTools();
  check(JSON.stringify(tools.map((tool) => tool.name)) === JSON.stringify(plan.tools), tools.map((tool) => tool.name));
  for (const tool of tools) {
    check(tool.outputSchema, `an output schema of ${tool.name}`);
    for (const hint of ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]) {
      check(typeof tool.annotations[hint] === "boolean", `${hint} of ${tool.name}`);
    }
  }
  const { resources } = await client.listResources();
  check(resources.map((one) => one.uri).join() === "agentsync://board,agentsync://history", resources);
  for (const { uri } of resources) {
    check(JSON.parse((await client.readResource({ uri })).contents[0].text), `${uri} is JSON`);
  }
  check((await client.listResourceTemplates()).resourceTemplates.length === 1, "the template");
  check((await client.listPrompts()).prompts[0].name === "playbook", "the prompt");
  const playbook = await client.getPrompt({ name: "playbook" });
  check(playbook.messages[0].content.text.includes("claim"), "what the playbook says");
}

const plan = JSON.parse(readFileSync(new URL("steps.json", import.meta.url)));
const clients = { alice: await connect("alice"), bob: await connect("bob") };
await lookAround(clients.alice, plan);
for (const step of plan.steps) {
  // The client itself holds the structured content against the output schema.
  const result = await clients[step.as].callTool({ name: step.tool, arguments: step.arguments });
  if (step.error) {
    const failure = JSON.parse(result.content[0].text);
    check(result.isError && failure.code === step.error && failure.error && failure.fix, [step, result]);
    continue;
  }
  const answer = result.structuredContent;
  check(!result.isError && answer.next, [step, result]);
  for (const [pointer, want] of Object.entries(step.want)) {
    check(at(answer, pointer) === want, [step.tool, pointer, answer]);
  }
}
for (const client of Object.values(clients)) {
  await client.close();
}
console.log(`ok ${nChecks} checks`);
