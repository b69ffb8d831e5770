#pragma once
// A machine made up for a test: every diagnosis is reproduced with no GPU.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/check/machine/probe.h"

namespace kernelgate {

class FakeProbe : public Probe {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;
  std::map<std::string, std::string> refused;  ///< path -> why it can't be opened
  std::map<std::string, std::string> variables;
  std::string release = "6.1.0-38-amd64", node = "gpu-node", log;
  Fact<std::int64_t> cores{96, ""};
  LibraryView nvml_view, cuda_view;
  LibraryView unmasked_view;     ///< libcuda's with CUDA_VISIBLE_DEVICES not set
  std::vector<GpuTrial> trials;  ///< one for each GPU that CUDA sees; fewer: the rest was not tried
  RuntimeVersions versions{{13000, ""}, {13000, ""}};

  std::optional<std::string> read_file(const std::string& path) const override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> list_directory(const std::string& path) const override {
    const std::string folder = path.ends_with('/') ? path : path + "/";
    std::set<std::string> names;
    for (const auto& [name, text] : files) {
      if (name.starts_with(folder))
        names.insert(name.substr(folder.size(), name.find('/', folder.size()) - folder.size()));
    }
    return {names.begin(), names.end()};
  }
  bool exists(const std::string& path) const override {
    return std::ranges::any_of(
        files, [&](const auto& file) { return file.first == path || file.first.starts_with(path + "/"); });
  }
  std::optional<std::string> read_link(const std::string& path) const override {
    const auto found = links.find(path);
    return found == links.end() ? std::nullopt : std::optional(found->second);
  }
  std::string open_error(const std::string& path) const override {
    const auto found = refused.find(path);
    return found == refused.end() ? "" : found->second;
  }
  std::optional<std::string> environment_variable(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
  std::string kernel_release() const override { return release; }
  std::string kernel_log() const override { return log; }
  std::string hostname() const override { return node; }
  Fact<std::int64_t> usable_cores() const override { return cores; }
  LibraryView nvml() const override { return nvml_view; }
  LibraryView cuda_driver() const override { return cuda_view; }
  LibraryView cuda_driver_unmasked() const override { return unmasked_view; }
  std::vector<GpuTrial> try_gpus(int count) const override {
    return {trials.begin(), trials.begin() + std::min<std::ptrdiff_t>(count, std::ssize(trials))};
  }
  RuntimeVersions runtime_versions() const override { return versions; }
};

}  // namespace kernelgate
