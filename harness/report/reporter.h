#pragma once
// How results and verdicts are shown: one format, one file, which registers itself.

#include <ostream>
#include <string>
#include <string_view>

#include "harness/base/registry.h"
#include "harness/judge/compare/compare.h"
#include "harness/result/result.h"

namespace kernelgate {

/// What is shown: a run, with or without its verdicts, or verdicts alone. One of the two is set, or both.
struct Report {
  const Result* result = nullptr;
  const Comparison* comparison = nullptr;
  std::size_t columns = 0;  ///< of the terminal that it is for; 0: as many as it takes
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
};

NamedRegistry<ReportFormat>& report_formats();

/// `const RegisterReporter reporter_registered{{"console", "a table", &reporter}};` at file scope.
using RegisterReporter = Registered<ReportFormat, report_formats>;

/// Errors  HarnessError (usage): no such format, with those there are.
const Reporter& find_reporter(std::string_view name);

}  // namespace kernelgate
