#include "harness/base/quantity.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace kernelgate {
namespace {

/// Four significant digits without an exponent, for values from 1 to 9999.
std::string digits(double value) {
  // 9.9996 shows as 10.00 whatever the decimals, so round before counting what stands before the point.
  const double magnitude = value > 0 ? std::floor(std::log10(value) + 1e-9) : 0;
  const int decimals = static_cast<int>(std::fmax(0, std::fmin(3, 3 - magnitude)));
  return fmt::format("{:.{}f}", value, decimals);
}

std::string scaled(double value, const char* unit) {
  static constexpr std::array<std::pair<double, const char*>, 5> prefixes{
      {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  for (const auto& [scale, prefix] : prefixes)
    if (value >= scale * 0.99995) return fmt::format("{} {}{}", digits(value / scale), prefix, unit);
  return fmt::format("{} {}", digits(value), unit);
}

}  // namespace

std::string show_seconds(double seconds) {
  static constexpr std::array<std::pair<double, const char*>, 4> units{
      {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
  for (const auto& [scale, name] : units)
    if (seconds >= scale * 0.99995) return digits(seconds / scale) + " " + name;
  // What takes no time at all took some that three decimals don't show.
  return seconds > 0 && seconds < 0.5e-12 ? "under 0.001 ns" : digits(seconds / 1e-9) + " ns";
}

std::string show_rate(double per_second, const char* unit) { return scaled(per_second, unit); }

// What is counted is whole.
std::string show_amount(double amount, const char* unit) {
  return amount < 999.5 ? fmt::format("{:.0f} {}", amount, unit) : scaled(amount, unit);
}

std::string show_change(double ratio, int decimals) {
  constexpr double most = 10'000, least = 0.001;
  if (ratio > most) return fmt::format("over {:.0f}x", most);
  if (ratio >= 10) return fmt::format("{:.0f}x", ratio);
  if (ratio < least) return fmt::format("under {}x", least);
  return fmt::format("{:+.{}f} %", 100 * (ratio - 1), decimals);
}

std::string show_log_change(double log_ratio, int decimals) { return show_change(std::exp(log_ratio), decimals); }

std::string show_finds(double ratio) { return ratio > 10 ? "nothing" : show_change(ratio); }

std::string show_throughput(double flop, double bytes, double seconds) {
  if (!(seconds > 0)) return "";
  if (bytes > 0 && flop < 10 * bytes) return show_rate(bytes / seconds, "B/s");
  return flop > 0 ? show_rate(flop / seconds, "FLOP/s") : "";
}

}  // namespace kernelgate
