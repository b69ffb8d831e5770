// Whatever file compare is given.

#include <fmt/format.h>

#include "harness/judge/baseline.h"
#include "harness/result/atomic_file.h"
#include "harness/result/foreign.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Strict JSON; but Google Benchmark writes NaN where it has no number, in counters too that nobody compares.
json document_of(const fs::path& path) {
  const std::string text = read_text(path);
  try {
    return parse_json(text, path.string());
  } catch (const ResultError&) {
    json document;
    try {
      document = parse_json(text, path.string(), NotFinite::as_text);
    } catch (const ResultError&) {
    }
    if (foreign_format(document)) return document;
    throw;
  }
}

}  // namespace

Side read_side(const fs::path& path, const std::string& metric) {
  const json document = document_of(path);
  if (const ForeignFormat* format = foreign_format(document)) return read_foreign(*format, document, path, metric);
  if (!metric.empty())
    throw ResultError(
        fmt::format("--metric {}: '{}' is no other tool's file; leave the option out", metric, path.string()));
  if (document.is_object() && document.contains("kernelgate_baseline"))
    return side_of(baseline_from_json(document, path.string()));
  Side side = side_of(result_from_json(document, path.string()));
  side.description = path.string() + ": " + side.description;
  return side;
}

}  // namespace kernelgate
