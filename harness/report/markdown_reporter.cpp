// GitHub's Markdown, for a pull request or a job's summary.

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "harness/report/document.h"

namespace kernelgate {
namespace {

/// GitHub refuses a comment of more than 65,536 characters.
constexpr std::size_t most_bytes = 60'000;
/// Of a list, where all is too much.
constexpr std::size_t most_lines = 20;

/// Text inside a cell or a line: what Markdown or HTML would take for markup, escaped. A space of no width keeps names
/// from being more than names: nobody is called to a pull request by an '@' in one, and no address becomes a link.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
      continue;
    }
    if (c == '&') {
      out += "&amp;";
      continue;
    }
    if (std::string_view("|*_`<>[]\\#~$").find(c) != std::string_view::npos) out += '\\';
    out += c;
    if (c == '@' || out.ends_with("://") || out.ends_with("www.")) out += "&#8203;";
  }
  return out;
}

/// A line of a list may not begin another list, or a heading.
std::string escaped_line(const std::string& text) {
  const bool marks = !text.empty() && std::string_view("-+=").find(text.front()) != std::string_view::npos;
  return (marks ? "\\" : "") + escaped(text);
}

void write_row(std::ostream& out, const std::string& first, const std::vector<std::string>& row) {
  out << "| " << escaped(first);
  for (const std::string& cell : row) out << " | " << escaped(cell);
  out << " |\n";
}

/// What is not simply the same, where there is no room for all; a table without verdicts has no such rows.
bool is_of_note(const std::vector<std::string>& row, const ReportTable& table) {
  return table.header.back() != "verdict" || row.back() != "SAME";
}

/// Writes no row that would exceed `room`. How many were left out.
std::size_t write_table(std::ostream& out, const ReportTable& table, bool of_note, std::size_t room) {
  out << "\n### " << escaped(table.title) << "\n\n";
  write_row(out, "problem", table.header);
  out << "|---";
  for (std::size_t i = 0; i < table.header.size(); ++i)
    out << (i < table.text_columns || table.header[i] == "verdict" ? "|---" : "|--:");
  out << "|\n";
  std::size_t left_out = 0, used = 0;
  for (const auto& section : table.sections)
    for (const auto& row : section.rows) {
      std::ostringstream line;
      write_row(line, section.title, row);
      used += line.view().size();
      if (used > room || (of_note && !is_of_note(row, table)))
        ++left_out;
      else
        out << line.view();
    }
  return left_out;
}

void write_lists(std::ostream& out, const ReportDocument& document, std::size_t most) {
  for (const ReportList& list : document.lists) {
    out << "\n### " << escaped(list.title) << "\n\n";
    for (std::size_t i = 0; i < std::min(list.lines.size(), most); ++i)
      out << "- " << escaped_line(list.lines[i]) << '\n';
    if (list.lines.size() > most) out << "- and " << list.lines.size() - most << " more\n";
  }
}

void write_document(std::ostream& out, const Report& report, const ReportDocument& document, bool shortened) {
  if (report.closing != nullptr) {
    const ClosingWords words = closing_words(*report.closing);
    out << "**" << escaped(headword(*report.closing).word) << "**: " << escaped(words.decided) << ".  \nExit code "
        << static_cast<int>(report.closing->code) << ": " << escaped(words.meaning) << ". Next: " << escaped(words.next)
        << "\n\n";
  }
  for (const std::string& line : document.head) out << "- " << escaped_line(line) << '\n';
  if (shortened) write_lists(out, document, most_lines);
  std::size_t left_out = 0;
  const std::size_t room = shortened && !document.tables.empty() ? most_bytes / 2 / document.tables.size() : most_bytes;
  for (const ReportTable& table : document.tables) left_out += write_table(out, table, shortened, room);
  if (left_out > 0)
    out << "\n"
        << left_out << " more rows have no room here, first of all those that are the same: see the page "
        << "(`--write html=FILE`) or the CSV file.\n";
  if (!shortened) write_lists(out, document, SIZE_MAX);
  if (!document.legend.empty()) out << '\n';
  for (const std::string& line : document.legend) out << escaped_line(line) << "  \n";  // two spaces break the line
}

class MarkdownReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const ReportDocument document = report_document(report);
    for (const bool shortened : {false, true}) {
      std::ostringstream text;
      write_document(text, report, document, shortened);
      if (!shortened && text.view().size() > most_bytes) continue;
      out << text.view();
      return;
    }
  }
};

const MarkdownReporter markdown_reporter;
const RegisterReporter markdown_registered{
    {"markdown", "tables for a pull request or a job's summary, no longer than GitHub takes", &markdown_reporter}};

}  // namespace
}  // namespace kernelgate
