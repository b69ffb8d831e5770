#!/usr/bin/env bash
# What the programs of examples/own_kernel_cpp must do, built in FOLDER: prove, measure, judge, and see the cheat.
#
#   own_kernel_cpp_test.sh FOLDER
set -uo pipefail
built="$(cd "$1" && pwd)"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
cd "$place"
export KERNELGATE_STATE="$place/state" OMP_NUM_THREADS=1
unset KERNELGATE_INJECT KERNELGATE_BASELINES
failed=0

# expect CODE TEXT COMMAND...: it ends with CODE, and one of its streams has TEXT.
expect() {
  local code="$1" text="$2" status=0
  shift 2
  "$@" >out.txt 2>&1 || status=$?
  if [ "$status" != "$code" ] || ! grep -qF -- "$text" out.txt; then
    echo "FAILED: $*: exit code $status, expected $code with '$text':"
    cat out.txt
    failed=1
  fi
}

own="$built/own_kernel"
small='--benchmark_filter=columns:300/rows:5/'
quick="--device cpu --runs 2 --benchmark_min_time=0.02"
expect 0 'block_a_row' "$own" list
expect 0 '1 right, 0 wrong' "$own" verify --device simt
expect 0 '1 right, 0 wrong' "$own" verify --device cpu
expect 1 'there is no op' "$own" verify --op matmul
expect 0 'rms_norm/columns:300/rows:5/plain_loop/hot' "$own" run --device cpu --runs 1 --benchmark_list_tests
expect 0 'plain_loop' "$own" run $quick "$small" --out first.json
expect 0 'rms_norm' "$own" run $quick "$small" --out second.json --base first.json
# Its own verdict is as noisy as the machine; that a slower one is seen is not.
expect 3 'SLOWER' env KERNELGATE_INJECT='slow:plain_loop:3' "$own" run --device cpu --runs 5 --benchmark_min_time=0.02 \
  "$small" --out slow.json --base first.json
expect 0 'rms_norm' "$own" compare first.json second.json
expect 2 'outputs compared are off' "$built/own_kernel_cheating" run $quick --implementation remembers --out cheat.json
expect 0 'naive' "$built/own_matmul" verify --device simt --op matmul --suite smoke --implementation naive
exit "$failed"
