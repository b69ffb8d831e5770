// Workflow commands of GitHub Actions: what a person must look at as annotations on the run and the pull request.
// Source  docs.github.com, "Workflow commands for GitHub Actions"; the escapes are those of @actions/core, which the
// runner undoes: %25, %0D, %0A everywhere, %3A and %2C in a title as well.

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/printable.h"
#include "harness/report/case_rows.h"

namespace kernelgate {
namespace {

/// GitHub shows ten of each kind a step, and drops the rest without a word; the last is kept to say how many.
constexpr std::size_t shown_of_a_kind = 9;

std::string github_escaped(const std::string& text, bool in_title) {
  std::string out;
  for (char c : one_line(text)) {
    if (c == '%' || (in_title && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

void annotate(std::ostream& out, std::string_view level, const std::string& title, const std::string& text) {
  out << "::" << level << " title=" << github_escaped(title, true) << "::" << github_escaped(text, false) << '\n';
}

/// "error", "warning" or nothing.
std::string_view level_of(const CaseRow& row, bool strict) {
  if (row.verdict == nullptr)
    return row.status == CaseStatus::wrong || row.status == CaseStatus::error || row.status == CaseStatus::invalid
               ? "error"
               : "";
  switch (row.verdict->verdict) {
    case Verdict::slower:
    case Verdict::invalid:
    case Verdict::not_comparable:
      return "error";
    case Verdict::possible:
      return strict ? "error" : "warning";
    case Verdict::inconclusive:
      return strict ? "error" : "";
    default:
      return "";
  }
}

double size_of(const CaseRow& row) {
  const bool moved = row.verdict != nullptr && row.verdict->ratio;
  return moved ? std::abs(std::log(*row.verdict->ratio)) : HUGE_VAL;  // what is wrong has no size, and comes first
}

class GithubReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const std::vector<CaseRow> rows = case_rows(report);
    for (const std::string_view level : {"error", "warning"}) {
      std::vector<const CaseRow*> of_level;
      for (const CaseRow& row : rows)
        if (level_of(row, report.strict) == level) of_level.push_back(&row);
      std::ranges::stable_sort(of_level, std::greater{}, [](const CaseRow* row) { return size_of(*row); });
      for (std::size_t i = 0; i < std::min(of_level.size(), shown_of_a_kind); ++i)
        annotate(out, level, fmt::format("{} {}", of_level[i]->word(), of_level[i]->name),
                 of_level[i]->reason.empty() ? of_level[i]->name : of_level[i]->reason);
      if (of_level.size() > shown_of_a_kind)
        annotate(out, level, "kernelgate",
                 fmt::format("{} more cases like these: see the report", of_level.size() - shown_of_a_kind));
    }
    if (report.closing == nullptr) return;
    const ClosingWords words = closing_words(*report.closing);
    annotate(out, "notice", "kernelgate: " + headword(*report.closing).word,
             fmt::format("{}. Exit code {}: {}. Next: {}", words.decided, static_cast<int>(report.closing->code),
                         words.meaning, words.next));
  }
};

const GithubReporter github_reporter;
const RegisterReporter github_registered{
    {"github", "annotations of GitHub Actions, on the lines that its runner reads", &github_reporter}};

}  // namespace
}  // namespace kernelgate
