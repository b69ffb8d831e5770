#include "harness/baseline/false_alarms.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/file_lock.h"
#include "harness/baseline/device_state.h"
#include "harness/statistics/clopper_pearson.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

FalseAlarms parsed(const fs::path& path) {
  const json document = read_json(path);
  const json head = document.is_object() ? document.value("kernelgate_false_alarms", json()) : json();
  if (!head.is_object()) throw ResultError(fmt::format("'{}' is no count of false alarms", path.string()));
  const json version = head.value("schema_version", json());
  if (version != false_alarms_schema_version)
    throw ResultError(fmt::format("'{}' has schema version {}, and this program reads {}", path.string(),
                                  version.dump(), false_alarms_schema_version));
  FalseAlarms counted;
  try {
    head.at("compared").get_to(counted.compared);
    head.at("slower").get_to(counted.slower);
    head.at("faster").get_to(counted.faster);
    head.at("reports").get_to(counted.reports);
    head.at("reports_with_alarm").get_to(counted.reports_with_alarm);
    head.at("first_utc").get_to(counted.first_utc);
    head.at("last_utc").get_to(counted.last_utc);
  } catch (const json::exception& error) {
    throw ResultError(fmt::format("'{}' is no valid count of false alarms: {}", path.string(), error.what()));
  }
  const bool possible = counted.slower >= 0 && counted.faster >= 0 &&
                        counted.slower + counted.faster <= counted.compared && counted.reports_with_alarm >= 0 &&
                        counted.reports_with_alarm <= counted.reports && counted.reports <= counted.compared;
  if (!possible) throw ResultError(fmt::format("'{}' has counts that can't be", path.string()));
  return counted;
}

FalseAlarms parsed_if_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) ? parsed(path) : FalseAlarms{};
}

void write(const fs::path& path, const FalseAlarms& counted) {
  replace_file(path, dump_lines({{"kernelgate_false_alarms",
                                  {{"schema_version", false_alarms_schema_version},
                                   {"compared", counted.compared},
                                   {"slower", counted.slower},
                                   {"faster", counted.faster},
                                   {"reports", counted.reports},
                                   {"reports_with_alarm", counted.reports_with_alarm},
                                   {"first_utc", counted.first_utc},
                                   {"last_utc", counted.last_utc}}}}));
}

void add(FalseAlarms& counted, const KnownEqual& report, const std::string& utc) {
  counted.compared += report.compared;
  counted.slower += report.slower;
  counted.faster += report.faster;
  counted.reports += 1;
  counted.reports_with_alarm += report.slower + report.faster > 0 ? 1 : 0;
  if (counted.first_utc.empty()) counted.first_utc = utc;
  counted.last_utc = std::max(counted.last_utc, utc);
}

std::string with_commas(long long count) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

/// 81, 0.45, 0.08, 0.002: never with an exponent.
std::string percent(double rate) {
  const double value = 100 * rate;
  if (value == 0) return "0";
  if (value >= 9.95) return fmt::format("{:.0f}", value);
  int decimals = 2;
  for (double step = 0.01; value < step && decimals < 8; step /= 10) ++decimals;
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

FalseAlarms read_false_alarms(const fs::path& folder, const std::string& device) {
  try {
    return parsed_if_there(in_device_state(folder, device, false_alarms_file));
  } catch (const ResultError& error) {
    FalseAlarms none;
    none.trouble = error.what();
    return none;
  }
}

FalseAlarms add_false_alarms(const fs::path& folder, const std::string& device, const KnownEqual& report,
                             const std::string& utc) {
  std::error_code ignored;
  const fs::path path = in_device_state(folder, device, false_alarms_file);
  if (report.compared == 0) return read_false_alarms(folder, device);
  FalseAlarms counted;
  std::string trouble;
  try {
    const FileLock lock(writable_in_device_state(folder, device, ".false_alarms.lock"));
    try {
      counted = parsed_if_there(path);
    } catch (const ResultError& error) {
      const fs::path aside = path.string() + ".broken";
      fs::rename(path, aside, ignored);
      trouble = fmt::format("{}; it is put aside as '{}', and counting starts anew", error.what(), aside.string());
    }
    add(counted, report, utc);
    write(path, counted);
  } catch (const ResultError& error) {
    if (counted.reports == 0) {  // the lock could not be had
      counted = read_false_alarms(folder, device);
      add(counted, report, utc);
    }
    trouble = fmt::format("false alarms are not counted: {}", error.what());
  }
  counted.trouble = trouble;
  return counted;
}

std::string text_of(const FalseAlarms& counted) {
  if (counted.compared == 0) return {};
  const long long called = counted.slower + counted.faster;
  const RateInterval interval = clopper_pearson(called, counted.compared);
  return fmt::format("known A/A (equal code on both sides): {} of {} called so far: {} % (95 %: {} to {} %)",
                     with_commas(called), with_commas(counted.compared),
                     percent(static_cast<double>(called) / static_cast<double>(counted.compared)),
                     percent(interval.low), percent(interval.high));
}

}  // namespace kernelgate
