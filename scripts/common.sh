# Shared by the scripts in this folder; sourced, not run.

set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
toolkit="$repository/build/cuda-toolkit"   # where setup puts the toolkit from the wheels
# Pinned: another version finds other things.
clang_tidy_version=23.1.4
linter="$repository/build/clang-tidy-$clang_tidy_version"   # and the linter
clang_tidy="$linter/clang_tidy/data/bin/clang-tidy"

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() { say "$*"; exit 1; }

# Prints the path of a CUDA compiler that works: on PATH, in $CUDA_HOME, in /usr/local/cuda, or from the wheels.
find_nvcc() {
  local candidate
  for candidate in "$(command -v nvcc || true)" "${CUDA_HOME:-/nonexistent}/bin/nvcc" /usr/local/cuda/bin/nvcc \
                   "$toolkit/nvidia/cu13/bin/nvcc"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

# Whether both tools that count a kernel's instructions are there; `kernelgate codegen` looks here, too.
have_disassembler() {
  local tool folder found
  for tool in cuobjdump nvdisasm; do
    found=0
    for folder in "$(dirname "$(command -v "$tool" || echo /nonexistent/x)")" "${CUDA_HOME:-/nonexistent}/bin" \
                  /usr/local/cuda*/bin "$toolkit"/nvidia/*/bin; do
      [ -x "$folder/$tool" ] && found=1
    done
    [ "$found" = 1 ] || return 1
  done
}

# Prints the comment at the top of the script, and ends.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0; }

passed=0
failed=0
skipped=0

# run_tests FOLDER [ARGUMENTS OF ctest]: adds what it counts to the totals. Where test programs run in parts
# (KERNELGATE_TEST_SHARDS), their tests are counted as they count them.
run_tests() {
  local folder="$1" log="$1/test.log" status=0 bad total left_out parts ran
  shift
  # One more than there are cores: some wait, for a child that hangs on purpose or for a browser.
  ctest --test-dir "$folder" --output-on-failure --no-tests=error -j "$(($(nproc) + 1))" "$@" | tee "$log" |
    grep -avE '^ *[0-9]+/[0-9]+ Test|^ *Start +[0-9]+:' || status=$?
  bad="$(sed -n 's/.* tests passed, \([0-9]*\) tests failed out of .*/\1/p' "$log")"
  total="$(sed -n 's/.* tests failed out of \([0-9]*\).*/\1/p' "$log")"
  left_out="$(grep -ac '\*\*\*Skipped' "$log" || true)"
  [ -n "$total" ] || die "ctest ran no test; the whole log: $log"
  [ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1
  parts="$(grep -acE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: [a-z_]+[.]shard' "$log" || true)"
  if [ "$parts" = 0 ]; then
    ran=$((total - bad - left_out))
  else
    read -r ran left_out < <(awk '/^\[  PASSED  \] [0-9]+ test/ {ran += $4} /^\[  SKIPPED \] [0-9]+ test/ {left_out += $4}
      END {print ran + 0, left_out + 0}' "$folder/Testing/Temporary/LastTest.log")
    ran=$((ran + $(grep -aE '^ *[0-9]+/[0-9]+ Test ' "$log" | grep -avE ': [a-z_]+[.]shard' | grep -ac ' Passed ' || true)))
  fi
  passed=$((passed + ran))
  failed=$((failed + bad))
  skipped=$((skipped + left_out))
}

# count COMMAND...: runs it as one test more.
count() { if "$@"; then passed=$((passed + 1)); else say "failed: $*"; failed=$((failed + 1)); fi; }

# What CI reads; false if anything failed.
print_totals() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}
