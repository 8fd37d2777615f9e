# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how to say what happens.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$ROOT/.tools

# Messages go to stderr: stdout belongs to what a script was asked for.
say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# A scratch folder inside .tools, so that what is finished can be moved into place in one step.
scratch() {
    mkdir -p "$TOOLS"
    mktemp -d "$TOOLS/.bringing.XXXXXX"
}

# kept NAME VERSION: prints the path of a tool that is there in this version already; fails where it is not.
kept() {
    [[ -x $TOOLS/$1 && -e $TOOLS/.$1-$2 ]] && printf '%s\n' "$TOOLS/$1"
}

# keep FILE NAME VERSION: makes FILE the tool NAME, never half of it, and prints its path.
keep() {
    rm -f "$TOOLS/.$2"-*
    chmod 755 "$1"
    mv -f "$1" "$TOOLS/$2"
    touch "$TOOLS/.$2-$3"
    printf '%s\n' "$TOOLS/$2"
}
