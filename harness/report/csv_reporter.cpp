// Comma-separated values (RFC 4180), one line a case, for spreadsheets and data frames. SI units, all digits.

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/printable.h"
#include "harness/report/case_rows.h"

namespace kernelgate {
namespace {

/// Text in a cell. A spreadsheet takes what begins with one of these for a formula, and runs it: an apostrophe before
/// it keeps it text (OWASP, "CSV Injection"). Numbers are no text and need none.
std::string csv_text(const std::string& text) {
  std::string cell = one_line(text);
  if (!cell.empty() && std::string_view("=+-@").find(cell.front()) != std::string_view::npos) cell.insert(0, "'");
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

/// The shortest text that reads back as the same number; nothing where it is not known.
std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

std::optional<double> where_known(double value) { return value > 0 ? std::optional(value) : std::nullopt; }

class CsvReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    out << "case,op,problem,label,implementation,origin,state,status,verdict,median_s,p95_s,p99_s,min_s,mean_s,runs,"
           "samples,flop,bytes,flop_per_s,bytes_per_s,vs_peer,base_s,new_s,ratio,ratio_low,ratio_high,detectable_ratio,"
           "base_runs,new_runs,attribution,max_error_ratio,code_hash,device,started_utc,commit,reason\r\n";
    const Result* const result = report.measured();
    std::string device, started, commit;
    if (result != nullptr) {
      device = result->device;
      started = result->started_utc;
      if (result->build.is_object() && result->build.contains("commit") && result->build["commit"].is_string())
        commit = result->build["commit"].get<std::string>();
    }
    for (const CaseRow& row : case_rows(report)) {
      const CaseVerdict* const v = row.verdict;
      const auto of_verdict = [&](auto member) { return csv_number(v ? v->*member : std::nullopt); };
      const bool verified = row.measured != nullptr && row.measured->verification;
      out << csv_text(row.name) << ',' << csv_text(row.op) << ',' << csv_text(row.problem) << ',' << csv_text(row.label)
          << ',' << csv_text(row.implementation) << ',' << csv_text(row.origin) << ',' << csv_text(row.state) << ','
          << to_string(row.status) << ',' << (v ? row.word() : "") << ',' << csv_number(row.median_s) << ','
          << csv_number(row.p95_s) << ',' << csv_number(row.p99_s) << ',' << csv_number(row.min_s) << ','
          << csv_number(row.mean_s) << ',' << row.runs << ',' << row.samples << ',' << csv_number(where_known(row.flop))
          << ',' << csv_number(where_known(row.bytes)) << ',' << csv_number(row.per_second(row.flop)) << ','
          << csv_number(row.per_second(row.bytes)) << ',' << csv_number(row.vs_peer) << ','
          << of_verdict(&CaseVerdict::base_s) << ',' << of_verdict(&CaseVerdict::new_s) << ','
          << of_verdict(&CaseVerdict::ratio) << ',' << of_verdict(&CaseVerdict::ratio_low) << ','
          << of_verdict(&CaseVerdict::ratio_high) << ',' << of_verdict(&CaseVerdict::detectable_ratio) << ','
          << (v ? v->base_runs : 0) << ',' << (v ? v->new_runs : 0) << ',' << csv_text(v ? v->attribution : "") << ','
          << (verified ? csv_number(row.measured->verification->max_error_ratio) : "") << ','
          << csv_text(row.measured ? row.measured->code_hash : "") << ',' << csv_text(device) << ','
          << csv_text(started) << ',' << csv_text(commit) << ',' << csv_text(row.reason) << "\r\n";
    }
  }
};

const CsvReporter csv_reporter;
const RegisterReporter csv_registered{{"csv", "a line a case, for spreadsheets and data frames", &csv_reporter}};

}  // namespace
}  // namespace kernelgate
