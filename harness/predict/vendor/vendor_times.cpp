#include "harness/predict/vendor/vendor_times.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/base/json/strict_json.h"

namespace kernelgate::predict {
namespace {

double seconds(ObjectReader& row, const char* name) {
  const nlohmann::json& value = row.field(name);
  if (!value.is_number() || value.get<double>() <= 0) row.refuse(name, "a time in microseconds above 0");
  return value.get<double>() * 1e-6;
}

}  // namespace

const VendorTime* VendorTimes::find(std::string_view problem) const {
  const auto found = std::ranges::find(times, problem, &VendorTime::problem);
  return found == times.end() ? nullptr : &*found;
}

std::string by_whom(const VendorTime& vendor) {
  if (vendor.cold_by.empty() || vendor.hot_by.empty() || vendor.cold_by == vendor.hot_by)
    return vendor.cold_by.empty() ? vendor.hot_by : vendor.cold_by;
  return vendor.cold_by + ", " + vendor.hot_by;
}

VendorTimes parse_vendor_times(std::string_view text, const std::string& file) {
  const nlohmann::json document = parse_strict_json(text, file);
  ObjectReader object(document, file);
  VendorTimes all;
  all.gpu = object.text("gpu");
  all.measured = object.date("measured");
  all.on = object.text("on");
  all.source = object.text("source");
  std::size_t number = 0;
  for (const nlohmann::json& one : object.list("rows")) {
    ObjectReader row(one, fmt::format("{}: row {}", file, ++number));
    VendorTime time;
    time.problem = row.text("problem");
    time.source = row.optional_text("source");
    // We measure both; others publish one of them.
    if (time.source.empty() || row.has("cold_us")) {
      time.cold_s = seconds(row, "cold_us");
      time.cold_by = row.text("cold_by");
    }
    if (time.source.empty() || row.has("hot_us")) {
      time.hot_s = seconds(row, "hot_us");
      time.hot_by = row.text("hot_by");
    }
    if (time.cold_s == 0 && time.hot_s == 0) row.refuse("cold_us", "a time, or hot_us");
    row.finish();
    all.times.push_back(std::move(time));
  }
  object.finish();
  return all;
}

std::optional<VendorTimes> vendor_times(const std::string& gpu) {
  for (const EmbeddedText& one : vendor_texts()) {
    std::string name(one.name);
    std::ranges::replace(name, '_', '-');
    if (name == gpu) return parse_vendor_times(one.text, name + ".json");
  }
  return std::nullopt;
}

}  // namespace kernelgate::predict
