#!/bin/sh
# Stands in for the GitHub CLI: answers the calls agentsync makes, with real git underneath.
#
# FAKE_GH_STATE names the folder of its state:
#   login              who is logged in; nobody when missing
#   unknown-users      accounts GitHub does not have, one a line
#   broken             what to say, instead of anything else, before failing
#   calls              written here: the arguments of every call, one call a line
#   repos/OWNER/NAME/  path, visibility, description, collaborators, pulls/NUMBER/
# FAKE_GH_LOCAL=1 makes the addresses of repositories local paths. Otherwise they look like
# GitHub's, and url.*.insteadOf in GIT_CONFIG_GLOBAL leads git to the local paths.
set -eu

state=${FAKE_GH_STATE:?fake gh: FAKE_GH_STATE is not set}
host=https://github.com
slug='' head='' base='' title='' body='' draft=false fields='' jq='' wanted='' limit=30
visibility='' source='' remote=origin push=false description='' method=GET include=false
words=''

# --- answers -------------------------------------------------------------------------------------

fail() {
    printf '%s\n' "$1" >&2
    exit "${2:-1}"
}

not_known() {
    fail "fake gh: cannot do: $1" 64
}

# Prints its argument as the inside of a JSON string.
escaped() {
    printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' |
        awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }'
}

string() {
    printf '"%s"' "$(escaped "$1")"
}

# Prints the fields that --json asked for, each looked up by the function named in $1.
object() {
    lookup=$1
    text=''
    for field in $(printf '%s' "$fields" | tr ',' '\n' | LC_ALL=C sort -u); do
        value=$($lookup "$field") || fail "Unknown JSON field: \"$field\""
        text="$text${text:+,}\"$field\":$value"
    done
    printf '{%s}' "$text"
}

# Prints one value of an object without its quotes, as `--jq .field` does.
chosen() {
    lookup=$1
    value=$($lookup "$2") || value=null
    case $value in
    \"*\")
        value=${value#\"}
        printf '%b\n' "${value%\"}"
        ;;
    *) printf '%s\n' "$value" ;;
    esac
}

# Prints an object, whole or through --jq.
answer_object() {
    case $jq in
    '' | .)
        object "$1"
        echo
        ;;
    .[a-zA-Z]*) chosen "$1" "${jq#.}" ;;
    *) not_known "--jq $jq" ;;
    esac
}

# --- state ---------------------------------------------------------------------------------------

login() {
    cat "$state/login"
}

require_login() {
    [ -s "$state/login" ] && [ "${GH_HOST:-github.com}" = github.com ] || fail 'To get started with GitHub CLI, please run:  gh auth login
Alternatively, populate the GH_TOKEN environment variable with a GitHub API authentication token.' 4
}

# Sets repo, the state of a repository, and hub, its bare folder.
find_repo() {
    repo=$state/repos/$slug
    [ -f "$repo/path" ] || return 1
    hub=$(cat "$repo/path")
}

require_repo() {
    [ -n "$slug" ] || slug=$(slug_of_folder)
    find_repo || fail "GraphQL: Could not resolve to a Repository with the name '$slug'. (repository)"
}

# Prints which repository the current folder's origin is.
slug_of_folder() {
    url=$(git config --get remote.origin.url) || fail 'no git remotes found'
    case $url in
    "$host"/*) plain=${url#"$host"/} ;;
    git@github.com:*) plain=${url#git@github.com:} ;;
    ssh://git@github.com/*) plain=${url#ssh://git@github.com/} ;;
    *)
        for file in "$state"/repos/*/*/path; do
            [ -f "$file" ] && [ "$(cat "$file")" = "$url" ] || continue
            plain=${file#"$state"/repos/}
            printf '%s\n' "${plain%/path}"
            return
        done
        fail 'none of the git remotes configured for this repository point to a known GitHub host. To tell gh about a new GitHub host, please use `gh auth login`'
        ;;
    esac
    printf '%s\n' "${plain%.git}"
}

clone_url() {
    if [ "${FAKE_GH_LOCAL:-0}" = 1 ]; then
        printf '%s\n' "$hub"
    else
        printf '%s\n' "$host/$slug.git"
    fi
}

# Leads git from the addresses a repository has on GitHub to its local folder.
redirect() {
    [ "${FAKE_GH_LOCAL:-0}" != 1 ] || return 0
    for url in "$host/$slug.git" "$host/$slug" "git@github.com:$slug.git" "ssh://git@github.com/$slug.git"; do
        git config --file "${GIT_CONFIG_GLOBAL:?fake gh: GIT_CONFIG_GLOBAL is not set}" --add "url.$hub.insteadOf" "$url"
    done
}

# --- auth, api -----------------------------------------------------------------------------------

auth_status() {
    [ -s "$state/login" ] || fail 'You are not logged into any GitHub hosts. To log in, run: gh auth login'
    printf 'github.com\n  ✓ Logged in to github.com account %s (%s)\n' "$(login)" "$state"
    printf '  - Active account: true\n  - Git operations protocol: https\n'
    printf "  - Token: gho_************************************\n  - Token scopes: 'repo', 'workflow'\n"
}

user_field() {
    case $1 in
    login) string "$user" ;;
    id) printf 1 ;;
    type) string User ;;
    html_url) string "$host/$user" ;;
    *) return 1 ;;
    esac
}

