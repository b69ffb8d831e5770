#include "harness/predict/vendor/vendor_ratios.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace kernelgate::predict {
namespace {

std::string problem_of(const std::string& name) { return name.substr(0, name.rfind('/')); }

std::string implementation_of(const std::string& name) { return name.substr(name.rfind('/') + 1); }

void add(RatioSummary& summary, double ratio, const std::string& name) {
  if (ratio <= 0) return;
  if (summary.problems == 0 || ratio < summary.least) {
    summary.least = ratio;
    summary.least_of = name;
  }
  // Until all are there, the sum of the logarithms.
  summary.geometric_mean += std::log(ratio);
  ++summary.problems;
}

void finish(RatioSummary& summary) {
  if (summary.problems > 0) summary.geometric_mean = std::exp(summary.geometric_mean / summary.problems);
}

std::string microseconds(double seconds) { return seconds > 0 ? fmt::format("{:.4g}", seconds * 1e6) : "-"; }

std::string ratio_text(double ratio) { return ratio > 0 ? fmt::format("{:.2f}", ratio) : "-"; }

std::string summary_text(const char* state, const RatioSummary& summary) {
  if (summary.problems == 0) return "";
  return fmt::format("; {}: {} problem{}, geometric mean {:.2f}, least {:.2f} ({})", state, summary.problems,
                     summary.problems == 1 ? "" : "s", summary.geometric_mean, summary.least,
                     problem_of(summary.least_of));
}

}  // namespace

std::vector<VendorRatio> vendor_ratios(std::span<const OurTime> times, const VendorTimes& vendor) {
  std::vector<VendorRatio> ratios;
  for (const OurTime& one : times) {
    if (one.hot_s <= 0) continue;
    if (const VendorTime* found = vendor.find(problem_of(one.name)); found != nullptr) ratios.push_back({one, *found});
  }
  return ratios;
}

std::vector<ImplementationRatios> summaries(std::span<const VendorRatio> ratios) {
  std::vector<ImplementationRatios> all;
  for (const VendorRatio& one : ratios) {
    const std::string& name = one.ours.name;
    const std::string op = name.substr(0, name.find('/')), implementation = implementation_of(name);
    auto at = std::ranges::find_if(all, [&](const ImplementationRatios& known) {
      return known.op == op && known.implementation == implementation;
    });
    if (at == all.end()) at = all.insert(all.end(), {op, implementation, {}, {}});
    add(at->cold, one.cold(), name);
    add(at->hot, one.hot(), name);
  }
  for (ImplementationRatios& one : all) {
    finish(one.cold);
    finish(one.hot);
  }
  return all;
}

std::string to_text(std::span<const VendorRatio> ratios, const VendorTimes& vendor) {
  if (ratios.empty()) return "";
  std::size_t width = 0;
  for (const VendorRatio& one : ratios) width = std::max(width, one.ours.name.size());
  std::string text = fmt::format(
      "\nBESIDE THE VENDOR: theirs was MEASURED on {}, {} ({}).\nRatio: their time over ours; above 1 ours is "
      "predicted to be faster.\n{:{}} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6}  {}\n",
      vendor.on, vendor.measured, vendor.source, "case", width, "cold us", "theirs", "ratio", "hot us", "theirs",
      "ratio", "theirs by");
  for (const VendorRatio& one : ratios) {
    text += fmt::format("{:{}} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6}  {}", one.ours.name, width,
                        microseconds(one.ours.cold_s), microseconds(one.vendor.cold_s), ratio_text(one.cold()),
                        microseconds(one.ours.hot_s), microseconds(one.vendor.hot_s), ratio_text(one.hot()),
                        by_whom(one.vendor));
    text += one.vendor.source.empty() ? "\n" : fmt::format("; not by us: {}\n", one.vendor.source);
  }
  for (const ImplementationRatios& one : summaries(ratios))
    text += fmt::format("{}/{}{}{}\n", one.op, one.implementation, summary_text("cold", one.cold),
                        summary_text("hot", one.hot));
  return text;
}

}  // namespace kernelgate::predict
