// Asks agentsync before a tool writes, and tells the agent what it should know. Written by
// `agentsync install opencode`; `agentsync uninstall opencode` takes it away.
import { spawnSync } from "node:child_process"

const ask = (event: string, directory: string, session: string, tool = "", args: unknown = {}) => {
  const input = JSON.stringify({
    hook_event_name: event,
    session_id: session,
    cwd: directory,
    tool_name: tool,
    tool_input: args,
  })
  const ran = spawnSync("agentsync", ["hook", "opencode"], { input, cwd: directory, encoding: "utf8", timeout: 20000 })
  if (ran.error || ran.status !== 0) {
    console.error(`agentsync: this edit was not checked: ${ran.error?.message ?? ran.stderr}`)
    return {}
  }
  try {
    return JSON.parse(ran.stdout)
  } catch {
    console.error("agentsync: this edit was not checked: the answer is not JSON")
    return {}
  }
}

export const Agentsync = async ({ directory }: { directory: string }) => ({
  event: async ({ event }: { event: { type: string; properties?: any } }) => {
    const session = event.properties?.info?.id ?? event.properties?.sessionID ?? ""
    if (event.type === "session.created") ask("SessionStart", directory, session)
    if (event.type === "session.idle") ask("session.idle", directory, session)
    if (event.type === "session.deleted") ask("SessionEnd", directory, session)
  },
  "tool.execute.before": async (input: any, output: any) => {
    const answer = ask("tool.execute.before", directory, input.sessionID ?? "", input.tool, output.args)
    if (answer.deny) throw new Error(answer.deny)
  },
  "tool.execute.after": async (input: any, output: any) => {
    const answer = ask("tool.execute.after", directory, input.sessionID ?? "", input.tool, input.args)
    if (answer.context && typeof output.output === "string") output.output += `\n\n${answer.context}`
  },
})
