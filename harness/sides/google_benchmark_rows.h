#pragma once
// What a row of Google Benchmark's JSON is: a repetition, an aggregate, or no measurement at all.

#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace kernelgate {

struct GoogleBenchmarkRow {
  std::string family;                   ///< the benchmark's name
  std::string aggregate;                ///< "mean", "median", "stddev"; empty: a repetition
  bool repeated_without_index = false;  ///< one of several repetitions that nothing numbers
};

/// Since 1.5.0 a row says what it is (run_type, run_name). Before, its name alone tells: "BM_A_BigO", "BM_A_RMS",
/// "BM_A_mean", and the other rows of the document.
class GoogleBenchmarkRows {
 public:
  explicit GoogleBenchmarkRows(const nlohmann::json& entries);

  /// Nothing for asymptotic complexity, its error, ratios and what else is no time. Errors  ResultError: no name, or
  /// one that is no text.
  std::optional<GoogleBenchmarkRow> row_of(const nlohmann::json& entry) const;

 private:
  std::optional<GoogleBenchmarkRow> old_row_of(const nlohmann::json& entry) const;

  std::set<std::string, std::less<>> old_names_;  ///< of rows that don't say what they are
};

}  // namespace kernelgate
