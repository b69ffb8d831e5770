// Aligned tables for a terminal.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

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

constexpr std::size_t indent = 4, gap = 2;

void write_row(std::ostream& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
               std::size_t text_columns, bool last_is_text) {
  std::string line(indent, ' ');
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool right = i >= text_columns && !(last_is_text && i + 1 == row.size());
    line += padded(row[i], widths[i], right) + std::string(gap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

std::vector<std::size_t> widths_of(const ReportTable& table) {
  std::vector<std::size_t> widths;
  for (const std::string& name : table.header) widths.push_back(width(name));
  for (const auto& section : table.sections)
    for (const auto& row : section.rows)
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  return widths;
}

std::size_t width(const ReportTable& table) {
  std::size_t sum = indent;
  for (const std::size_t one : widths_of(table)) sum += one + gap;
  return sum - gap;
}

void erase_column(ReportTable& table, std::ptrdiff_t at) {
  table.header.erase(table.header.begin() + at);
  for (auto& section : table.sections)
    for (auto& row : section.rows)
      if (at < std::ssize(row)) row.erase(row.begin() + at);
}

/// Without the columns that it can do without, one after the other, until it fits. Adds their names to `left_out`.
ReportTable narrowed(ReportTable table, std::size_t columns, std::set<std::string>& left_out) {
  for (const std::string& name : table.dispensable) {
    if (columns == 0 || width(table) <= columns) break;
    const auto found = std::ranges::find(table.header, name);
    if (found == table.header.end()) continue;
    erase_column(table, found - table.header.begin());
    left_out.insert(name);
  }
  return table;
}

void write_table(std::ostream& out, const ReportTable& table) {
  const std::vector<std::size_t> widths = widths_of(table);
  const bool last_is_text = table.header.back() == "verdict";
  out << '\n' << table.title << '\n';
  write_row(out, table.header, widths, table.text_columns, last_is_text);
  for (const auto& section : table.sections) {
    out << "  " << section.title << '\n';
    for (const auto& row : section.rows) write_row(out, row, widths, table.text_columns, last_is_text);
  }
}

/// Explanations, each on a line of its own where they don't fit on one.
std::string in_lines(std::string text, std::size_t columns) {
  if (columns == 0 || width(text) <= columns) return text;
  for (std::size_t at = text.find("; "); at != std::string::npos; at = text.find("; ", at)) text.replace(at, 2, "\n");
  return text;
}

class ConsoleReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const ReportDocument document = report_document(report);
    for (const std::string& line : document.head) out << line << '\n';
    std::set<std::string> left_out;
    for (const ReportTable& table : document.tables) write_table(out, narrowed(table, report.columns, left_out));
    for (const ReportList& list : document.lists) {
      out << '\n' << list.title << '\n';
      for (const std::string& line : list.lines) out << "  " << line << '\n';
    }
    if (!document.legend.empty()) out << '\n';
    for (const std::string& line : document.legend) out << in_lines(line, report.columns) << '\n';
    if (!left_out.empty())
      out << fmt::format("no room in this terminal for: {}; a wider one has it, and a file\n",
                         fmt::join(left_out, ", "));
  }
};

const ConsoleReporter console_reporter;
const RegisterReporter console_registered{{"console", "aligned tables for a terminal", &console_reporter, false}};

}  // namespace
}  // namespace kernelgate
