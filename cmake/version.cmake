# What the program says of its own build: version, commit, whether the tree was clean, compiler, flags.
# The commit is read at build time, so that a rebuild after a commit says the right one.

set(KERNELGATE_BUILD_INFO "${CMAKE_BINARY_DIR}/generated/build_info.cpp")
add_custom_target(kernelgate_build_info
  BYPRODUCTS "${KERNELGATE_BUILD_INFO}"
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DOUT=${KERNELGATE_BUILD_INFO}
          -DVERSION=${PROJECT_VERSION} -DBUILD_TYPE=${CMAKE_BUILD_TYPE}
          "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
          "-DNVCC=${CMAKE_CUDA_COMPILER_VERSION}" "-DARCHS=${KERNELGATE_CUDA_ARCHS}"
          "-DSANITIZE=${KERNELGATE_SANITIZE}"
          -P "${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake"
  COMMENT "Reading the commit" VERBATIM)
