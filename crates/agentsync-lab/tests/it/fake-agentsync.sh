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
*) exit 2 ;;
esac
