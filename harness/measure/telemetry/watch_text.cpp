#include "harness/measure/telemetry/watch_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace kernelgate {
namespace {

template <class T>
std::string shown(const Fact<T>& fact, const char* form = "{}", double unit = 1) {
  if (!fact.value) return "-";
  return fmt::format(fmt::runtime(form), static_cast<double>(*fact.value) / unit);
}

std::string count(const Fact<std::int64_t>& fact) { return fact.value ? fmt::format("{}", *fact.value) : "-"; }

std::string xids_shown(const Fact<std::vector<std::int64_t>>& xids) {
  if (!xids.value) return "-";
  if (xids.value->empty()) return "0";
  // The last ones: of a storm the line must not grow without end.
  constexpr std::size_t most = 4;
  const std::size_t from = xids.value->size() > most ? xids.value->size() - most : 0;
  const std::vector<std::int64_t> last(xids.value->begin() + static_cast<std::ptrdiff_t>(from), xids.value->end());
  return fmt::format("{}{}", from > 0 ? ".." : "", fmt::join(last, ","));
}

}  // namespace

std::string watch_heads() {
  const auto line = [](const auto&... heads) {
    return fmt::format("{:>6} {:>3} {:>5} {:>5} {:>9} {:>7} {:>4} {:>6} {:>6} {:>7} {:>5} {:>5}  {}\n", heads...);
  };
  return line("time", "GPU", "SM", "mem", "power", "temp", "busy", "PCIe", "replay", "ECC", "XID", "procs",
              "held back") +
         line("s", "", "MHz", "MHz", "W", "C", "%", "", "", "cor/unc", "", "", "ms/s");
}

std::string held_text(const WatchedGpu& gpu) {
  std::string text;
  for (std::size_t i = 0; i < gpu.held_last.size(); ++i) {
    const double share = gpu.held_last[i].value.value_or(0);
    if (share <= 0) continue;
    text += fmt::format("{}{} {:.0f}", text.empty() ? "" : ", ", throttle_causes[i].text, share * 1000);
  }
  return text;
}

std::vector<std::string> watch_lines(const WatchTick& tick) {
  std::vector<std::string> lines;
  for (const WatchedGpu& gpu : tick.gpus) {
    const std::string link = gpu.pcie_generation.value && gpu.pcie_width.value
                                 ? fmt::format("{}x{}", *gpu.pcie_generation.value, *gpu.pcie_width.value)
                                 : "-";
    // Of the temperature: how hot, and how many degrees are left.
    const std::string heat = shown(gpu.now.temperature_c, "{:.0f}") + "/" + shown(gpu.temperature_margin_c, "{:.0f}");
    const bool counted =
        std::ranges::any_of(gpu.held_last, [](const Fact<double>& held) { return held.value.has_value(); });
    const std::string held = gpu.lost ? "LOST" : counted ? held_text(gpu) : "-";
    lines.push_back(fmt::format("{:>6.0f} {:>3} {:>5} {:>5} {:>9} {:>7} {:>4} {:>6} {:>6} {:>7} {:>5} {:>5}  {}",
                                tick.at_s, gpu.index, shown(gpu.now.sm_clock_hz, "{:.0f}", 1e6),
                                shown(gpu.now.memory_clock_hz, "{:.0f}", 1e6),
                                shown(gpu.now.power_w, "{:.0f}") + "/" + shown(gpu.power_limit_w, "{:.0f}"), heat,
                                shown(gpu.utilization, "{:.0f}"), link, count(gpu.pcie_replays),
                                count(gpu.ecc_corrected) + "/" + count(gpu.ecc_uncorrected), xids_shown(gpu.xids),
                                count(gpu.other_processes), held));
  }
  return lines;
}

std::string WatchScreen::frame(const WatchTick& tick) {
  std::string text;
  const auto add = [&](const std::string& line) {
    text += terminal_ ? "\r\x1b[2K" : "";
    text += terminal_ && columns_ > 0 ? line.substr(0, columns_) : line;
    text += '\n';
  };
  if (!begun_) {
    const std::string heads = watch_heads();
    const std::size_t end = heads.find('\n');
    add(heads.substr(0, end));
    add(heads.substr(end + 1, heads.size() - end - 2));
  } else if (terminal_ && lines_before_ > 0) {
    text += fmt::format("\x1b[{}A", lines_before_);
  }
  begun_ = true;
  const std::vector<std::string> lines = watch_lines(tick);
  for (const std::string& line : lines) add(line);
  lines_before_ = lines.size();
  return text;
}

}  // namespace kernelgate
