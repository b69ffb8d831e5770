// GitHub's Markdown, for a pull request or a job's summary.

#include <fmt/format.h>

#include "harness/report/document.h"

namespace kernelgate {
namespace {

/// Text inside a cell or a line: what Markdown or HTML would take for markup, escaped.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
      continue;
    }
    if (std::string_view("|*_`<>[]\\#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void write_row(std::ostream& out, const std::string& first, const std::vector<std::string>& row) {
  out << "| " << escaped(first);
  for (const std::string& cell : row) out << " | " << escaped(cell);
  out << " |\n";
}

void write_table(std::ostream& out, const ReportTable& table) {
  out << "\n### " << escaped(table.title) << "\n\n";
  write_row(out, "problem", table.header);
  out << "|---";
  for (std::size_t i = 0; i < table.header.size(); ++i)
    out << (i < table.text_columns || table.header[i] == "verdict" ? "|---" : "|--:");
  out << "|\n";
  for (const auto& section : table.sections)
    for (const auto& row : section.rows) write_row(out, section.title, row);
}

class MarkdownReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const ReportDocument document = report_document(report);
    for (const std::string& line : document.head) out << "- " << escaped(line) << '\n';
    for (const ReportTable& table : document.tables) write_table(out, table);
    for (const ReportList& list : document.lists) {
      out << "\n### " << escaped(list.title) << "\n\n";
      for (const std::string& line : list.lines) out << "- " << escaped(line) << '\n';
    }
    if (!document.legend.empty()) out << '\n';
    for (const std::string& line : document.legend) out << escaped(line) << "  \n";  // two spaces break the line
  }
};

const MarkdownReporter reporter;
const RegisterReporter reporter_registered{{"markdown", "tables for GitHub", &reporter}};

}  // namespace
}  // namespace kernelgate
