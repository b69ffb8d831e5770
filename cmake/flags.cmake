# One interface target holds what every source of ours is compiled with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(kernelgate_flags INTERFACE)
target_include_directories(kernelgate_flags INTERFACE "${PROJECT_SOURCE_DIR}")
set(host_warnings -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND host_warnings -Wno-restrict)  # GCC bug 105651: false alarms on std::string's operator+
endif()
if(KERNELGATE_WERROR)
  list(APPEND host_warnings -Werror)
endif()
target_compile_options(kernelgate_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${host_warnings}>")
# GCC collects its garbage from 128 MB on, however much memory there is: an eighth of its time. From 512 MB on few sources
# of ours make it.
target_compile_options(kernelgate_flags INTERFACE "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:--param=ggc-min-heapsize=524288>")
# Where the checkout lies is in no object, so that a compiler cache has what another clone left: GoogleTest's macros name
# their file, by the whole path where sources are put together.
target_compile_options(kernelgate_flags INTERFACE
  "$<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang>:-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=>")
if(KERNELGATE_SANITIZE)
  # A null pointer ends the program with a stack trace anyway, and no class of ours is cast down its hierarchy: their checks
  # are a tenth of the time that it takes to compile the rest.
  target_compile_options(kernelgate_flags INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${KERNELGATE_SANITIZE};-fno-sanitize=vptr,null;-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  target_link_options(kernelgate_flags INTERFACE "-fsanitize=${KERNELGATE_SANITIZE}")
endif()
