#!/bin/sh
# A compiler launcher: keeps what ptxas says of each kernel (registers, spills, serialised wgmma) in OBJECT.ptxas,
# beside the object that nvcc writes. Nothing else has the spills: they are in no cubin.
#
#   keep_ptxas_log.sh NVCC_VERSION SOURCE COMMAND... -o OBJECT ...
#
# What -Xptxas=-v adds to stderr goes to the file alone; all else is passed on. ccache, if it is in COMMAND,
# replays stderr, so that a hit writes the same file.
version=$1
source=$2
shift 2
object=
previous=
for word in "$@"; do
  [ "$previous" = -o ] && object=$word
  previous=$word
done
[ -n "$object" ] || exec "$@"

log=$object.ptxas
"$@" 2>"$log.raw"
status=$?
# "Compile time" differs each time, and a file that changes for nothing relinks the program.
verbose='^ptxas info *: (Compiling entry|Function properties|Used |Compile time|[0-9]+ bytes gmem)|bytes stack frame,'
grep -vE "$verbose" "$log.raw" >&2
if [ "$status" -eq 0 ]; then
  { echo "kernelgate: nvcc $version, $source"
    grep -E '^ptxas |bytes stack frame,' "$log.raw" | grep -v '^ptxas info *: Compile time'; } >"$log"
else
  rm -f "$log"
fi
rm -f "$log.raw"
exit "$status"
