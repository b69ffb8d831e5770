#pragma once
// The forms of a report that a command also writes to files: --write FORMAT=FILE, --html FILE.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/report/reporter.h"

namespace CLI {
class App;
}

namespace kernelgate {

struct ReportFiles {
  std::vector<std::string> write;  ///< "junit=FILE"
  std::string html;
};

void declare_report_files(CLI::App& app, ReportFiles& files);

struct ReportFile {
  const ReportFormat* format;
  std::filesystem::path path;
};

/// Errors  HarnessError(usage): no FORMAT=FILE, no such format, or one file for two of them.
std::vector<ReportFile> parse(const ReportFiles& files);

/// Each is replaced whole. Errors  as replace_file.
void write_reports(const std::vector<ReportFile>& files, const Report& report);

}  // namespace kernelgate
