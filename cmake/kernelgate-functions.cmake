# For programs of one's own kernels.

# kernelgate_enable_cuda(): nvcc compiles .cu files from now on, where it is found and kernelgate was built with CUDA, too:
# for CMAKE_CUDA_ARCHITECTURES, or, where that is not set, for those that kernelgate was built for.
# A macro: a language can only be enabled at a project's own level.
macro(kernelgate_enable_cuda)
  if(kernelgate_HAS_CUDA)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      list(TRANSFORM kernelgate_CUDA_ARCHS APPEND "-real" OUTPUT_VARIABLE CMAKE_CUDA_ARCHITECTURES)
    endif()
    include(CheckLanguage)
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
      enable_language(CUDA)
    endif()
  endif()
endmacro()

# kernelgate_add_executable(NAME SOURCES... [OPS] [ARCHS ARCHITECTURES...]): a program that has all of kernelgate's commands
# for the ops and kernels that these sources register. A .cu is compiled twice: by the C++ compiler, for the host executor,
# and, where CUDA is enabled, by nvcc, for a GPU. OPS: matmul, conv2d and mel with their kernels are in it, too.
function(kernelgate_add_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPS" "" "")
  set(sources)
  foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT source MATCHES "\\.cu$")
      list(APPEND sources "${source}")
      continue()
    endif()
    get_filename_component(file "${source}" ABSOLUTE)
    if(NOT EXISTS "${file}")
      message(FATAL_ERROR "kernelgate_add_executable(${name}): there is no file ${file}")
    endif()
    string(MAKE_C_IDENTIFIER "${source}" word)
    set(host_copy "${CMAKE_CURRENT_BINARY_DIR}/${name}_${word}_host.cpp")
    file(CONFIGURE OUTPUT "${host_copy}" CONTENT "#include \"${file}\"\n" @ONLY)
    list(APPEND sources "${host_copy}")
    if(CMAKE_CUDA_COMPILER_LOADED)
      list(APPEND sources "${source}")
    endif()
  endforeach()
  add_executable(${name} ${sources})
  if(arg_OPS)
    target_link_libraries(${name} PRIVATE kernelgate::ops)
  else()
    target_link_libraries(${name} PRIVATE kernelgate::main)
  endif()
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX CXX_STANDARD 20 CXX_EXTENSIONS OFF)
endfunction()
