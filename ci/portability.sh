#!/bin/sh
# Are frames the same on other processors? Analyses and draws a short job here, with numpy's SIMD switched off, and on
# processors that qemu emulates (Debian: qemu-user), each with a kernel cache of its own, and compares frame hashes and
# timelines. Some minutes a processor.
#
#     ci/portability.sh [PROCESSOR...]        default: Nehalem (SSE4.2) Haswell (AVX2, FMA)
#
# PRESETS="aurora warp" draws those alone; SECONDS_DRAWN=0.5 draws more. Exit status: 0 all the same, 1 they differ,
# 3 no qemu here.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
qemu=$(command -v qemu-x86_64 || command -v qemu-x86_64-static) || {
    echo "error: qemu-x86_64 is missing" >&2
    echo "hint: on Debian and Ubuntu: apt-get install qemu-user" >&2
    exit 3
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export PYTHONPATH="$root" TI_SKIP_VERSION_CHECK=ON

"$python" - ${PRESETS:-} <<'END'
import sys
from pathlib import Path

import numpy as np

from runner import preset
from tests import sounds

names = sys.argv[1:] or preset.names()
loop = sounds.drum_loop(120, 4.0).sound
sounds.write(Path("loop.wav"), np.stack([loop, np.roll(loop, 100)], axis=1))
Path("names").write_text(" ".join(names))
Path("features").write_text(" ".join(
    name for name in np._core._multiarray_umath.__cpu_dispatch__
    if np._core._multiarray_umath.__cpu_features__.get(name)
))
# The emulator would hand its children to the real processor: the render process starts through it again.
Path("main.py").write_text("import os, sys\nsys.executable = os.environ['START']\nfrom runner import cli\ncli.main()\n")
END
cat >job.yaml <<END
version: 1
name: portable
audio: {source: loop.wav, duration: ${SECONDS_DRAWN:-0.2}}
video: {width: 64, height: 36, fps: 30}
encode: {speed: ultrafast}
output: {path: "{scene.preset}.mp4", framemd5: true, timeline: true}
matrix: {scene.preset: [$(tr ' ' , <names)]}
END
printf '#!/bin/sh\nexec %s -cpu "$EMULATED" %s "$@"\n' "$qemu" "$python" >emulate
chmod +x emulate

# draw NAME START: the job's outputs in NAME/
draw() {
    printf '%s: ' "$1"
    START=$2 TRACKREEL_CACHE="$work/cache-$1" "$2" main.py run job.yaml -q --out-root "$1" >"$1.log" 2>&1 || {
        echo failed
        grep -v 'TCG doesn' "$1.log"
        exit 1
    }
}
status=0
# compare NAME: its hashes and timelines with those of here
compare() {
    differ=
    for name in $(cat names); do
        cmp -s "here/$name.timeline.jsonl" "$1/$name.timeline.jsonl" || differ="$differ $name(analysis)"
        cmp -s "here/$name.framemd5" "$1/$name.framemd5" || differ="$differ $name(frames)"
    done
    [ -z "$differ" ] && echo "the same frames" || { status=1; echo "DIFFERENT:$differ"; }
}

draw here "$python"
echo "$(wc -w <names) presets, $(cat here/*.framemd5 | grep -vc '^#') frames"
NPY_DISABLE_CPU_FEATURES=$(cat features) draw numpy-baseline "$python"
compare numpy-baseline
for cpu in ${*:-Nehalem Haswell}; do
    EMULATED=$cpu draw "$cpu" "$work/emulate"
    compare "$cpu"
done
exit $status
