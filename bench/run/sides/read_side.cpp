#include "bench/run/sides/read_side.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/utc_time.h"
#include "harness/baseline/baseline.h"
#include "harness/sides/foreign.h"
#include "harness/sides/join_processes.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

SideRead read_one(const fs::path& path, const std::string& metric) {
  const json document = foreign_json(read_text(path), path.string());
  if (const ForeignFormat* format = foreign_format(document))
    return {read_foreign(*format, document, path, metric), {}};
  if (!metric.empty())
    throw ResultError(
        fmt::format("--metric {}: '{}' is no other tool's file; leave the option out", metric, path.string()));
  if (document.is_object() && document.contains("kernelgate_baseline"))
    return {side_of(baseline_from_json(document, path.string()), utc_now()), {}};
  SideRead read{{}, result_from_json(document, path.string())};
  read.side = side_of(*read.result);
  read.side.description = path.string() + ": " + read.side.description;
  return read;
}

}  // namespace

Side read_side(const fs::path& path, const std::string& metric) { return read_side_and_result(path, metric).side; }

SideRead read_side_and_result(const fs::path& path, const std::string& metric) {
  std::error_code ignored;
  const std::string text = path.string();
  if (text.find(',') == std::string::npos || fs::exists(path, ignored)) return read_one(path, metric);
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  std::vector<Side> parts;
  for (const std::string& name : names) parts.push_back(read_one(name, metric).side);
  return {join_processes(std::move(parts), names), {}};
}

std::optional<Side> read_foreign_side(const fs::path& path) {
  std::error_code ignored;
  const std::string text = path.string();
  const std::size_t end = fs::exists(path, ignored) ? std::string::npos : text.find(',');
  const fs::path first = text.substr(0, end);
  if (!foreign_format(foreign_json(read_text(first), first.string()))) return std::nullopt;
  return read_side(path);
}

}  // namespace kernelgate
