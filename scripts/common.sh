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

# install_packages WHAT PACKAGE...: installs them where this is root on a Debian; else tells the command that does.
install_packages() {
    local what=$1
    shift
    if [[ $(id -u) != 0 ]] || ! have apt-get; then
        die "the tests need $what: sudo apt-get install --no-install-recommends $*"
    fi
    export DEBIAN_FRONTEND=noninteractive
    say "installing $*"
    apt-get update --quiet >&2
    without_services apt-get install -o DPkg::Lock::Timeout=600 --quiet --yes --no-install-recommends "$@" >&2
}

# Packages start their services unless policy-rc.d forbids it; one that stands already decides.
without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        # shellcheck disable=SC2064 # the path of this moment is meant
        trap "rm -f '$policy'" EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    "$@"
}
