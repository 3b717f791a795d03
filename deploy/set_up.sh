#!/bin/sh
# Brings this checkout to the point where it can run: virtualenv, Python packages, browser parts.
# Usage: deploy/set_up.sh [dev]      Quick when nothing changed: each step remembers the lock files it was done for.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv
STEPS="requirements.txt"
[ "${1:-}" = dev ] && STEPS="requirements.txt requirements-dev.txt"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# done_for NAME FILE…: was step NAME finished for exactly these files?
done_for() { stamp="$VENV/.done-$1"; shift; [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cat "$@" | cksum)" ]; }
remember() { stamp="$VENV/.done-$1"; shift; cat "$@" | cksum > "$stamp"; }

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    without_venv="" too_old=""
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do
        command -v "$name" >/dev/null 2>&1 || continue
        recent_enough "$name" && answer=0 || answer=$?
        if [ $answer = 1 ]; then too_old="$too_old $name"
        elif [ $answer != 0 ]; then continue # a name that starts nothing
        elif ! has_venv "$name"; then without_venv="$name"
        else echo "$name"; return
        fi
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$without_venv cannot make virtual environments. Install its venv module (on Debian and Ubuntu: apt install python$version-venv) and start again."
    fi
    [ -z "$too_old" ] || fail "Sportello needs Python 3.11 or newer; found only older ones here:$too_old. Install a newer one and start again, or name it: make run PYTHON=/path/to/python3."
    fail "Sportello needs Python 3.11 or newer, and no python3 was found here. Install it and start again."
}

make_virtualenv() {
    if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        recent_enough "$VENV/bin/python" || fail "The Python in $VENV is older than 3.11. Remove that folder and start again."
        return
    fi
    python=$(find_python) || exit 1
    say "Making a virtual environment with $python …"
    "$python" -m venv --clear "$VENV" || fail "The virtual environment could not be made in $(pwd)/$VENV. Is this folder writable and the disk not full?"
}

# pip_install FILE: pip's own words go into a log, a count of packages to the screen.
pip_install() {
    log="$VENV/install.log" total=$(grep -c '==' "$1" || true)
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r "$1" \
        > "$log" 2>&1 &
    pip=$!
    trap 'kill $pip 2>/dev/null; exit 130' INT TERM
    while kill -0 $pip 2>/dev/null; do
        sleep 1
        printf '\r  %s of %s packages found' "$(grep -cE '^(Collecting|Requirement already)' "$log" || true)" "$total" >&2
    done
    say ""
    trap - INT TERM
    wait $pip || { grep -v '^WARNING: Location' "$log" | tail -n 15 >&2; return 1; }
}

install_python_packages() {
    for file in $STEPS; do
        done_for "$file" "$file" && continue
        say "Installing the packages of $file (once; some minutes on a slow line) …"
        pip_install "$file" \
            || fail "Installing the packages of $file failed; the reason is above. Is the package index reachable from here?"
        remember "$file" "$file"
    done
}

find_npm() {
    if ! command -v npm >/dev/null 2>&1 && [ ! -x "$VENV/bin/npm" ]; then
        say "There is no npm on this machine: installing one into the virtual environment …"
        pip_install requirements-node.txt \
            || fail "Installing npm failed; the reason is above. You may also install Node.js yourself and start again."
    fi
    PATH="$PATH:$(pwd)/$VENV/bin"
}

install_browser_parts() {
    [ -d node_modules ] && done_for npm package-lock.json && return
    find_npm
    say "Fetching the browser parts (Bootstrap and friends) …"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 \
        || fail "npm could not fetch the browser parts; the reason is above. Is the npm registry reachable from here?"
    remember npm package-lock.json
}

make_virtualenv
install_python_packages
install_browser_parts
