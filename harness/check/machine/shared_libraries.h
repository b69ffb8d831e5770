#pragma once
// The CUDA libraries that a program here would load, and their versions.

#include <map>
#include <string>
#include <vector>

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

/// Whether "libcudnn.so.9", or a file of that name with more numbers, is in one of the folders above or of `more`.
bool library_file_exists(const Probe& probe, const std::string& name, const std::vector<std::string>& more);

nlohmann::json to_json(const std::map<std::string, SharedLibrary>& libraries);

}  // namespace kernelgate
