# Joins what ptxas said of every kernel object into one source, so that the program carries it.
# OUT: the source. OBJECTS: the objects, joined by |; each has its log beside it (keep_ptxas_log.sh).
string(REPLACE "|" ";" OBJECTS "${OBJECTS}")
set(text "")
foreach(object IN LISTS OBJECTS)
  if(NOT EXISTS "${object}.ptxas")
    message(FATAL_ERROR "no ${object}.ptxas: remove the object and build again")
  endif()
  file(READ "${object}.ptxas" log)
  string(APPEND text "${log}")
endforeach()
# In pieces: a compiler need not take a literal of more than 64 KiB.
set(pieces "")
string(LENGTH "${text}" length)
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 32768 piece)
  string(APPEND pieces "\n    R\"ptxas(${piece})ptxas\"")
  math(EXPR at "${at} + 32768")
endwhile()
if(pieces STREQUAL "")
  set(pieces " \"\"")
endif()
file(WRITE "${OUT}" "// Written by cmake/write_ptxas_log.cmake.
#include \"bench/program/ptxas_log.h\"
namespace kernelgate {
std::string_view ptxas_log() {
  static constexpr char text[] =${pieces};
  return {text, sizeof text - 1};  // its length is known: nothing counts half a megabyte
}
}  // namespace kernelgate
")
