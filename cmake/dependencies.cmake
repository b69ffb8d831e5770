# Every library that we build on, and the CUDA compiler where there is one.

# A peer finds its own library in its own folder; the programs that link it are made elsewhere.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

find_package(Threads REQUIRED)
find_package(benchmark REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost REQUIRED COMPONENTS context)
find_package(SQLite3 REQUIRED)
find_package(simdjson REQUIRED)
# Else a source without optimisation has larger classes than one with it, and the two meet in one program.
target_compile_definitions(simdjson::simdjson INTERFACE SIMDJSON_DEVELOPMENT_CHECKS=0)
find_path(KERNELGATE_XXHASH xxhash.h REQUIRED)  # all of it is in its headers

# For the charts of pages; without it pages have their tables, and say so.
find_file(KERNELGATE_CHART_LIBRARY chart.min.js PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist)
if(NOT KERNELGATE_CHART_LIBRARY)
  message(STATUS "No chart library (libjs-chart.js): no charts in pages")
  set(KERNELGATE_CHART_LIBRARY "")
endif()
if(KERNELGATE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
target_link_libraries(kernelgate_flags INTERFACE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
target_include_directories(kernelgate_flags SYSTEM INTERFACE "${KERNELGATE_XXHASH}")

set(KERNELGATE_HAS_CUDA OFF)
if(KERNELGATE_CUDA)
  # CMAKE_CUDA_ARCHITECTURES is set per target, from the name of each kernel's file.
  set(CMAKE_CUDA_ARCHITECTURES OFF)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    find_package(CUDAToolkit)
    if(CUDAToolkit_FOUND)
      set(KERNELGATE_HAS_CUDA ON)
    endif()
  endif()
endif()
if(KERNELGATE_HAS_CUDA)
  message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION}: kernels for ${KERNELGATE_CUDA_ARCHS}")
  # CMake 3.25 knows no C++20 for this nvcc; say it ourselves.
  set(CMAKE_CUDA_STANDARD_REQUIRED OFF)
  target_compile_options(kernelgate_flags INTERFACE
    "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--expt-relaxed-constexpr;-lineinfo;-Xcompiler=-Wall>")
  target_include_directories(kernelgate_flags SYSTEM INTERFACE ${CUDAToolkit_INCLUDE_DIRS})
  target_compile_definitions(kernelgate_flags INTERFACE KERNELGATE_HAS_CUDA=1)
else()
  message(STATUS "No CUDA compiler: kernels run on the host executor only, and no GPU can be measured")
  target_compile_definitions(kernelgate_flags INTERFACE KERNELGATE_HAS_CUDA=0)
endif()