# Prints the status line of an API answer when --include asks for it.
api_head() {
    if $include; then
        printf 'HTTP/2.0 %s\r\nContent-Type: application/json; charset=utf-8\r\n\r\n' "$1"
    fi
}

api_not_found() {
    api_head '404 Not Found'
    printf '{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}'
    fail 'gh: Not Found (HTTP 404)'
}

is_unknown() {
    [ -f "$state/unknown-users" ] && grep -qixF -e "$1" "$state/unknown-users"
}

api_user() {
    user=$1
    ! is_unknown "$user" || api_not_found
    api_head '200 OK'
    fields=login,id,type,html_url
    answer_object user_field
}

api_repo() {
    slug=$1
    find_repo || api_not_found
    api_head '200 OK'
    private=false
    [ "$(cat "$repo/visibility")" != PRIVATE ] || private=true
    printf '{"full_name":"%s","private":%s,"html_url":"%s"}\n' "$slug" "$private" "$host/$slug"
}

api_invite() {
    slug=${1%/collaborators/*}
    user=${1##*/}
    find_repo || api_not_found
    ! is_unknown "$user" || api_not_found
    if grep -qixF -e "$user" "$repo/collaborators"; then
        api_head '204 No Content'
        return
    fi
    printf '%s\n' "$user" >>"$repo/collaborators"
    api_head '201 Created'
    printf '{"id":1,"permissions":"write","invitee":{"login":"%s"},"html_url":"%s"}\n' \
        "$user" "$host/$slug/invitations"
}

api() {
    path=${1#/}
    case "$method $path" in
    'GET user') api_user "$(login)" ;;
    'GET users/'*) api_user "${path#users/}" ;;
    'PUT repos/'*/*/collaborators/*) api_invite "${path#repos/}" ;;
    'GET repos/'*/*/*) not_known "gh api $path" ;;
    'GET repos/'*/*) api_repo "${path#repos/}" ;;
    *) not_known "gh api --method $method $path" ;;
    esac
}

# --- repositories --------------------------------------------------------------------------------

repo_field() {
    case $1 in
    name) string "${slug#*/}" ;;
    nameWithOwner) string "$slug" ;;
    owner) printf '{"id":"U_1","login":%s}' "$(string "${slug%/*}")" ;;
    url) if [ "${FAKE_GH_LOCAL:-0}" = 1 ]; then string "$hub"; else string "$host/$slug"; fi ;;
    sshUrl) if [ "${FAKE_GH_LOCAL:-0}" = 1 ]; then string "$hub"; else string "git@github.com:$slug.git"; fi ;;
    description) string "$(cat "$repo/description")" ;;
    visibility) string "$(cat "$repo/visibility")" ;;
    isPrivate) if [ "$(cat "$repo/visibility")" = PRIVATE ]; then printf true; else printf false; fi ;;
    isEmpty) if [ -n "$(git --git-dir "$hub" for-each-ref --count=1)" ]; then printf false; else printf true; fi ;;
    viewerPermission) string ADMIN ;;
    defaultBranchRef) printf '{"name":%s}' "$(string "$(git --git-dir "$hub" symbolic-ref --short HEAD)")" ;;
    *) return 1 ;;
    esac
}

repo_view() {
    [ -z "$1" ] || slug=$1
    require_repo
    if [ -n "$fields" ]; then
        answer_object repo_field
    else
        printf 'name:\t%s\ndescription:\t%s\n' "$slug" "$(cat "$repo/description")"
    fi
}

check_source() {
    [ -n "$source" ] || not_known 'gh repo create without --source'
    git -C "$source" rev-parse --git-dir >/dev/null 2>&1 ||
        fail "current directory is not a git repository. Run \`git init\` to initialize it"
    if $push && ! git -C "$source" rev-parse --verify --quiet HEAD >/dev/null; then
        fail "\`--push\` enabled but no commits found in $source"
    fi
}

repo_create() {
    slug=$1
    case $slug in */*) ;; *) slug=$(login)/$slug ;; esac
    [ -n "$visibility" ] ||
        fail '`--public`, `--private`, or `--internal` required when not running interactively'
    check_source
    ! find_repo || fail 'GraphQL: Name already exists on this account (createRepository)'
    hub=$state/hubs/$slug.git
    git init --quiet --bare --object-format="$(git -C "$source" rev-parse --show-object-format)" "$hub"
    mkdir -p "$repo/pulls"
    printf '%s' "$visibility" >"$repo/visibility"
    printf '%s' "$description" >"$repo/description"
    : >"$repo/collaborators"
    printf '%s' "$hub" >"$repo/path"
    redirect
    printf '%s\n' "$host/$slug"
    git -C "$source" remote add "$remote" "$(clone_url)" 2>/dev/null ||
        fail "X Unable to add remote \"$remote\""
    if $push; then
        git -C "$source" push --quiet --set-upstream "$remote" HEAD >&2
    fi
}

