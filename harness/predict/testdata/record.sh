#!/bin/sh
# Records the machine code of planted.cu, without the blanks that cuobjdump puts into it.
#   record.sh FOLDER_WITH_NVCC FOLDER_WITH_CUOBJDUMP_AND_NVDISASM
set -eu
cd "$(dirname "$0")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
"$1/nvcc" -std=c++20 -arch=sm_90a -cubin -o "$scratch/planted.cubin" planted.cu
NVDISASM_PATH="$2" "$2/cuobjdump" -sass "$scratch/planted.cubin" | sed 's/^[[:space:]]*//; s/[[:space:]][[:space:]]*/ /g' >planted.sass
