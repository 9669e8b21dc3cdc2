#!/usr/bin/env bash
# Goes through the server with the Inspector's command line; --strict refuses schemas that some clients cannot use.
set -euo pipefail
cd "$(dirname "$0")"
. ./lab.sh
n_checks=0

inspect() {
    "$NODE" "$PACKAGES/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js" --cli \
        "$AGENTSYNC_BIN" mcp --agent alice --repo "$ALICE" "$@"
}

# Checks that an answer holds a text.
holds() {
    local want=$1 said
    shift
    said=$(inspect "$@")
    case $said in
    *"$want"*) n_checks=$((n_checks + 1)) ;;
    *) echo "not so: $* holds $want: $said" >&2; exit 1 ;;
    esac
}

holds '"update_status"' --method tools/list --strict
call() { holds "$1" --method tools/call --tool-name "$2" "${@:3}"; }
call '"my_claim": null' survey
call '"status": "claimed"' claim --tool-arg task=x --tool-arg 'touches=["src/a.rs"]'
call '"status": "updated"' update_status --tool-arg status=planning
call '"my_tip"' check_conflicts
call '"pr_failed"' finish
call '"count": 2' history
call '"posted"' mailbox --tool-arg message=hello
call '"released"' release
holds 'agentsync://board' --method resources/list
holds 'hello' --method resources/read --uri agentsync://board
holds 'playbook' --method prompts/list
holds 'survey' --method prompts/get --prompt-name playbook
echo "ok $n_checks checks"
