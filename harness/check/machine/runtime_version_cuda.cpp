// The CUDA runtime linked into this program, and the version of CUDA that compiled it.
#include <cuda_runtime_api.h>
#include <fmt/core.h>

#include "harness/check/machine/system_probe.h"

namespace kernelgate {

RuntimeVersions cuda_runtime_versions() {
  RuntimeVersions versions;
  versions.compiled_with = {CUDART_VERSION, ""};
  int version = 0;
  // Asks the runtime itself; needs no driver.
  const cudaError_t code = cudaRuntimeGetVersion(&version);
  if (code == cudaSuccess) {
    versions.runtime = {version, ""};
  } else {
    versions.runtime = {std::nullopt, fmt::format("cudaRuntimeGetVersion returned {}", static_cast<int>(code))};
  }
  return versions;
}

}  // namespace kernelgate
