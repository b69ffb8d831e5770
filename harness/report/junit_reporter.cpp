// JUnit XML: a test case for each case, and one for the whole, so that a CI server names what got slower. What is not
// decided is skipped, never passed; the whole fails wherever the exit code is not 0.
// Source  the schema that Jenkins' xUnit plugin publishes (junit-10.xsd): what is here is in it.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"
#include "harness/base/xml_text.h"
#include "harness/report/case_rows.h"

namespace kernelgate {
namespace {

enum class JUnitOutcome { passed, failure, error, skipped };

struct JUnitCase {
  std::string group, name, type, message, text;
  JUnitOutcome outcome = JUnitOutcome::passed;
  double seconds = 0;  ///< that its samples took
};

JUnitOutcome outcome_of(Verdict verdict, bool wrong, bool strict) {
  switch (verdict) {
    case Verdict::same:
    case Verdict::faster:
      return JUnitOutcome::passed;
    case Verdict::slower:
      return JUnitOutcome::failure;
    case Verdict::invalid:
      return wrong ? JUnitOutcome::failure : JUnitOutcome::error;
    case Verdict::not_comparable:
      return JUnitOutcome::error;
    case Verdict::possible:
    case Verdict::inconclusive:
      return strict ? JUnitOutcome::failure : JUnitOutcome::skipped;
    case Verdict::no_baseline:
    case Verdict::skipped:
      break;
  }
  return JUnitOutcome::skipped;
}

JUnitOutcome outcome_of(CaseStatus status) {
  switch (status) {
    case CaseStatus::measured:
      return JUnitOutcome::passed;
    case CaseStatus::wrong:
      return JUnitOutcome::failure;
    case CaseStatus::invalid:
    case CaseStatus::error:
      return JUnitOutcome::error;
    case CaseStatus::skipped:
      break;
  }
  return JUnitOutcome::skipped;
}

double seconds_taken(const CaseRow& row) {
  double seconds = 0;
  if (row.measured != nullptr)
    for (const CaseRun& run : row.measured->runs)
      for (double sample : run.samples_s) seconds += sample * static_cast<double>(run.launches_per_sample);
  return seconds;
}

JUnitCase case_of(const CaseRow& row, bool strict) {
  JUnitCase one;
  one.group = "kernelgate." + (row.op.empty() ? row.name : row.op + "." + row.problem);
  one.name = row.op.empty() ? row.name : row.implementation + "/" + row.state;
  one.type = row.word();
  one.outcome =
      row.verdict != nullptr ? outcome_of(row.verdict->verdict, row.verdict->wrong, strict) : outcome_of(row.status);
  one.message = one_line(fmt::format("{}{}{}", one.type, row.reason.empty() ? "" : ": ", row.reason));
  one.text = "case: " + one_line(row.name) + "\n";
  if (row.median_s) one.text += "median: " + show_seconds(*row.median_s) + "\n";
  if (row.verdict != nullptr && row.verdict->base_s && row.verdict->new_s)
    one.text +=
        fmt::format("base: {}, new: {}, change: {}\n", show_seconds(*row.verdict->base_s),
                    show_seconds(*row.verdict->new_s), row.verdict->ratio ? show_change(*row.verdict->ratio) : "-");
  if (row.verdict != nullptr && !row.verdict->attribution.empty())
    one.text += "likeliest cause: " + one_line(row.verdict->attribution) + "\n";
  one.seconds = seconds_taken(row);
  return one;
}

/// The whole: what only the exit code says (a run cut short, a kernel wrong on the host executor) is a failure, too.
JUnitCase whole_of(const Report& report) {
  JUnitCase one{"kernelgate", "verdict", "GOOD", "", "", JUnitOutcome::passed, 0};
  const ClosingWords words = closing_words(*report.closing);
  const int code = static_cast<int>(report.closing->code);
  one.text = fmt::format("{}.\nexit code {}: {}\nnext: {}\n", words.decided, code, words.meaning, words.next);
  if (report.closing->code == ExitCode::good) return one;
  one.outcome = report.closing->code == ExitCode::nothing ? JUnitOutcome::skipped : JUnitOutcome::failure;
  one.type = headword(*report.closing).word;
  one.message = fmt::format("{}; exit code {}", words.decided, code);
  return one;
}

void write_case(std::ostream& out, const JUnitCase& one) {
  out << fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\">\n", xml_escaped(one.group),
                     xml_escaped(one.name), std::min(one.seconds, 1e15));
  const std::string message = xml_escaped(one.message);
  switch (one.outcome) {
    case JUnitOutcome::failure:
      out << fmt::format("      <failure type=\"{}\" message=\"{}\"/>\n", xml_escaped(one.type), message);
      break;
    case JUnitOutcome::error:
      out << fmt::format("      <error type=\"{}\" message=\"{}\"/>\n", xml_escaped(one.type), message);
      break;
    case JUnitOutcome::skipped:
      out << fmt::format("      <skipped type=\"{}\" message=\"{}\"/>\n", xml_escaped(one.type), message);
      break;
    case JUnitOutcome::passed:
      break;
  }
  out << fmt::format("      <system-out>{}</system-out>\n    </testcase>\n", xml_escaped(one.text));
}

void write_suite(std::ostream& out, const std::string& name, const std::string& started,
                 const std::vector<JUnitCase>& cases) {
  const auto count = [&](JUnitOutcome outcome) { return std::ranges::count(cases, outcome, &JUnitCase::outcome); };
  double seconds = 0;
  for (const JUnitCase& one : cases) seconds += one.seconds;
  out << fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6f}\"",
      xml_escaped(name), cases.size(), count(JUnitOutcome::failure), count(JUnitOutcome::error),
      count(JUnitOutcome::skipped), std::min(seconds, 1e15));
  if (!started.empty()) out << fmt::format(" timestamp=\"{}\"", xml_escaped(started));
  out << ">\n";
  for (const JUnitCase& one : cases) write_case(out, one);
  out << "  </testsuite>\n";
}

class JUnitReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    std::vector<std::string> order;
    std::map<std::string, std::vector<JUnitCase>> suites;
    for (const CaseRow& row : case_rows(report)) {
      std::vector<JUnitCase>& suite = suites[row.op];
      if (suite.empty()) order.push_back(row.op);
      suite.push_back(case_of(row, report.strict));
    }
    const Result* const result = report.measured();
    // "2026-01-02T03:04:05Z": the schema's times have no zone.
    const std::string started = result == nullptr ? "" : result->started_utc.substr(0, result->started_utc.find('Z'));
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    if (report.closing != nullptr) write_suite(out, "kernelgate", started, {whole_of(report)});
    for (const std::string& op : order)
      write_suite(out, op.empty() ? "kernelgate cases" : "kernelgate " + op, started, suites[op]);
    out << "</testsuites>\n";
  }
};

const JUnitReporter junit_reporter;
const RegisterReporter junit_registered{
    {"junit", "JUnit XML: a test case for each case, for a CI server", &junit_reporter}};

}  // namespace
}  // namespace kernelgate