# --- pull requests -------------------------------------------------------------------------------

pull_field() {
    case $1 in
    number) printf '%s' "${pull##*/}" ;;
    url) string "$host/$slug/pull/${pull##*/}" ;;
    state | title | body) string "$(cat "$pull/$1")" ;;
    isDraft) cat "$pull/draft" ;;
    headRefName) string "$(cat "$pull/head")" ;;
    baseRefName) string "$(cat "$pull/base")" ;;
    headRefOid)
        oid=$(cat "$pull/oid")
        [ "$(cat "$pull/state")" != OPEN ] || oid=$(branch_tip "$(cat "$pull/head")") || true
        string "$oid"
        ;;
    isCrossRepository) printf false ;;
    *) return 1 ;;
    esac
}

# Prints the folders of the pull requests that the flags and $1, a state or "all", select, newest first.
pulls() {
    for number in $(ls "$repo/pulls" | sort -rn); do
        pull=$repo/pulls/$number
        [ -z "$head" ] || [ "$(cat "$pull/head")" = "$head" ] || continue
        [ -z "$base" ] || [ "$(cat "$pull/base")" = "$base" ] || continue
        [ "$1" = all ] || [ "$(cat "$pull/state")" = "$1" ] || continue
        printf '%s\n' "$pull"
    done
}

branch_tip() {
    git --git-dir "$hub" rev-parse --verify --quiet "refs/heads/$1^{commit}"
}

pr_create() {
    require_repo
    [ -n "$head" ] || head=$(git symbolic-ref --short HEAD)
    head=${head#*:}
    [ -n "$base" ] || base=$(git --git-dir "$hub" symbolic-ref --short HEAD)
    [ -n "$title" ] || fail 'must provide `--title` and `--body` (or `--fill` or `fill-first` or `--fillverbose`) when not running interactively'
    pull=$(pulls OPEN | head -n 1)
    [ -z "$pull" ] || fail "a pull request for branch \"$head\" into branch \"$base\" already exists:
$host/$slug/pull/${pull##*/}"
    head_tip=$(branch_tip "$head") || fail "pull request create failed: GraphQL: Head sha can't be blank, Base sha can't be blank, No commits between $base and $head, Head ref must be a branch (createPullRequest)"
    base_tip=$(branch_tip "$base") || fail "pull request create failed: GraphQL: Base sha can't be blank, Base ref must be a branch (createPullRequest)"
    [ "$(git --git-dir "$hub" rev-list --count "$base_tip..$head_tip")" != 0 ] ||
        fail "pull request create failed: GraphQL: No commits between $base and $head (createPullRequest)"
    number=$(($(ls "$repo/pulls" | wc -l) + 1))
    pull=$repo/pulls/$number
    mkdir -p "$pull"
    for key in head base title body draft; do
        eval "printf '%s' \"\$$key\"" >"$pull/$key"
    done
    printf '%s' "$head_tip" >"$pull/oid"
    printf OPEN >"$pull/state"
    printf '%s\n' "$host/$slug/pull/$number"
}

pr_view() {
    require_repo
    case $1 in
    '') head=$(git symbolic-ref --short HEAD) ;;
    *[!0-9]*) head=${1##*/pull/} ;;
    *) head=$1 ;;
    esac
    if [ -d "$repo/pulls/$head" ]; then
        pull=$repo/pulls/$head
    else
        pull=$(pulls OPEN | head -n 1)
        [ -n "$pull" ] || pull=$(pulls all | head -n 1)
    fi
    [ -n "$pull" ] || fail "no pull requests found for branch \"$head\""
    [ -n "$fields" ] || not_known 'gh pr view without --json'
    answer_object pull_field
}

