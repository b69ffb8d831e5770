#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "harness/judge/fleet/fleet.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// Empty where it is not known.
std::string card_of(const Side& side) {
  if (!side.fingerprint.is_object()) return {};
  const nlohmann::json identity = side.fingerprint.value("identity", nlohmann::json::object());
  const nlohmann::json uuid = identity.value("gpu_uuid", nlohmann::json());
  return uuid.is_string() ? uuid.get<std::string>() : std::string();
}

void join(Side& card, const Side& again) {
  for (const SideCase& one : again.cases) {
    const auto known = std::ranges::find(card.cases, one.name, &SideCase::name);
    if (known == card.cases.end())
      card.cases.push_back(one);
    else if (known->status == CaseStatus::measured)
      std::ranges::copy(one.runs, std::back_inserter(known->runs));
  }
}

}  // namespace

std::vector<Side> read_fleet(const fs::path& folder, const Side& fresh) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw ResultError(fmt::format("--fleet: '{}' is no folder; name one with a result of each card", folder.string()));
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  std::map<std::string, Side> cards;
  const std::string own = card_of(fresh);
  for (const fs::path& file : files) {
    const Side side = side_of(read_result(file));
    const std::string card = card_of(side);
    if (card.empty())
      throw ResultError(
          fmt::format("'{}' does not say which card it is of (gpu_uuid): no member of a fleet", file.string()));
    if (card == own) continue;
    const auto [at, is_new] = cards.try_emplace(card, side);
    if (!is_new) join(at->second, side);
  }
  if (cards.empty()) throw ResultError(fmt::format("--fleet: '{}' holds no result of another card", folder.string()));
  std::vector<Side> fleet;
  for (auto& [card, side] : cards) fleet.push_back(std::move(side));
  return fleet;
}

}  // namespace kernelgate
