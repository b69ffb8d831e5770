# What `cmake --install` gives: the program, and find_package(kernelgate) for programs of one's own kernels.
#
# Three archives. Whatever registers itself would be dropped from an archive, so two of them are linked whole
# (cmake/kernelgate-config.cmake.in); what the third holds is taken as it is needed:
#   program    the program with all its commands, and what it is made of
#   contracts  what our ops are, as commands know them
#   kernels    the problems and the kernels of our ops, and the libraries beside them

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Programs that link them would need the sanitizer's runtime, and the same flags.
if(KERNELGATE_SANITIZE)
  return()
endif()

get_property(all GLOBAL PROPERTY KERNELGATE_OBJECTS)
set(of_ops ${all})
list(FILTER of_ops INCLUDE REGEX "^(kernels_(conv2d|matmul|mel)_.*|peers_.*)$")
list(REMOVE_ITEM of_ops peers_library)
set(contracts kernels_conv2d kernels_matmul kernels_mel)
set(of_program ${all} program_main)
list(REMOVE_ITEM of_program ${of_ops} ${contracts})

# kernelgate_archive(NAME FILTER OBJECTS...): FILTER, of the contracts alone, is INCLUDE or EXCLUDE: whether what registers
# itself is meant.
function(kernelgate_archive name filter)
  set(members)
  foreach(object IN LISTS ARGN)
    if(object IN_LIST contracts)
      list(APPEND members "$<FILTER:$<TARGET_OBJECTS:${object}>,${filter},/(dispatch|[a-z0-9]+_problems)\\.cpp\\.o$>")
    else()
      list(APPEND members "$<TARGET_OBJECTS:${object}>")
    endif()
  endforeach()
  add_library(kernelgate_${name} STATIC ${members})
  set_target_properties(kernelgate_${name} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX
    ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/archives")
  install(TARGETS kernelgate_${name} EXPORT kernelgate ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endfunction()

kernelgate_archive(program "" ${of_program})
kernelgate_archive(contracts EXCLUDE ${contracts})
kernelgate_archive(kernels INCLUDE ${contracts} ${of_ops})

# What the peers need of the machine, by the names that a linker knows.
set(KERNELGATE_OPS_LIBRARIES)
set(KERNELGATE_OPS_PACKAGES)
foreach(object IN LISTS of_ops)
  get_target_property(needs ${object} LINK_LIBRARIES)
  foreach(need IN LISTS needs)
    if(need STREQUAL "hwy::hwy")
      list(APPEND KERNELGATE_OPS_PACKAGES hwy)
    endif()
    if(need MATCHES "/lib([^/]+)\\.(so|a)$")
      list(APPEND KERNELGATE_OPS_LIBRARIES "${CMAKE_MATCH_1}")
    elseif(NOT need STREQUAL "kernelgate_flags")
      list(APPEND KERNELGATE_OPS_LIBRARIES "${need}")
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES KERNELGATE_OPS_LIBRARIES)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/kernelgate")
set(KERNELGATE_CUDA_ROOT "")
if(KERNELGATE_HAS_CUDA)
  get_filename_component(KERNELGATE_CUDA_ROOT "${CUDAToolkit_BIN_DIR}" DIRECTORY)
endif()
configure_package_config_file(cmake/kernelgate-config.cmake.in "${CMAKE_BINARY_DIR}/generated/kernelgate-config.cmake"
  INSTALL_DESTINATION "${package}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/generated/kernelgate-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/generated/kernelgate-config.cmake"
              "${CMAKE_BINARY_DIR}/generated/kernelgate-config-version.cmake"
              cmake/kernelgate-functions.cmake DESTINATION "${package}")
install(EXPORT kernelgate FILE kernelgate-targets.cmake NAMESPACE kernelgate:: DESTINATION "${package}")

install(TARGETS kernelgate RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# Headers name each other from the root of the sources, and lie likewise, in a folder of our own.
install(DIRECTORY include/kernelgate DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY kernels DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/kernelgate" FILES_MATCHING
  PATTERN "*.h" PATTERN "*.cuh" PATTERN "*_for_test.h" EXCLUDE
  PATTERN exploits EXCLUDE PATTERN microbench EXCLUDE PATTERN silicon EXCLUDE PATTERN ptx EXCLUDE)
install(DIRECTORY examples/own_kernel_cpp examples/own_kernel_cubin examples/python
  DESTINATION "${CMAKE_INSTALL_DATADIR}/kernelgate/examples" PATTERN "__pycache__" EXCLUDE)
install(FILES LICENSE README.md docs/own_kernels.md docs/own_kernel.schema.json docs/python.md
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")
