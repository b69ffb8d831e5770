// What a GPU says of itself before and after: throttling by cause, errors of its memory and link, XIDs.
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/accept/judge/judge.h"
#include "harness/accept/judge/test_makers.h"

namespace kernelgate::accept {
namespace {

std::string why_not_counted(const Load& load, const std::string& reason) {
  if (!load.no_kernels.empty()) return load.no_kernels;
  const std::string early = ended_early(load);
  return early.empty() ? reason : early;
}

Tested judge_throttling(const Measured& gpu) {
  const Load& load = gpu.load;
  Tested test = make_test(gpu.gpu, "load.throttling", "Clocks under load", "throttled_share");
  test.seconds = load.seconds;
  if (!load.counted || load.seconds <= 0) return not_tested(std::move(test), why_not_counted(load, "not measured"));
  const double most = threshold("throttled_share").value;
  double worst = 0;
  std::vector<std::string> bad, normal;
  std::string unknown;
  for (const Held& held : load.held) {
    if (!held.seconds.value) {
      if (held.invalidates) unknown = fmt::format("{}: {}", held.text, held.seconds.reason);
      continue;
    }
    const double share = *held.seconds.value / load.seconds;
    if (share <= 0) continue;
    const std::string text = fmt::format("{} for {:.1f} % of the time", held.text, 100 * share);
    if (held.invalidates) worst = std::max(worst, share);
    (held.invalidates && share > most ? bad : normal).push_back(text);
  }
  test.value = {100 * worst, ""};
  test.least = {100 * most, ""};
  test.unit = "% of the time at most";
  if (!bad.empty()) return decided(std::move(test), false, fmt::format("held back: {}", fmt::join(bad, ", ")));
  if (!unknown.empty()) return not_tested(std::move(test), "this GPU does not tell " + unknown);
  return decided(std::move(test), true,
                 normal.empty() ? "nothing held them back" : fmt::format("{}: normal", fmt::join(normal, ", ")));
}

Tested judge_ecc(const Measured& gpu) {
  const Load& load = gpu.load;
  Tested test = make_test(gpu.gpu, "errors.ecc", "Memory errors", "uncorrected_errors");
  const Fact<std::int64_t>& after = load.after.ecc_uncorrected;
  if (!load.counted || !after.value)
    return not_tested(std::move(test), load.counted ? after.reason : why_not_counted(load, after.reason));
  test.value = {static_cast<double>(*after.value), ""};
  test.least = {threshold("uncorrected_errors").value, ""};
  test.unit = "errors at most";
  const std::int64_t before = load.before.ecc_uncorrected.value.value_or(*after.value);
  const std::int64_t corrected =
      load.after.ecc_corrected.value.value_or(0) - load.before.ecc_corrected.value.value_or(0);
  return decided(std::move(test), static_cast<double>(*after.value) <= threshold("uncorrected_errors").value,
                 fmt::format("{} uncorrected, {} of them meanwhile; {} corrected meanwhile", *after.value,
                             *after.value - before, std::max<std::int64_t>(corrected, 0)));
}

Tested judge_rows(const Measured& gpu) {
  const Load& load = gpu.load;
  const Errors& after = load.after;
  Tested test = make_test(gpu.gpu, "errors.rows", "Remapped rows", "remapped_rows");
  if (!load.counted || !after.rows_uncorrected.value)
    return not_tested(std::move(test), load.counted ? after.rows_uncorrected.reason
                                                    : why_not_counted(load, after.rows_uncorrected.reason));
  const std::int64_t rows = *after.rows_uncorrected.value + after.rows_corrected.value.value_or(0);
  test.value = {static_cast<double>(rows), ""};
  test.least = {threshold("remapped_rows").value, ""};
  test.unit = "rows at most";
  if (after.row_failed.value.value_or(false))
    return decided(std::move(test), false, fmt::format("{} rows, and a remapping failed: return the GPU", rows));
  if (after.row_pending.value.value_or(false))
    return decided(std::move(test), false, fmt::format("{} rows, and one waits for a reset: reset, and repeat", rows));
  return decided(std::move(test), static_cast<double>(rows) <= threshold("remapped_rows").value,
                 fmt::format("{} rows", rows));
}

Tested judge_xids(const Measured& gpu) {
  const Load& load = gpu.load;
  Tested test = make_test(gpu.gpu, "errors.xid", "XIDs while it worked");
  if (!load.counted || !load.xids.value)
    return not_tested(std::move(test), load.counted ? load.xids.reason : why_not_counted(load, load.xids.reason));
  if (load.xids.value->empty()) return decided(std::move(test), true, "none");
  return decided(std::move(test), false,
                 fmt::format("XID {}: kernelgate check says what it means", fmt::join(*load.xids.value, ", ")));
}

Tested judge_replays(const Measured& gpu) {
  const Load& load = gpu.load;
  Tested test = make_test(gpu.gpu, "errors.replays", "Packets sent again over PCIe", "replays_per_minute");
  const Fact<std::int64_t>&before = load.before.pcie_replays, &after = load.after.pcie_replays;
  if (!load.counted || !before.value || !after.value)
    return not_tested(std::move(test), load.counted ? (after.value ? before.reason : after.reason)
                                                    : why_not_counted(load, after.reason));
  const auto more = static_cast<double>(*after.value - *before.value);
  const double minutes = std::max(load.seconds / 60, 1.0);  // of less than a minute as of one
  const double most = threshold("replays_per_minute").value;
  test.value = {more / minutes, ""};
  test.least = {most, ""};
  test.unit = "a minute at most";
  return decided(std::move(test), more / minutes <= most, fmt::format("{:.0f} in {:.0f} s", more, load.seconds));
}

}  // namespace

Tests judge_errors(const Measured& gpu) {
  return {judge_throttling(gpu), judge_ecc(gpu), judge_rows(gpu), judge_xids(gpu), judge_replays(gpu)};
}

}  // namespace kernelgate::accept
