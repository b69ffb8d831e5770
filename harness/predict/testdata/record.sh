#!/bin/sh
# Records the machine code of planted.cu and planted_tma.cu, without the blanks that cuobjdump puts into it.
#   record.sh FOLDER_WITH_NVCC FOLDER_WITH_CUOBJDUMP_AND_NVDISASM
set -eu
cd "$(dirname "$0")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
for name in planted planted_tma; do
  "$1/nvcc" -std=c++20 -arch=sm_90a -cubin -o "$scratch/$name.cubin" "$name.cu"
  NVDISASM_PATH="$2" "$2/cuobjdump" -sass "$scratch/$name.cubin" | sed 's/^[[:space:]]*//; s/[[:space:]][[:space:]]*/ /g' >"$name.sass"
done
