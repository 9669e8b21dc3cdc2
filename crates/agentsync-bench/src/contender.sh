#!/usr/bin/env bash
# What a plain shell reaches: fetch, decide, push, retry with full jitter. Plumbing alone, in a private
# bare repository that holds the one reference, with the flags that make git quick.
#
# contender.sh GIT_DIR URL AGENT LONGEST_PAUSE_MS DEADLINE_S: claims each file named on a line of standard
# input, and answers `granted TRIES`, `blocked TRIES` or `gave-up TRIES`.
set -uo pipefail
dir=$1 url=$2 agent=$3 longest=$4 deadline=$5
ref=refs/heads/agentsync
g=(git --git-dir="$dir" -c maintenance.auto=false -c gc.auto=0)
export GIT_AUTHOR_NAME=$agent GIT_AUTHOR_EMAIL=$agent@lab.example
export GIT_COMMITTER_NAME=$agent GIT_COMMITTER_EMAIL=$agent@lab.example
fetch() {
    "${g[@]}" fetch --quiet --no-tags --no-auto-maintenance --no-write-fetch-head --no-recurse-submodules \
        --refmap= "$url" "+$ref:refs/shell/tip" 2>/dev/null
    tip=$("${g[@]}" rev-parse --quiet --verify refs/shell/tip)
}
claim() {
    local file=$1 tries=0 until=$((SECONDS + deadline)) claims rest line blob tree commit pause parent=()
    while [ $SECONDS -lt $until ]; do
        fetch
        claims=
        [ -z "$tip" ] || claims=$("${g[@]}" cat-file blob "$tip:claims")
        rest=
        while IFS= read -r line; do
            case $line in
            '' | "$agent "*) ;;
            *" $file") echo "blocked $tries" && return ;;
            *) rest+=$line$'\n' ;;
            esac
        done <<<"$claims"
        blob=$(printf '%s%s\n' "$rest" "$agent $file" | "${g[@]}" hash-object -w --stdin)
        tree=$(printf '100644 blob %s\tclaims\n' "$blob" | "${g[@]}" mktree)
        parent=()
        [ -z "$tip" ] || parent=(-p "$tip")
        commit=$("${g[@]}" commit-tree "$tree" "${parent[@]}" -m "$agent claims $file")
        tries=$((tries + 1))
        if "${g[@]}" push --quiet --porcelain --no-verify --force-with-lease="$ref:$tip" "$url" "$commit:$ref" >/dev/null 2>&1; then
            "${g[@]}" update-ref refs/shell/tip "$commit"
            echo "granted $tries"
            return
        fi
        # The first refusal says that the board was old; later ones are a crowd.
        pause=$((RANDOM % longest))
        [ $tries -eq 1 ] || sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
    done
    echo "gave-up $tries"
}
while IFS= read -r file; do claim "$file"; done
