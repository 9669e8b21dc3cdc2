#!/bin/sh
# Stands in for agentsync where the lab tests itself: shows what it was given, and echoes as a server.
set -eu

case ${1-} in
env)
    env | LC_ALL=C sort
    exit 0
    ;;
cat)
    cat
    exit 1
    ;;
mcp) ;;
*) exit 2 ;;
esac

while read -r line; do
    id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    case $line in
    *fail*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"no"}}\n' "$id" ;;
    *quit*)
        echo 'giving up' >&2
        exit 3
        ;;
    *)
        [ -n "$id" ] || id=0
        printf '{"jsonrpc":"2.0","method":"notifications/heard","params":%s}\n' "$line"
        if [ "$id" != 0 ]; then
            printf '{"jsonrpc":"2.0","id":%s,"result":{"structuredContent":{"line":%s}}}\n' "$id" "$line"
        fi
        ;;
    esac
done
