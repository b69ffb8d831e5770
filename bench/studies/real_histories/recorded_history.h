#pragma once
// Histories that other projects published, as numbers alone.
//
// One JSON document, gzipped or not: {source: {"class": "cpu" | "cuda", "runs": [{"unix_s", "commit", "seconds":
// {case: [values]}}]}}. A run is one process on one commit; most hold a single value a case.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/history/analysis/series.h"

namespace kernelgate::real_histories {

/// Units  seconds.
struct RecordedRun {
  std::string started_utc, commit;
  std::map<std::string, std::vector<double>> seconds;
};

struct Source {
  std::string name, device_class;
  std::vector<RecordedRun> runs;  ///< by time
};

/// Errors  std::runtime_error, one line: unreadable, or not of this form.
std::vector<Source> read_sources(const std::filesystem::path& file);

/// One run of a source, as `history` reads it.
history::Document document_of(const Source& source, const RecordedRun& run);

/// The series that `history` makes of a source's first runs.
std::vector<history::Series> series_of(const Source& source, std::size_t runs = static_cast<std::size_t>(-1));

/// Some runs in a row as one side, each of which is a file of another tool. Only what all of them measured.
Side side_of(const Source& source, std::size_t first, std::size_t last);

}  // namespace kernelgate::real_histories
