#include "harness/report/reporter.h"

#include <sstream>

namespace kernelgate {

std::string Reporter::report(const Report& report) const {
  std::ostringstream out;
  write(out, report);
  return out.str();
}

NamedRegistry<ReportFormat>& report_formats() {
  static NamedRegistry<ReportFormat> all("report format");
  return all;
}

const Reporter& find_reporter(std::string_view name) { return *report_formats().find(name).reporter; }

}  // namespace kernelgate
