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
