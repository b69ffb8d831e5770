#pragma once
// The CUDA libraries that a program here would load, and their versions.

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/fact.h"
#include "harness/check/machine/probe.h"

namespace kernelgate {

struct SharedLibrary {
  std::string path;
  Fact<std::string> version;  ///< "13.1.0.3"
};

/// "cublas", "cudart" and "cudnn", those that are found: in the loader's folders, then where bench/peers looks
/// for them ($KERNELGATE_LIBRARY_PATH, toolkits, Python's wheels). The first folder that has one counts. The
/// version is in the file's name, or the link's, or what the toolkit or the wheel says beside it.
std::map<std::string, SharedLibrary> read_shared_libraries(const Probe& probe);

nlohmann::json to_json(const std::map<std::string, SharedLibrary>& libraries);

}  // namespace kernelgate
