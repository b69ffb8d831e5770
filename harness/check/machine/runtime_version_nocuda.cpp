// A build without CUDA carries no CUDA runtime.
#include "harness/base/json/fact_json.h"
#include "harness/check/machine/system_probe.h"

namespace kernelgate {

RuntimeVersions cuda_runtime_versions() {
  const std::string why = "this program was built without CUDA";
  return {missing<std::int64_t>(why), missing<std::int64_t>(why)};
}

}  // namespace kernelgate
