#include "bench/run/proofs/proof_counters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/quantity.h"

namespace kernelgate {
namespace {

constexpr double sector_bytes = 32;

using Parts = std::vector<std::pair<const char*, std::uint64_t>>;

double ratio(double done, double needed) {
  return needed > 0 ? done / needed : std::numeric_limits<double>::quiet_NaN();
}

std::string times(double ratio) { return std::isnan(ratio) ? "none needed" : fmt::format("{:.2f}x the ideal", ratio); }

std::string bytes(std::uint64_t count) { return show_amount(static_cast<double>(count), "B"); }

/// "12 block, 3 warp": those that there are.
std::string list(const Parts& parts) {
  std::vector<std::string> shown;
  for (const auto& [name, count] : parts)
    if (count > 0) shown.push_back(fmt::format("{} {}", count, name));
  return fmt::format("{}", fmt::join(shown, ", "));
}

std::string global_memory(const simt::Counters& c, const CounterRatios& by_ideal) {
  std::string line = fmt::format("global memory: read {}, written {}, {}", bytes(c.global_read_bytes),
                                 bytes(c.global_written_bytes), times(by_ideal.global_bytes));
  line += fmt::format("; sectors read {}, written {}, {}", c.global_read_sectors, c.global_written_sectors,
                      times(by_ideal.global_sector_bytes));
  if (c.cp_async_bytes > 0) line += fmt::format("; {} by cp.async", bytes(c.cp_async_bytes));
  if (const auto tma = c.tma_read_bytes + c.tma_written_bytes; tma > 0) line += fmt::format("; {} by TMA", bytes(tma));
  if (c.atomics > 0) line += fmt::format("; {} atomics", c.atomics);
  return line;
}

std::string shared_memory(const simt::Counters& c, const CounterRatios& by_ideal) {
  const std::uint64_t conflicts = c.bank_conflicts();
  std::string line = fmt::format("shared memory: read {}, written {}; {} bank conflicts", bytes(c.shared_read_bytes),
                                 bytes(c.shared_written_bytes), conflicts);
  if (conflicts == 0) return line;
  return line + fmt::format(", {:.1f} % of the wavefronts: {}", 100 * by_ideal.bank_conflicts,
                            list({{"in loads", c.shared_load_conflicts},
                                  {"in stores", c.shared_store_conflicts},
                                  {"in ldmatrix", c.ldmatrix_conflicts},
                                  {"in stmatrix", c.stmatrix_conflicts},
                                  {"in cp.async", c.cp_async_conflicts}}));
}

std::string tensor_cores(const simt::Counters& c, const CounterRatios& by_ideal) {
  return fmt::format("tensor cores: {}, {}; {}", show_amount(static_cast<double>(c.tensor_flop), "FLOP"),
                     times(by_ideal.tensor_flop),
                     list({{"mma m16n8k8", c.mma_m16n8k8}, {"mma m16n8k16", c.mma_m16n8k16}, {"wgmma", c.wgmma}}));
}

void add_worst_calls(std::vector<std::string>& lines, const simt::MemoryCalls& calls) {
  constexpr std::size_t shown = 3;
  using Entry = simt::MemoryCalls::value_type;
  std::vector<const Entry*> worst;
  for (const Entry& entry : calls)
    if (entry.second.conflicts > 0) worst.push_back(&entry);
  std::ranges::stable_sort(worst, std::ranges::greater{}, [](const Entry* entry) { return entry->second.conflicts; });
  if (worst.size() > shown) worst.resize(shown);
  for (const Entry* entry : worst)
    lines.push_back(fmt::format("  {} bank conflicts in {} requests of {} at {}:{}", entry->second.conflicts,
                                entry->second.requests, entry->first.name, entry->first.file, entry->first.line));
}

}  // namespace

CounterRatios ratios(const simt::Counters& c, const Work& work) {
  const auto moved = static_cast<double>(c.global_read_bytes + c.global_written_bytes);
  const auto sectors = static_cast<double>(c.global_read_sectors + c.global_written_sectors);
  return {ratio(moved, work.bytes), ratio(sectors * sector_bytes, work.bytes),
          ratio(static_cast<double>(c.tensor_flop), work.flop),
          ratio(static_cast<double>(c.bank_conflicts()), static_cast<double>(c.shared_wavefronts))};
}

std::vector<std::string> describe(const simt::Counters& c, const simt::MemoryCalls& calls, const Work& work) {
  const CounterRatios by_ideal = ratios(c, work);
  std::vector<std::string> lines{global_memory(c, by_ideal)};
  if (c.tensor_flop > 0) lines.push_back(tensor_cores(c, by_ideal));
  if (c.shared_wavefronts > 0) lines.push_back(shared_memory(c, by_ideal));
  add_worst_calls(lines, calls);
  const std::string barriers = list({{"block", c.block_barriers},
                                     {"named", c.named_barriers},
                                     {"warp", c.warp_barriers},
                                     {"cluster", c.cluster_barriers},
                                     {"mbarrier waits", c.mbarrier_waits}});
  if (!barriers.empty()) lines.push_back("barriers: " + barriers);
  return lines;
}

void add_counters(nlohmann::json& document, const simt::Counters& counters, const simt::MemoryCalls& calls,
                  const Work& work) {
  nlohmann::json all = nlohmann::json::object();
  for (const simt::CounterField& field : simt::counter_fields()) all[field.name] = counters.*field.value;
  const auto number = [](double value) { return std::isnan(value) ? nlohmann::json() : nlohmann::json(value); };
  const CounterRatios by_ideal = ratios(counters, work);
  document["calls"] = nlohmann::json::array();
  for (const auto& [call, of_call] : calls)
    document["calls"].push_back({{"call", call.name},
                                 {"file", call.file},
                                 {"line", call.line},
                                 {"bytes_of_a_thread", call.width},
                                 {"requests", of_call.requests},
                                 {"bytes", of_call.bytes},
                                 {"sectors", of_call.sectors},
                                 {"wavefronts", of_call.wavefronts},
                                 {"bank_conflicts", of_call.conflicts}});
  document["work"] = {{"flop", work.flop}, {"bytes", work.bytes}};
  document["counters"] = std::move(all);
  document["ratios"] = {{"global_bytes", number(by_ideal.global_bytes)},
                        {"global_sector_bytes", number(by_ideal.global_sector_bytes)},
                        {"tensor_flop", number(by_ideal.tensor_flop)},
                        {"bank_conflicts", number(by_ideal.bank_conflicts)}};
}

}  // namespace kernelgate
