#pragma once
// Folders, files and stores as the history that `kernelgate history` shows.

#include <string>
#include <vector>

#include "harness/history/report/report.h"

namespace kernelgate {

/// `only`: cases whose name has this text. Errors  as take_documents and SeriesBuilder::series.
history::History read_history(const std::vector<std::string>& places, const std::vector<std::string>& vary,
                              const std::string& only, const history::AnalysisOptions& options);

}  // namespace kernelgate
