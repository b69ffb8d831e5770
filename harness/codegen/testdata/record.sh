#!/usr/bin/env bash
# Records what the tools say, for the parsers' tests: run it again only for another version of the tools, and
# look at what changed. Needs nvcc, cuobjdump and nvdisasm on PATH.
set -euo pipefail
cd "$(dirname "$0")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
version="$(nvcc --version | sed -n 's/.*, V//p')"
keep() { ../../../cmake/keep_ptxas_log.sh "$version" "harness/codegen/testdata/$1.cu" nvcc -std=c++20 -Xptxas=-v "${@:2}" \
  -c "$1.cu" -o "$work/$1.o"; mv "$work/$1.o.ptxas" "$1.ptxas"; }
keep spills -maxrregcount=16 -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90a,code=sm_90a
keep wgmma -gencode arch=compute_90a,code=sm_90a
# Encodings, which take most of each line, are nothing to the parser; one function keeps them.
thin() { awk '/Function : /{whole = /shared_tile/} whole {print; next} /^ +\/\* 0x/ {next} {sub(/ *\/\* 0x.*/, ""); print}'; }
cuobjdump -sass "$work/spills.o" | thin | sed "s|identifier = .*/|identifier = |" >spills.sass
cuobjdump -res-usage "$work/spills.o" | sed "s|identifier = .*/|identifier = |" >spills.res_usage
nvcc -std=c++20 -arch=sm_90a -cubin -o "$work/wgmma.cubin" wgmma.cu 2>/dev/null
cuobjdump -sass "$work/wgmma.cubin" | thin >wgmma.sass
cuobjdump -res-usage "$work/wgmma.cubin" >wgmma.res_usage
# For object_hash: equal code built in another folder from a file with more lines, another constant, another launch.
hashed() { (cd "$work" && mkdir -p "$1" && { for ((i = 0; i < $2; ++i)); do echo "// a line"; done; cat hashed.cu; } >"$1/hashed.cu" &&
  nvcc -std=c++20 -O2 -lineinfo -diag-suppress 177 -arch=sm_90a "${@:3}" -c "$work/$1/hashed.cu" -o hashed.o); mv "$work/hashed.o" "hashed_$1.o"; }
cp hashed.cu "$work"
hashed here 0
hashed elsewhere 7
hashed constant 0 -DFACTOR=3.5f
hashed launch 0 -DKERNEL=shift
