#include "harness/check/diagnose/memory_damage.h"

#include <fmt/core.h>

namespace kernelgate {

std::vector<std::string> memory_damage(const Gpu& gpu) {
  constexpr std::int64_t most_remapped_rows = 512, most_retired_pages = 63;
  std::vector<std::string> lines;
  const auto set = [](const Fact<bool>& fact) { return fact.value.value_or(false); };
  if (set(gpu.row_remap_failed)) lines.emplace_back("row remapping failed: no spare rows are left");
  if (set(gpu.memory_unrepairable)) lines.emplace_back("NVML reports unrepairable memory");
  if (set(gpu.sram_threshold_exceeded)) lines.emplace_back("SRAM errors exceed NVIDIA's threshold");
  if (const std::int64_t rows = gpu.remapped_rows_uncorrected.value.value_or(0); rows > most_remapped_rows)
    lines.push_back(fmt::format("{} rows remapped for uncorrected errors, {} are the limit", rows, most_remapped_rows));
  const std::int64_t pages =
      gpu.retired_pages_corrected.value.value_or(0) + gpu.retired_pages_uncorrected.value.value_or(0);
  if (pages >= most_retired_pages)
    lines.push_back(fmt::format("{} pages retired, {} are the limit", pages, most_retired_pages));
  if (const std::int64_t errors = gpu.ecc_uncorrected.value.value_or(0); errors > 0)
    lines.push_back(fmt::format("{} uncorrected ECC errors since the driver was loaded", errors));
  return lines;
}

}  // namespace kernelgate
