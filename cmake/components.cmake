# How sources become part of the program. OBJECT libraries, because a static library would drop the
# objects that do nothing but register themselves.

# kernelgate_objects(NAME SOURCES...): compiled into the program and into every test program that asks.
# LIBRARIES after the keyword LINK are what the program must link because of them.
function(kernelgate_objects name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  add_library(${name} OBJECT ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC kernelgate_flags ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY KERNELGATE_OBJECTS ${name})
endfunction()

# kernelgate_unity(TARGET SIZE): its own sources are compiled SIZE at a time, since most of what the compiler does for
# one is the libraries' templates, and the same for all of them. Neighbours in the alphabet go to different groups: they
# are the ones that name their private parts alike. Not for kernels and peers, whose objects are their identity.
function(kernelgate_unity target size)
  if(NOT KERNELGATE_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "^${PROJECT_SOURCE_DIR}/.*\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "^${PROJECT_BINARY_DIR}/")
  list(LENGTH sources count)
  math(EXPR groups "(${count} + ${size} - 1) / ${size}")
  set(index 0)
  foreach(source IN LISTS sources)
    math(EXPR group "${index} % ${groups}")
    math(EXPR index "${index} + 1")
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${group}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes a source's private types for a header's, since it is included.
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>")
endfunction()

# kernelgate_quick(TARGET): with little optimisation, for what takes longer to compile than to run.
function(kernelgate_quick target)
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${KERNELGATE_QUICK}>")
  kernelgate_quick_to_sanitize(${target})
endfunction()

# kernelgate_quick_to_sanitize(TARGET): with no optimisation under sanitizers: that of their checks takes nearly half of the
# time for a source, and four fifths for one that is compiled for each kind of vector registers.
function(kernelgate_quick_to_sanitize target)
  if(KERNELGATE_SANITIZE)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:-O0>")
  endif()
endfunction()

# kernelgate_precompile(TARGET HEADERS...): these are compiled once for all of its sources.
# kernelgate_precompile(TARGET REUSE_FROM OTHER): those of a target that is compiled with the same options.
function(kernelgate_precompile target)
  if("${ARGV1}" STREQUAL REUSE_FROM)
    target_precompile_headers(${target} REUSE_FROM "${ARGV2}")
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
  # Without it ccache can't tell which headers went in.
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>")
endfunction()

# kernelgate_precompile_tests(TARGET): what most tests include, compiled once for all test programs.
function(kernelgate_precompile_tests target)
  get_property(first GLOBAL PROPERTY KERNELGATE_TESTS_PRECOMPILED)
  if(first)
    kernelgate_precompile(${target} REUSE_FROM ${first})
  else()
    kernelgate_precompile(${target} <gmock/gmock.h> <gtest/gtest.h> <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp>
                          <filesystem> <functional> <map> <optional> <set>)
    set_property(GLOBAL PROPERTY KERNELGATE_TESTS_PRECOMPILED ${target})
  endif()
endfunction()

# kernelgate_kernels(NAME FILES...): CUDA kernels, each compiled twice from the same source.
#  - by nvcc, where there is one, for the architectures that the file's name admits:
#    sm75_x.cu and sm80_x.cu for all of KERNELGATE_CUDA_ARCHS from that one on, sm90a_x.cu for 90a only
#  - by the C++ compiler, for the host executor (kernels/simt)
function(kernelgate_kernels name)
  foreach(file IN LISTS ARGN)
    get_filename_component(stem "${file}" NAME_WE)
    set(host_copy "${CMAKE_CURRENT_BINARY_DIR}/${name}_${stem}_host.cpp")
    file(CONFIGURE OUTPUT "${host_copy}" CONTENT "#include \"${file}\"\n" @ONLY)
    list(APPEND host_sources "${host_copy}")
    if(KERNELGATE_HAS_CUDA)
      kernelgate_file_archs("${stem}" archs)
      if(archs)
        add_library(${name}_${stem} OBJECT "${file}")
        set_target_properties(${name}_${stem} PROPERTIES CUDA_ARCHITECTURES "${archs}")
        target_link_libraries(${name}_${stem} PUBLIC kernelgate_flags)
        kernelgate_keep_ptxas_log(${name}_${stem} "${file}")
        kernelgate_code_unit(${name}_${stem} "${file}")
        set_property(GLOBAL APPEND PROPERTY KERNELGATE_OBJECTS ${name}_${stem})
        set_property(GLOBAL APPEND PROPERTY KERNELGATE_CUDA_KERNELS ${name}_${stem})
      endif()
    endif()
  endforeach()
  if(host_sources)
    kernelgate_objects(${name}_host ${host_sources})
    # GCC 12 folds equal functions of two configurations, and then warns that one reaches beyond the
    # other's array. Sanitizers look at bounds. And it tells that parameters with tensor maps, which are aligned to 64
    # bytes, were passed otherwise before GCC 4.6.
    target_compile_options(${name}_host PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-psabi>")
  endif()
endfunction()

# kernelgate_gpu_only(NAME GLOBS... [GPU_ALONE STEMS...]): sources of the calling folder that only kernelgate-silicon and
# tests hold, compiled as kernelgate_kernels does, but by nvcc for one architecture alone, the last, unless
# KERNELGATE_SILICON_ALL_ARCHS: that nvcc takes them is seen there, and a bundle holds them for every GPU. Those for the same
# GPUs are compiled together (KERNELGATE_UNITY): each is small, and nvcc takes two seconds to read what it includes.
# GPU_ALONE: kernels that the host executor has no use for.
function(kernelgate_gpu_only name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "GPU_ALONE")
  file(GLOB files CONFIGURE_DEPENDS ${arg_UNPARSED_ARGUMENTS})
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$")
  set(sources ${files})
  list(FILTER sources EXCLUDE REGEX "\\.cu$")
  set(kernels ${files})
  list(FILTER kernels INCLUDE REGEX "\\.cu$")
  set(objects ${name})
  set(units)
  foreach(file IN LISTS kernels)
    get_filename_component(unit "${file}" NAME_WE)
    if(KERNELGATE_UNITY AND unit MATCHES "^(sm[0-9]+a?)_")
      set(unit ${CMAKE_MATCH_1}_together)
    endif()
    list(APPEND units ${unit})
    string(APPEND text_of_${unit} "#include \"${file}\"\n")
  endforeach()
  list(REMOVE_DUPLICATES units)
  foreach(unit IN LISTS units)
    if(NOT unit IN_LIST arg_GPU_ALONE)
      set(host_copy "${CMAKE_CURRENT_BINARY_DIR}/${unit}_host.cpp")
      file(CONFIGURE OUTPUT "${host_copy}" CONTENT "${text_of_${unit}}" @ONLY)
      list(APPEND sources "${host_copy}")
    endif()
    if(KERNELGATE_HAS_CUDA)
      kernelgate_file_archs("${unit}" archs)
      if(archs AND NOT KERNELGATE_SILICON_ALL_ARCHS)
        list(GET archs -1 archs)
      endif()
      if(archs)
        set(device_copy "${CMAKE_CURRENT_BINARY_DIR}/${unit}.cu")
        file(CONFIGURE OUTPUT "${device_copy}" CONTENT "${text_of_${unit}}" @ONLY)
        add_library(${name}_${unit} OBJECT "${device_copy}")
        set_target_properties(${name}_${unit} PROPERTIES CUDA_ARCHITECTURES "${archs}")
        target_link_libraries(${name}_${unit} PUBLIC kernelgate_flags)
        list(APPEND objects ${name}_${unit})
      endif()
    endif()
  endforeach()
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PUBLIC kernelgate_flags)
  kernelgate_quick(${name})
  target_compile_options(${name} PRIVATE "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-array-bounds;-Wno-psabi>")
  set_property(GLOBAL APPEND PROPERTY KERNELGATE_GPU_ONLY_OBJECTS ${objects})
endfunction()

# What ptxas says of the kernels of TARGET, made of FILE, is kept beside the object: for `kernelgate codegen`.
function(kernelgate_keep_ptxas_log target file)
  file(RELATIVE_PATH source "${PROJECT_SOURCE_DIR}" "${file}")
  set(launcher "${PROJECT_SOURCE_DIR}/cmake/keep_ptxas_log.sh")
  set_source_files_properties("${file}" PROPERTIES OBJECT_DEPENDS "${launcher}")
  list(APPEND launcher ${CMAKE_CUDA_COMPILER_VERSION} "${source}" ${CMAKE_CUDA_COMPILER_LAUNCHER})
  set_target_properties(${target} PROPERTIES CUDA_COMPILER_LAUNCHER "${launcher}")
  # Uncompressed, as small files are anyway: what identifies the code reads it.
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:-Xptxas=-v;-no-compress>")
endfunction()

# kernelgate_code_unit(TARGET SOURCE [LIBRARIES...]): the objects of TARGET, made of SOURCE (a file, or a folder that ends
# in a slash), are one identity: `code_hash` in a result. LIBRARIES are what they compute with, as the loader names them
# without lib and .so.
function(kernelgate_code_unit target source)
  file(RELATIVE_PATH relative "${PROJECT_SOURCE_DIR}" "${source}")
  if(source MATCHES "/$" AND NOT relative MATCHES "/$")
    string(APPEND relative "/")
  endif()
  list(JOIN ARGN "," libraries)
  if(NOT libraries)
    set(libraries "-")
  endif()
  set_property(GLOBAL APPEND PROPERTY KERNELGATE_CODE_UNITS "${target}|${relative}|${libraries}")
endfunction()

# The architectures of KERNELGATE_CUDA_ARCHS that a kernel file named STEM is for.
function(kernelgate_file_archs stem out)
  set(found)
  if(stem MATCHES "^sm([0-9]+)a_")
    set(exact "${CMAKE_MATCH_1}a")
    if(exact IN_LIST KERNELGATE_CUDA_ARCHS)
      set(found "${exact}-real")
    endif()
  else()
    set(least 75)
    if(stem MATCHES "^sm([0-9]+)_")
      set(least ${CMAKE_MATCH_1})
    endif()
    foreach(arch IN LISTS KERNELGATE_CUDA_ARCHS)
      string(REGEX REPLACE "[a-z]$" "" number "${arch}")
      if(number GREATER_EQUAL least)
        list(APPEND found "${arch}-real")
      endif()
    endforeach()
  endif()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# kernelgate_link(TARGET [OBJECTS...]): links these objects into a program; all that are registered if none are named.
function(kernelgate_link target)
  set(objects ${ARGN})
  if(NOT objects)
    get_property(objects GLOBAL PROPERTY KERNELGATE_OBJECTS)
  endif()
  foreach(object IN LISTS objects)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${object}>)
    get_target_property(needs ${object} LINK_LIBRARIES)
    target_link_libraries(${target} PRIVATE ${needs})
  endforeach()
  target_link_libraries(${target} PRIVATE kernelgate_flags ${CMAKE_DL_LIBS})
  if(KERNELGATE_HAS_CUDA)
    # Static, and itself a dlopen of libcuda: the program starts on a machine with no driver.
    target_link_libraries(${target} PRIVATE CUDA::cudart_static)
  endif()
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# kernelgate_tests(NAME SOURCES... [OBJECTS ...]): a GoogleTest program of everything in SOURCES, in the build folder.
# OBJECTS: what it links, as kernelgate_link takes it. ALONE: no other test runs beside one of these, since they measure.
# QUICK: compiled together and without optimisation. APART: without optimisation, each source by
# itself, since each has kernels of its own; these HEADERS are compiled once for all. BARE: links none of ours. SANITIZED: each
# commit's are run under sanitizers, too: they read what others wrote, start children, or run kernels.
function(kernelgate_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE;APART;BARE;QUICK;SANITIZED" "" "OBJECTS;HEADERS")
  if(NOT KERNELGATE_TESTS)
    return()
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  if(NOT arg_BARE)
    kernelgate_link(${name} ${arg_OBJECTS})
  endif()
  target_link_libraries(${name} PRIVATE kernelgate_flags GTest::gtest GTest::gmock GTest::gtest_main)
  # Not optimised: a test's own code runs for milliseconds, and optimising it is a quarter of compiling it.
  if(arg_QUICK OR arg_APART)
    target_compile_options(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:-O0>")
  endif()
  if(arg_QUICK)
    kernelgate_unity(${name} 12)
    if(NOT arg_BARE)
      kernelgate_precompile_tests(${name})
    endif()
  elseif(arg_APART)
    kernelgate_precompile(${name} ${arg_HEADERS})
  endif()
  set(labels "")
  if(arg_SANITIZED)
    set(labels LABELS sanitized)
    set_property(GLOBAL APPEND PROPERTY KERNELGATE_SANITIZED ${name})
  endif()
  set(environment "KERNELGATE_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
  if(KERNELGATE_TEST_SHARDS)
    math(EXPR last_shard "${KERNELGATE_TEST_SHARDS} - 1")
    foreach(shard RANGE ${last_shard})
      add_test(NAME ${name}.shard${shard} COMMAND ${name})
      set_tests_properties(${name}.shard${shard} PROPERTIES TIMEOUT 600 RUN_SERIAL ${arg_ALONE} ENVIRONMENT
        "${environment};GTEST_TOTAL_SHARDS=${KERNELGATE_TEST_SHARDS};GTEST_SHARD_INDEX=${shard}" ${labels})
    endforeach()
    return()
  endif()
  # Tests with parameters name themselves; what GoogleTest prints of a struct are its bytes, others on every run.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600 RUN_SERIAL ${arg_ALONE}
    ENVIRONMENT "${environment}" ${labels})
endfunction()
