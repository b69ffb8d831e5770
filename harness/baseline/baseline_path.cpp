#include "harness/baseline/baseline_path.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

namespace kernelgate {

namespace fs = std::filesystem;
using nlohmann::json;

std::string device_identity(const json& fingerprint) {
  const json identity = fingerprint.is_object() ? fingerprint.value("identity", json()) : json();
  const json uuid = identity.is_object() ? identity.value("gpu_uuid", json()) : json();
  return uuid.is_string() ? uuid.get<std::string>() : std::string();
}

fs::path baseline_path(const fs::path& folder, const std::string& device, const json& fingerprint,
                       const std::string& op) {
  fs::path shared = folder / device / (op + ".json");
  std::string identity = device_identity(fingerprint);
  std::error_code ignored;
  if (identity.empty()) return shared;
  std::ranges::replace_if(
      identity, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; }, '_');  // a document says it
  const fs::path own = folder / device / fmt::format("{}.{}.json", op, identity);
  if (fs::exists(own, ignored) || !fs::exists(shared, ignored)) return fs::exists(own, ignored) ? own : shared;
  try {
    const std::string stored = device_identity(read_baseline(shared).fingerprint);
    return stored.empty() || stored == device_identity(fingerprint) ? shared : own;
  } catch (const ResultError&) {
    return shared;  // whoever reads it says what is wrong with it
  }
}

std::vector<Baseline> read_own_baselines(const fs::path& folder, const std::string& device, const json& fingerprint) {
  const std::string own = device_identity(fingerprint);
  std::map<std::string, Baseline> by_op;
  for (Baseline& one : read_baselines(folder, device)) {
    const auto [at, is_new] = by_op.try_emplace(one.op, one);
    if (!is_new && device_identity(one.fingerprint) == own) at->second = std::move(one);
  }
  std::vector<Baseline> baselines;
  for (auto& [op, one] : by_op) {
    const std::string stored = device_identity(one.fingerprint);
    if (!own.empty() && !stored.empty() && stored != own)
      one.notes.push_back(
          fmt::format("the baseline {}/{} is of {}, another GPU of this model; accept one of this GPU, and it will lie "
                      "beside it: kernelgate baseline accept RESULT --reason TEXT",
                      device, op, stored));
    baselines.push_back(std::move(one));
  }
  return baselines;
}

}  // namespace kernelgate
