// OpenMetrics text, which node_exporter's textfile collector reads as well: gauges without timestamps are the same in
// both. docs/reports.md has the dashboard that shows them.
// Source  github.com/prometheus/OpenMetrics, specification 1.0.0: escapes, order, and "# EOF" at the end.

#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "harness/base/printable.h"
#include "harness/base/utc_time.h"
#include "harness/report/case_rows.h"

namespace kernelgate {
namespace {

std::string label_value(const std::string& text) {
  std::string out;
  for (char c : one_line(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

/// Finite numbers alone: a gauge that is NaN draws a hole that nobody sees.
void write_sample(std::ostream& out, const char* name, const std::string& labels, const std::optional<double>& value) {
  if (value && std::isfinite(*value)) out << name << '{' << labels << "} " << fmt::format("{}", *value) << '\n';
}

void begin_metric(std::ostream& out, const char* name, const char* help) {
  out << "# TYPE " << name << " gauge\n# HELP " << name << ' ' << help << '\n';
}

struct Metric {
  const char *name, *help;
  std::function<std::optional<double>(const CaseRow&)> of;
};

std::optional<double> of_verdict(const CaseRow& row, std::optional<double> CaseVerdict::*member) {
  return row.verdict != nullptr ? row.verdict->*member : std::nullopt;
}

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all{
      {"kernelgate_case_median_seconds", "Time of one launch: median over process runs of their medians.",
       [](const CaseRow& row) { return row.median_s; }},
      {"kernelgate_case_p99_seconds", "Time of one launch: 99th percentile of all samples.",
       [](const CaseRow& row) { return row.p99_s; }},
      {"kernelgate_case_flop_per_second", "Throughput: of the floating-point work that the algorithm needs.",
       [](const CaseRow& row) { return row.per_second(row.flop); }},
      {"kernelgate_case_bytes_per_second", "Throughput: of the bytes that the algorithm needs.",
       [](const CaseRow& row) { return row.per_second(row.bytes); }},
      {"kernelgate_case_peer_ratio", "The best peer's median over this one: above 1 is faster than the peer.",
       [](const CaseRow& row) { return row.vs_peer; }},
      {"kernelgate_case_change_ratio", "New over base, of what decides: above 1 is slower.",
       [](const CaseRow& row) { return of_verdict(row, &CaseVerdict::ratio); }},
      {"kernelgate_case_change_low_ratio", "Lower end of the change's 95 % interval.",
       [](const CaseRow& row) { return of_verdict(row, &CaseVerdict::ratio_low); }},
      {"kernelgate_case_change_high_ratio", "Upper end of the change's 95 % interval.",
       [](const CaseRow& row) { return of_verdict(row, &CaseVerdict::ratio_high); }},
      {"kernelgate_case_base_seconds", "Time of one launch on the base's side, of what decides.",
       [](const CaseRow& row) { return of_verdict(row, &CaseVerdict::base_s); }},
  };
  return all;
}

/// Two lines with the same labels are an error to every reader: a name is enough only with what it is of.
std::string labels_of(const CaseRow& row, const std::string& device, const std::string& suite) {
  return fmt::format(R"(device="{}",suite="{}",case="{}",op="{}",problem="{}",implementation="{}",state="{}")",
                     label_value(device), label_value(suite), label_value(row.name), label_value(row.op),
                     label_value(row.problem), label_value(row.implementation), label_value(row.state));
}

void write_whole(std::ostream& out, const Report& report, const std::string& labels,
                 const std::map<std::string, int>& words) {
  begin_metric(out, "kernelgate_cases", "How many cases have each verdict.");
  for (const auto& [word, count] : words)
    write_sample(out, "kernelgate_cases", fmt::format("{},verdict=\"{}\"", labels, word), count);
  if (report.closing != nullptr) {
    begin_metric(out, "kernelgate_exit_code",
                 "0 is good; 2 wrong, 3 slower, 5 not comparable, 6 invalid, 77 nothing measured.");
    write_sample(out, "kernelgate_exit_code", labels, static_cast<double>(report.closing->code));
  }
  if (const Result* const result = report.measured()) {
    begin_metric(out, "kernelgate_run_duration_seconds", "How long the run took.");
    write_sample(out, "kernelgate_run_duration_seconds", labels, result->wall_s);
    if (const auto started = seconds_of(result->started_utc)) {
      begin_metric(out, "kernelgate_run_start_timestamp_seconds", "When the run began.");
      write_sample(out, "kernelgate_run_start_timestamp_seconds", labels, static_cast<double>(*started));
    }
  }
}

class OpenMetricsReporter final : public Reporter {
 public:
  void write(std::ostream& out, const Report& report) const override {
    const Result* const result = report.measured();
    const Side* const fresh = report.sources.fresh;
    const std::string device = result != nullptr ? result->device : fresh != nullptr ? fresh->device : "";
    const std::string suite = result != nullptr ? result->suite : "";
    const std::vector<CaseRow> rows = case_rows(report);
    std::vector<std::string> labels;
    std::map<std::string, int> words;
    for (const CaseRow& row : rows) {
      labels.push_back(labels_of(row, device, suite));
      ++words[row.word()];
    }
    write_whole(out, report, fmt::format(R"(device="{}",suite="{}")", label_value(device), label_value(suite)), words);
    begin_metric(out, "kernelgate_case_verdict", "1: the case has this verdict.");
    for (std::size_t i = 0; i < rows.size(); ++i)
      write_sample(out, "kernelgate_case_verdict", fmt::format("{},verdict=\"{}\"", labels[i], rows[i].word()), 1);
    for (const Metric& metric : metrics()) {
      begin_metric(out, metric.name, metric.help);
      for (std::size_t i = 0; i < rows.size(); ++i) write_sample(out, metric.name, labels[i], metric.of(rows[i]));
    }
    out << "# EOF\n";
  }
};

const OpenMetricsReporter openmetrics_reporter;
const RegisterReporter openmetrics_registered{
    {"openmetrics", "gauges for Prometheus, and for node_exporter's textfile collector", &openmetrics_reporter}};

}  // namespace
}  // namespace kernelgate
