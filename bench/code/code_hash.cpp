#include "bench/code/code_hash.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "bench/code/loaded_library.h"
#include "harness/base/stable_hash.h"

namespace kernelgate {
namespace {

/// `file` is as the compiler was given it, absolute or not; `source` in the repository, a folder if it ends so.
bool is_of(std::string_view file, std::string_view source) {
  if (source.ends_with('/')) {
    const auto at = file.find(source);
    return at != std::string_view::npos && (at == 0 || file[at - 1] == '/');
  }
  return file == source || (file.ends_with(source) && file[file.size() - source.size() - 1] == '/');
}

const ObjectCode* find(const CodeFacts& facts, std::string_view file, std::string_view processor) {
  const auto found = std::ranges::find_if(
      facts.objects, [&](const ObjectCode& one) { return one.processor == processor && is_of(file, one.source); });
  return found == facts.objects.end() ? nullptr : &*found;
}

/// The code that the driver takes for a device: its own architecture's, else the nearest earlier of the same major.
const ObjectCode* device_code(const CodeFacts& facts, std::string_view file, int capability) {
  if (const ObjectCode* exact = find(facts, file, fmt::format("sm_{}a", capability))) return exact;
  for (int minor = capability % 10; minor >= 0; --minor)
    if (const ObjectCode* one = find(facts, file, fmt::format("sm_{}", capability / 10 * 10 + minor))) return one;
  return nullptr;
}

}  // namespace

CodeFacts code_facts() {
  CodeFacts facts;
  facts.library = loaded_library;
  facts.driver = [] {
    std::string version;
    std::getline(std::ifstream("/sys/module/nvidia/version"), version);
    return version;
  };
  return facts;
}

std::string code_hash(const AnyProblem::Candidate& candidate, const Device& device, const CodeFacts& facts) {
  if (device.kind == DeviceKind::simt) return {};  // never timed
  if (!candidate.code_hash.empty()) return candidate.code_hash;
  const bool on_gpu = device.kind == DeviceKind::cuda;
  const ObjectCode* const host = find(facts, candidate.file, "host");
  if (host == nullptr) return {};
  StableHash hash;
  hash.add(host->hash);
  const ObjectCode* const kernels = on_gpu ? device_code(facts, candidate.file, device.compute_capability) : nullptr;
  if (kernels != nullptr) hash.add(kernels->hash);
  if (candidate.origin == Origin::ours) return kernels == nullptr ? "" : hash.text();
  for (std::string_view left = host->libraries; !left.empty();) {
    const auto comma = std::min(left.find(','), left.size());
    const std::string library = facts.library(std::string(left.substr(0, comma)));
    if (library.empty()) return {};
    hash.add(library);
    left.remove_prefix(std::min(comma + 1, left.size()));
  }
  if (on_gpu) {
    const std::string driver = facts.driver();
    if (driver.empty()) return {};
    hash.add(driver);
  }
  return hash.text();
}

std::string code_hash(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device,
                      const CodeFacts& facts) {
  const std::vector<Part> parts = problem.parts(candidate);
  if (parts.empty()) return code_hash(chosen(problem, candidate, device), device, facts);
  StableHash hash;
  for (const Part& part : parts) {
    std::string of_part;
    for (const auto& one : part.problem->implementations())
      if (one.device == device.kind && one.name == part.implementation)
        of_part = code_hash(*part.problem, one, device, facts);
    if (of_part.empty()) return {};
    hash.add(of_part);
  }
  return hash.text();
}

}  // namespace kernelgate
