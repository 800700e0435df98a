#!/usr/bin/env bash
# Verifies the goldens in every cell of ci/nightly.yaml that this machine can, one after the other, and says which it
# cannot, and why. Some minutes a cell. Other versions of Python get an environment below out/nightly first. At the end
# `mutations`: whether the goldens would see a mistake (ci/mutate.py).
#
#     ci/nightly.sh [GLOB...]                  ci/nightly.sh 'cpu 3.13 * restricted *' 'vulkan *'
#
# A GLOB chooses among the lines of `ci/matrix.py list`, and `mutations`. PYTHON=... is the Python of .venv; ONLY,
# SHUFFLE, NIGHTLY: see ci/cell.sh. Exit status: 0 all that could run are equal, 1 a task failed, 2 a job or the matrix
# is wrong, 3 nothing could run, 4 frames differ, 130 interrupted.
set -u    # and nothing that bash 3.2 does not know: macOS has no newer one
root=$(cd "$(dirname "$0")/.." && pwd)
main=${PYTHON:-$root/.venv/bin/python}
export NIGHTLY="${NIGHTLY:-$root/out/nightly}"
[ $# -gt 0 ] || set -- '*'
trap 'echo interrupted >&2; exit 130' INT TERM
"$main" -c '' 2>/dev/null || { printf 'error: no Python at %s\nhint: run `make venv`\n' "$main" >&2; exit 3; }
cells=$("$main" "$root/ci/matrix.py" list) || exit 2
mkdir -p "$NIGHTLY" && rm -f "$NIGHTLY"/*.result "$NIGHTLY"/python-*.tried || exit 3

# python_of VERSION: prints the Python for cells of that version; makes its environment, once, where .venv has another
python_of() {
    local folder=$NIGHTLY/python-$1
    if "$main" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')"; then echo "$main"; return; fi
    if [ ! -e "$folder/.ready" ] && [ ! -e "$folder.tried" ]; then
        touch "$folder.tried"
        set_up "$1" "$folder" >"$folder.log" 2>&1 && touch "$folder/.ready"
    fi
    if [ -e "$folder/.ready" ]; then echo "$folder/bin/python"; else echo "no environment for python$1"; fi
}

# set_up VERSION FOLDER: an environment with the pinned dependencies
set_up() {
    "python$1" -c 'import venv, ensurepip' && "python$1" -m venv --clear "$2" && set -- "$2/bin/python" -m pip install &&
        "$@" --quiet --no-build-isolation -c "$root/constraints.txt" setuptools &&
        "$@" --quiet --no-build-isolation -c "$root/constraints.txt" -e "$root"
}

statuses=
while read -r line; do
    for glob in "$@"; do
        # shellcheck disable=SC2053  # a glob on purpose
        [[ $line == $glob ]] || continue
        read -r -a words <<<"$line"
        PYTHON=$(python_of "${words[1]}") "$root/ci/cell.sh" "${words[@]}" </dev/null
        statuses="$statuses $?"
        break
    done
done <<<"$cells"
mutations=
for glob in "$@"; do
    # shellcheck disable=SC2053  # a glob on purpose
    [[ mutations == $glob ]] && mutations=wanted
done
[ -n "$statuses$mutations" ] || { printf 'error: no cell matches %s\nhint: see `ci/matrix.py list`\n' "$*" >&2; exit 2; }

"$main" "$root/ci/matrix.py" table "$NIGHTLY" >"$NIGHTLY/summary.md" || exit 2
count() { tr ' ' '\n' <<<"$statuses" | grep -cx "$1"; }
echo "$(wc -w <<<"$statuses" | tr -d ' ') cells: $(count 0) equal, $(count 4) differ, $(count 3) cannot run here;" \
    "see $NIGHTLY/summary.md"
if [ -n "$mutations" ]; then
    "$main" "$root/ci/mutate.py" >"$NIGHTLY/mutations.md" 2>"$NIGHTLY/mutations.log"
    statuses="$statuses $?"
    grep -F '**' "$NIGHTLY/mutations.md" || tail -n 2 "$NIGHTLY/mutations.log"
fi
# What is wrong weighs more than what differs; what this machine lacks counts only where nothing could run.
for status in 130 2 1; do
    [ "$(count "$status")" = 0 ] || exit "$status"
done
[ "$(count '[034]')" = "$(wc -w <<<"$statuses" | tr -d ' ')" ] || exit 1
[ "$(count 4)" = 0 ] || exit 4
[ "$(count 0)" != 0 ] || exit 3
