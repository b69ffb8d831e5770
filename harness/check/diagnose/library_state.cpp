#include "harness/check/diagnose/library_state.h"

#include <algorithm>

namespace kernelgate {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool node_exists(const Environment& environment, const std::string& node) {
  return std::ranges::count(environment.kernel_driver.device_nodes, node) > 0;
}

bool absent(const LibraryView& view) {
  return !view.loaded && view.probe_error.empty() && !has(view.load_error, "file too short");
}

bool module_seen(const Environment& environment) {
  return environment.kernel_driver.module_version.value || environment.kernel_driver.module_loaded;
}

}  // namespace kernelgate
