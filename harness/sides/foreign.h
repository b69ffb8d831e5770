#pragma once
// Files that other tools write, as one side of a comparison. One format, one file, which registers itself.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/registry.h"
#include "harness/sides/side.h"

namespace kernelgate {

/// One tool's format. A document is one process run: what a tool repeats within it are the run's samples.
struct ForeignFormat {
  std::string_view name;                  ///< the tool's: "Google Benchmark"
  std::vector<std::string_view> metrics;  ///< what --metric may name; the first is the default
  bool (*matches)(const nlohmann::json& document);
  /// `path` is the file's: what it names may lie beside it.
  Side (*read)(const nlohmann::json& document, const std::filesystem::path& path, const std::string& metric);
  /// Of a file that holds many runs: each as a side, by time. `read` then gives the last. Null: a file is one run.
  std::vector<Side> (*read_all)(const nlohmann::json& document, const std::filesystem::path& path,
                                const std::string& metric) = nullptr;
};

NamedRegistry<ForeignFormat>& foreign_formats();
using RegisterForeignFormat = Registered<ForeignFormat, foreign_formats>;

/// The format of a document; null: no other tool's that is known.
const ForeignFormat* foreign_format(const nlohmann::json& document);

/// A foreign document as a side: `source` is its tool, and its fingerprint says what the tool recorded, with every
/// fact that it did not as {"value": null, "reason": ...}. A case that can't be used is `error`, `invalid` or
/// `skipped`, with the reason. `metric` empty: the format's default.
/// Errors  ResultError, one line that names the file, the place and the remedy: another metric, no benchmarks, two
/// of one name, not the format's shape.
Side read_foreign(const ForeignFormat& format, const nlohmann::json& document, const std::filesystem::path& path,
                  const std::string& metric);

/// All runs of a foreign document, each with the time it was measured: as the document says, else as the file does
/// (utc_of_file). Errors  as read_foreign.
std::vector<Side> read_foreign_runs(const ForeignFormat& format, const nlohmann::json& document,
                                    const std::filesystem::path& path, const std::string& metric);

/// The JSON of a text that another tool wrote: strict, or with NaN where it has no number, or as a script that assigns
/// one object (data.js). Errors  ResultError, one line, as parse_json() of strict JSON says it.
nlohmann::json foreign_json(const std::string& text, const std::string& where);

/// A fact that a tool did not record.
nlohmann::json not_recorded(std::string_view tool);

/// A JSON value as it is shown in a reason, cut short.
std::string shown_json(const nlohmann::json& value);

}  // namespace kernelgate
