#include "bench/run/report_files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <set>

#include "harness/base/atomic_file.h"

namespace kernelgate {

void declare_report_files(CLI::App& app, ReportFiles& files) {
  app.add_option("--write", files.write,
                 "also write the report to a file, in this form: FORMAT=FILE, e.g. junit=junit.xml; FORMAT is one of " +
                     report_formats().names() + "; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--html", files.html, "also write a page of tables and charts to this file; the same as html=FILE");
}

std::vector<ReportFile> parse(const ReportFiles& files) {
  std::vector<std::string> texts = files.write;
  if (!files.html.empty()) texts.push_back("html=" + files.html);
  std::vector<ReportFile> parsed;
  std::set<std::string> places;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size())
      throw HarnessError(ExitCode::usage, fmt::format("--write {}: write FORMAT=FILE, e.g. junit=junit.xml", text));
    const std::string place = text.substr(equals + 1);
    if (!places.insert(place).second)
      throw HarnessError(ExitCode::usage, fmt::format("--write: '{}' is named for two forms; name two files", place));
    parsed.push_back({&find_format(text.substr(0, equals)), place});
  }
  return parsed;
}

void write_reports(const std::vector<ReportFile>& files, const Report& report) {
  for (const ReportFile& file : files) replace_file(file.path, file.format->reporter->report(report));
}

}  // namespace kernelgate
