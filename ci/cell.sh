#!/bin/sh
# Verifies the goldens in one cell of ci/nightly.yaml, with the Python that $PYTHON names (default: .venv's).
#
#     ci/cell.sh BACKEND PYTHON FFMPEG THREADS SIMD ORDER SHARD      cpu 3.13 bundled all native plan 1/2
#
# THREADS: of each worker. SIMD: native, restricted (numpy's baseline alone), or a processor that qemu emulates, such as
# Nehalem: then one short golden, since it takes minutes. ORDER: plan, with one worker; or shuffled, with two, the seed
# of which is $SHUFFLE (default: 1).
#
# Below out/nightly (or $NIGHTLY): NAME/ has what differs, NAME.log everything said, NAME.result the exit status and a
# line. ONLY='*solid*' verifies some goldens alone. Exit status: as `trackreel verify`, so 3 where this machine lacks
# something, 4 where frames differ.
set -u
[ $# -eq 7 ] || { sed -n '4s/^# */usage: /p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
results=${NIGHTLY:-$root/out/nightly}
only=${ONLY:-*}
backend=$1 version=$2 ffmpeg=$3 threads=$4 simd=$5 order=$6 shard=$7
name=$(echo "$1-$2-$3-$4-$5-$6-$7" | sed 's|/|of|g')
mkdir -p "$results" && results=$(cd "$results" && pwd) || exit 3
cache=$(mktemp -d) || exit 3
trap 'rm -rf "$cache"' EXIT
trap 'exit 130' INT TERM
# An analysis or a kernel of another cell would hide what this one computes differently.
export TRACKREEL_CACHE="$cache" PYTHONPATH="$root" TI_SKIP_VERSION_CHECK=ON
rm -rf "${results:?}/$name" "$results/$name.log" "$results/$name.result"

# end STATUS SAYING: leave the result, and end with it
end() {
    printf '%s\n%s\n' "$1" "$2" >"$results/$name.result"
    echo "$name: $2"
    exit "$1"
}

found=$("$python" -c 'import sys, click, numpy, yaml; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
    end 3 "no Python $version that has what trackreel needs ($python)"
[ "$found" = "$version" ] || end 3 "Python $version is asked for, and $python is $found"

case $ffmpeg in
bundled) unset TRACKREEL_FFMPEG ;;
system) TRACKREEL_FFMPEG=$(command -v ffmpeg) || end 3 "no ffmpeg on PATH"
    export TRACKREEL_FFMPEG ;;
*) end 2 "unknown ffmpeg: $ffmpeg" ;;
esac

jobs=jobs/goldens.yaml
case $backend in
cpu) jobs="$jobs jobs/goldens-encoded.yaml" ;;    # encoded frames are compared bit by bit: the cpu's alone
vulkan) # Mesa's lavapipe where it is: the same driver on every machine
    for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
        [ -e "$driver" ] && export VK_DRIVER_FILES="$driver" VK_ICD_FILENAMES="$driver"
    done ;;
esac
if [ "$backend" != cpu ]; then
    said=$("$python" -c 'import sys
from runner.backends import probe_backend
works, detail = probe_backend(sys.argv[1])
print(detail)
sys.exit(not works)' "$backend" 2>/dev/null) || end 3 "no $backend: ${said:-it cannot be tried}"
fi

[ "$threads" = all ] && threads=$(getconf _NPROCESSORS_ONLN)

# emulate PROCESSOR: starts of Python go through qemu, those of trackreel's render processes too, which would otherwise
# run on the real processor
emulate() {
    [ "$(uname -m)" = x86_64 ] || end 3 "emulating $1 needs a Python for x86_64, and here it is $(uname -m)"
    qemu=$(command -v qemu-x86_64 || command -v qemu-x86_64-static) ||
        end 3 "no qemu-x86_64 (Debian, Ubuntu: qemu-user)"
    printf '#!/bin/sh\nexec "%s" -cpu "%s" "%s" "$@"\n' "$qemu" "$1" "$python" >"$cache/python"
    chmod +x "$cache/python"
    printf 'import sys\nsys.executable = "%s"\nfrom runner import cli\ncli.main()\n' "$cache/python" >"$cache/main.py"
    [ "$only" = '*' ] && only='goldens/scope-*-16x16-*'
    jobs=jobs/goldens.yaml
}

set -- "$python" -m runner
case $simd in
native) ;;
restricted) # everything that numpy would use here beyond its baseline
    NPY_DISABLE_CPU_FEATURES=$("$python" -c 'import numpy._core._multiarray_umath as n
print(" ".join(name for name in n.__cpu_dispatch__ if n.__cpu_features__.get(name)))') || end 3 "numpy cannot be loaded"
    export NPY_DISABLE_CPU_FEATURES ;;
[A-Z]*) emulate "$simd"
    set -- "$cache/python" "$cache/main.py" ;;
*) end 2 "unknown simd: $simd" ;;
esac

# One worker, as several would share the processors, and with them the threads; but for the order.
case $order in
plan) workers="-j 1" ;;
shuffled) workers="-j 2 --shuffle ${SHUFFLE:-1}" ;;
*) end 2 "unknown order: $order" ;;
esac
[ "$backend" = cpu ] || workers="$workers --whole"

cd "$root" || exit 3
# shellcheck disable=SC2086  # a list of files, and one of options
"$@" verify $jobs --only "$only" --shard "$shard" $workers --stall-timeout 3600 --set "engine.backend=$backend" \
    --set "engine.threads=$threads" --out-root "$cache/out" --run-dir "$results/$name" >"$results/$name.log" 2>&1
status=$?
said=$(grep -E '^[0-9]+ goldens?:' "$results/$name.log") ||
    said=$(grep -m1 '^error' "$results/$name.log" || tail -n 1 "$results/$name.log")
sed -n '/ PSNR /,/^lowest PSNR/p' "$results/$name.log"    # of a GPU: how far each golden is
if [ $status -ne 0 ]; then
    grep -A1 '^error' "$results/$name.log"
else
    rm -rf "${results:?}/$name"
    # Nothing compared is nothing shown, whatever the reason: a night must not be green for it.
    case $said in *golden*:*) ;; *) end 3 "no golden is in this part" ;; esac
fi
end $status "$said"
