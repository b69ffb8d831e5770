// Aligned tables for a terminal.

#include <algorithm>

#include "harness/report/document.h"

namespace kernelgate {
namespace {

/// Columns on a terminal: code points, as our only letters beyond ASCII are as wide as one.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t to, bool right) {
  const std::string space(to > width(text) ? to - width(text) : 0, ' ');
  return right ? space + text : text + space;
}

void write_row(std::ostream& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
               std::size_t text_columns, bool last_is_text) {
  std::string line = "    ";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool right = i >= text_columns && !(last_is_text && i + 1 == row.size());
    line += padded(row[i], widths[i], right) + "  ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void write_table(std::ostream& out, const ReportTable& table) {
  std::vector<std::size_t> widths;
  for (const std::string& name : table.header) widths.push_back(width(name));
  for (const auto& section : table.sections)
    for (const auto& row : section.rows)
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  const bool last_is_text = table.header.back() == "verdict";
  out << '\n' << table.title << '\n';
  write_row(out, table.header, widths, table.text_columns, last_is_text);
  for (const auto& section : table.sections) {
    out << "  " << section.title << '\n';
    for (const auto& row : section.rows) write_row(out, row, widths, table.text_columns, last_is_text);
  }
}

class ConsoleReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const ReportDocument document = report_document(report);
    for (const std::string& line : document.head) out << line << '\n';
    for (const ReportTable& table : document.tables) write_table(out, table);
    for (const ReportList& list : document.lists) {
      out << '\n' << list.title << '\n';
      for (const std::string& line : list.lines) out << "  " << line << '\n';
    }
    if (!document.legend.empty()) out << '\n';
    for (const std::string& line : document.legend) out << line << '\n';
  }
};

const ConsoleReporter reporter;
const RegisterReporter reporter_registered{{"console", "aligned tables for a terminal", &reporter}};

}  // namespace
}  // namespace kernelgate
