#pragma once
// How results and verdicts are shown: one format, one file, which registers itself.

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/compare/compare.h"
#include "harness/result/result.h"

namespace kernelgate {

/// What is shown: a run, with or without its verdicts, or verdicts alone. One of the two is set, or both.
struct Report {
  const Result* result = nullptr;
  const Comparison* comparison = nullptr;
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void write(std::ostream& out, const Report& report) const = 0;

  /// The same as text. `comparison` may be null.
  std::string report(const Result& result, const Comparison* comparison) const;
};

/// `const RegisterReporter reporter_registered{"console", "a table", make};` at file scope.
class RegisterReporter {
 public:
  using Make = std::unique_ptr<Reporter> (*)();
  RegisterReporter(std::string_view name, std::string_view description, Make make);
};

/// Errors  HarnessError(usage): no such format, with those there are; two formats of one name.
const Reporter& find_reporter(std::string_view name);

/// Name and description of each, sorted.
std::vector<std::pair<std::string, std::string>> reporter_names();

}  // namespace kernelgate
