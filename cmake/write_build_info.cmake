# Run at build time; rewrites its output only when something changed.
set(commit "unknown")
set(dirty "true")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit "${head}")
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} status --porcelain --untracked-files=no
                    OUTPUT_VARIABLE changes ERROR_QUIET)
    # What the build finds by pattern is a source before it is added: a kernel that nobody has is not reproducible.
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} ls-files --others --exclude-standard --
                            kernels harness bench cmake CMakeLists.txt CMakePresets.json
                    OUTPUT_VARIABLE untracked ERROR_QUIET)
    if(changes STREQUAL "" AND untracked STREQUAL "")
      set(dirty "false")
    endif()
  endif()
endif()
string(REPLACE ";" "," ARCHS "${ARCHS}")
set(text "// Written by cmake/write_build_info.cmake.
#include \"bench/program/build_info.h\"
namespace kernelgate {
const BuildInfo& build_info() {
  static const BuildInfo info{\"${VERSION}\", \"${commit}\", ${dirty}, \"${BUILD_TYPE}\", \"${COMPILER}\", \"${NVCC}\", \"${ARCHS}\", \"${SANITIZE}\"};
  return info;
}
}  // namespace kernelgate
")
set(old "")
if(EXISTS "${OUT}")
  file(READ "${OUT}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${OUT}" "${text}")
endif()
