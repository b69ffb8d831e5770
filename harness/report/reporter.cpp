#include "harness/report/reporter.h"

#include <sstream>

namespace kernelgate {

std::string Reporter::report(const Report& report) const {
  std::ostringstream out;
  write(out, report);
  return std::move(out).str();
}

NamedRegistry<ReportFormat>& report_formats() {
  static NamedRegistry<ReportFormat> all("report format");
  return all;
}

const ReportFormat& find_format(std::string_view name) { return report_formats().find(name); }

const Reporter& find_reporter(std::string_view name) { return *find_format(name).reporter; }

std::string report_formats_help() {
  std::string text;
  for (const ReportFormat& one : report_formats().all())
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", one.name, one.description);
  return text;
}

}  // namespace kernelgate
