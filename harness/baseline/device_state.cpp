#include "harness/baseline/device_state.h"

#include <system_error>

#include <fmt/format.h>

#include "harness/base/error.h"

namespace kernelgate {

namespace fs = std::filesystem;

fs::path in_device_state(const fs::path& state, const std::string& device, const std::string& name) {
  return state.empty() ? fs::path() : state / device / name;
}

fs::path writable_in_device_state(const fs::path& state, const std::string& device, const std::string& name) {
  if (state.empty()) throw ResultError("no home is known to keep them in; set KERNELGATE_STATE to a folder");
  std::error_code failed;
  fs::create_directories(state / device, failed);
  if (failed)
    throw ResultError(fmt::format("can't create '{}': {}; set KERNELGATE_STATE to a folder that can be written",
                                  (state / device).string(), failed.message()));
  return in_device_state(state, device, name);
}

}  // namespace kernelgate
