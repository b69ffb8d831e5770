#pragma once
// How results and verdicts are shown: one format, one file, which registers itself.

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/registry.h"
#include "harness/judge/compare/compare.h"
#include "harness/report/closing.h"
#include "harness/result/result.h"
#include "harness/sides/side.h"

namespace kernelgate {

namespace history {
struct History;
}

/// Where the figures are from: formats show more of a case the more of these there are.
struct ReportSources {
  const Side* base = nullptr;
  const Side* fresh = nullptr;
  const Result* base_result = nullptr;   ///< with its samples
  const Result* fresh_result = nullptr;  ///< of a comparison; a run has its own
  const history::History* history = nullptr;
};

/// What is shown: a run, with or without its verdicts, or verdicts alone. One of the two is set, or both.
struct Report {
  const Result* result = nullptr;
  const Comparison* comparison = nullptr;
  std::size_t columns = 0;           ///< of the terminal that it is for; 0: as many as it takes
  const Closing* closing = nullptr;  ///< what was decided; null: not said
  bool strict = false;               ///< what is not decided counts as a failure
  ReportSources sources = {};
  std::vector<std::string> command = {};  ///< that was given, to be given again

  const Result* measured() const { return result != nullptr ? result : sources.fresh_result; }
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void write(std::ostream& out, const Report& report) const = 0;

  /// The same as text.
  std::string report(const Report& report) const;
};

struct ReportFormat {
  std::string_view name, description;
  const Reporter* reporter;
  bool alone = true;  ///< a document that other text on the same stream would break; false: talk
};

NamedRegistry<ReportFormat>& report_formats();

/// `const RegisterReporter csv_registered{{"csv", "a line a case", &csv_reporter}};` at file scope.
using RegisterReporter = Registered<ReportFormat, report_formats>;

/// Errors  HarnessError (usage): no such format, with those there are.
const ReportFormat& find_format(std::string_view name);
const Reporter& find_reporter(std::string_view name);

/// For --help: each name with its description.
std::string report_formats_help();

}  // namespace kernelgate