pr_list() {
    require_repo
    [ -n "$fields" ] || not_known 'gh pr list without --json'
    wanted=$(printf '%s' "${wanted:-open}" | tr '[:lower:]' '[:upper:]')
    [ "$wanted" != ALL ] || wanted=all
    list=$(pulls "$wanted" | head -n "$limit")
    case $jq in
    '' | .)
        text=''
        for pull in $list; do
            item=$(object pull_field) || exit 1
            text="$text${text:+,}$item"
        done
        printf '[%s]\n' "$text"
        ;;
    '.[].'*) for pull in $list; do chosen pull_field "${jq#.\[\].}"; done ;;
    '.[0].'*)
        key=${jq#.\[0\].}
        pull=$(printf '%s' "$list" | head -n 1)
        if [ -n "$pull" ]; then
            chosen pull_field "${key%% *}"
        elif [ "${key#*'// empty'}" = "$key" ]; then
            echo
        fi
        ;;
    length) printf '%s\n' "$(printf '%s' "$list" | grep -c .)" || true ;;
    *) not_known "--jq $jq" ;;
    esac
}

# --- the command line ----------------------------------------------------------------------------

# Takes a flag and the argument after it; n_used says how many of the two it used.
take_flag() {
    n_used=2
    case $1 in
    -R | --repo) slug=${2#"$host"/} ;;
    -H | --head | --header)
        # -H is a header for `gh api`, and a branch for `gh pr`.
        case "$words$1" in api*-H | *--header) ;; *) head=$2 ;; esac
        ;;
    -B | --base) base=$2 ;;
    -t | --title) title=$2 ;;
    -b | --body) body=$2 ;;
    -F | --body-file | --field)
        case "$words" in
        api*) ;;
        *) if [ "$2" = - ]; then body=$(cat); else body=$(cat "$2"); fi ;;
        esac
        ;;
    -f | --raw-field | --hostname | -h) ;;
    -s | --state) wanted=$2 ;;
    --source) source=$2 ;;
    -L | --limit) limit=$2 ;;
    -X | --method) method=$2 ;;
    -q | --jq) jq=$2 ;;
    --json) fields=$2 ;;
    -r | --remote) remote=$2 ;;
    --description) description=$2 ;;
    -d) case "$words" in pr*) draft=true n_used=1 ;; *) description=$2 ;; esac ;;
    --draft) draft=true n_used=1 ;;
    --public) visibility=PUBLIC n_used=1 ;;
    --private) visibility=PRIVATE n_used=1 ;;
    --push) push=true n_used=1 ;;
    -i | --include) include=true n_used=1 ;;
    --active | -a) n_used=1 ;;
    *) fail "unknown flag: $1" ;;
    esac
}

mkdir -p "$state"
printf '%s\n' "$(printf '%s' "$*" | tr '\n' ' ')" >>"$state/calls"
if [ "${1:-}" = --version ]; then
    printf 'gh version 2.83.0 (2025-11-04)\nhttps://github.com/cli/cli/releases/tag/v2.83.0\n'
    exit 0
fi
[ ! -f "$state/broken" ] || fail "$(cat "$state/broken")"

n_words=0 verb='' noun='' object_name=''
while [ $# -gt 0 ]; do
    case $1 in
    --*=*)
        flag=$1
        shift
        set -- "${flag%%=*}" "${flag#*=}" "$@"
        ;;
    -?*)
        take_flag "$1" "${2-}"
        [ $# -ge "$n_used" ] || fail "flag needs an argument: $1"
        shift "$n_used"
        ;;
    *)
        n_words=$((n_words + 1))
        words="$words$1 "
        case $n_words in 1) noun=$1 ;; 2) verb=$1 ;; 3) object_name=$1 ;; *) not_known "$words" ;; esac
        shift
        ;;
    esac
done

[ "$noun $verb" = 'auth status' ] || require_login
case "$noun $verb" in
'auth status') auth_status ;;
'api '*) api "$verb" ;;
'repo view') repo_view "$object_name" ;;
'repo create') repo_create "$object_name" ;;
'pr create') pr_create ;;
'pr view') pr_view "$object_name" ;;
'pr list') pr_list ;;
*) not_known "gh $words" ;;
esac
