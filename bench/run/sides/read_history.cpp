#include "bench/run/sides/read_history.h"

namespace kernelgate {

history::History read_history(const std::vector<std::string>& places, const std::vector<std::string>& vary,
                              const std::string& only, const history::AnalysisOptions& options) {
  history::History read;
  read.options = options;
  history::Environments environments;
  history::SeriesBuilder builder;
  read.found = history::take_documents({places.begin(), places.end()}, environments,
                                       [&](const history::Document& document) { builder.add(document); });
  read.left_out = builder.left_out();
  read.series = builder.series(vary);
  std::erase_if(read.series,
                [&](const history::Series& series) { return series.name.find(only) == std::string::npos; });
  read.analyses = history::analyse(read.series, read.options);
  return read;
}

}  // namespace kernelgate
