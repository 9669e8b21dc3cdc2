# Makes a throw-away remote with two clones, and an environment in which nothing of the user's takes part.
# Sourced by the other scripts; needs AGENTSYNC_BIN. Leaves LAB, ALICE and BOB.

LAB=$(mktemp -d)
trap 'rm -rf "$LAB"' EXIT
for name in $(env | sed -n 's/^\(\(AGENTSYNC\|GIT\)_[A-Z_]*\)=.*/\1/p'); do
    case $name in AGENTSYNC_BIN) ;; *) unset "$name" ;; esac
done
export HOME=$LAB/home GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$LAB/gitconfig GIT_TERMINAL_PROMPT=0
mkdir -p "$HOME"
git config --global user.name acceptance
git config --global user.email acceptance@agentsync.invalid
git init --quiet --bare -b main "$LAB/hub.git"
ALICE=$LAB/alice BOB=$LAB/bob
git clone --quiet "$LAB/hub.git" "$ALICE" 2>/dev/null
git -C "$ALICE" commit --quiet --allow-empty -m begin
git -C "$ALICE" push --quiet origin HEAD:main
git clone --quiet "$LAB/hub.git" "$BOB"
export LAB ALICE BOB
