#!/usr/bin/env bash
# Runs the official conformance suite, as one revision requires it, against the server over HTTP.
set -euo pipefail
revision=$1
cd "$(dirname "$0")"
here=$PWD
. ./lab.sh
cd "$ALICE"
AGENTSYNC_AGENT_ID=alice "$CONFORMANCE_BIN" >"$LAB/url" &
server=$!
trap 'kill $server; rm -rf "$LAB"' EXIT
for _ in $(seq 100); do
    [ -s "$LAB/url" ] && break
    sleep 0.05
done
cd "$LAB"
expected=()
# Nothing is expected to fail of the older revision; its run would call the lines of the newer one stale.
[ "$revision" = 2025-11-25 ] || expected=(--expected-failures "$here/expected-failures.yml")
if ! "$NODE" "$PACKAGES/node_modules/.bin/conformance" server --url "$(cat url)" --requirements "$revision" \
    "${expected[@]}" >"$LAB/said" 2>&1; then
    sed -n '/=== SUMMARY/,$p' "$LAB/said" >&2
    exit 1
fi
summary=$(sed -n '/=== SUMMARY/,/^Total/p' "$LAB/said")
echo "ok $(grep -c '^✓' <<<"$summary") scenarios pass, $(grep -c '^✗' <<<"$summary" || true) fail as expected or are not scored"
