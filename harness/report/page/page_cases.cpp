// The page's table: a line a case, with the numbers of the document, all digits.

#include "harness/base/printable.h"
#include "harness/report/document.h"
#include "harness/report/page/page_data.h"

namespace kernelgate {
namespace {

void add_verdict(CompactJson& out, const CaseVerdict* verdict, WordTable& words) {
  if (verdict == nullptr) {
    out.null();
    return;
  }
  out.open('[');
  for (const auto& value : {verdict->base_s, verdict->new_s, verdict->ratio, verdict->ratio_low, verdict->ratio_high,
                            verdict->detectable_ratio, verdict->control_ratio})
    out.number(value);
  out.whole(verdict->base_runs);
  out.whole(verdict->new_runs);
  out.whole(static_cast<long long>(words.number_of(one_line(verdict->attribution))));
  out.whole(static_cast<long long>(words.number_of(verdict->unit)));
  out.whole(verdict->equal_code ? (*verdict->equal_code ? 1 : 0) : -1);
  out.close(']');
}

void add_proof(CompactJson& out, const CaseResult* measured) {
  if (measured == nullptr || !measured->verification) {
    out.null();
    return;
  }
  const VerificationRecord& proof = *measured->verification;
  out.open('[');
  out.whole(proof.right ? 1 : 0);
  out.whole(proof.checked);
  out.whole(proof.outputs);
  out.number(proof.max_error_ratio);
  out.close(']');
}

}  // namespace

void add_cases(CompactJson& out, const std::vector<CaseRow>& rows, WordTable& words) {
  out.key("columns");
  out.texts({"name",   "op",       "problem",   "label",          "implementation", "origin",    "state",   "word",
             "reason", "median_s", "p95_s",     "p99_s",          "min_s",          "runs",      "samples", "flop",
             "bytes",  "vs_peer",  "code_hash", "base_code_hash", "kernel",         "chosen_by", "proof",   "verdict"});
  out.key("verdict_columns");
  out.texts({"base_s", "new_s", "ratio", "ratio_low", "ratio_high", "detectable_ratio", "control_ratio", "base_runs",
             "new_runs", "attribution", "unit", "equal_code"});
  out.key("cases");
  out.open('[');
  for (const CaseRow& row : rows) {
    out.open('[');
    const auto word = [&](const std::string& text) {
      out.whole(static_cast<long long>(words.number_of(one_line(text))));
    };
    // Most names are their parts; where one is, it is not written again.
    if (row.name == row.op + "/" + row.problem + "/" + row.implementation + "/" + row.state)
      out.null();
    else
      out.text(one_line(row.name));
    for (const std::string* text : {&row.op, &row.problem, &row.label, &row.implementation, &row.origin, &row.state})
      word(*text);
    word(row.word());
    word(row.reason);
    for (const auto& value : {row.median_s, row.p95_s, row.p99_s, row.min_s}) out.number(value);
    out.whole(static_cast<long long>(row.runs));
    out.whole(static_cast<long long>(row.samples));
    out.number(row.flop);
    out.number(row.bytes);
    out.number(row.vs_peer);
    word(row.measured != nullptr ? row.measured->code_hash : row.fresh != nullptr ? row.fresh->code_hash : "");
    word(row.base != nullptr ? row.base->code_hash : "");
    word(row.measured != nullptr ? row.measured->kernel : "");
    word(row.measured != nullptr ? row.measured->chosen_by : "");
    add_proof(out, row.measured);
    add_verdict(out, row.verdict, words);
    out.close(']');
  }
  out.close(']');
}

std::string page_data(const Report& report) {
  const std::vector<CaseRow> rows = case_rows(report);
  const ReportDocument document = report_document(report, rows);
  CompactJson out;
  WordTable words;
  out.open('{');
  out.member("kind", report.result != nullptr ? "run" : "compare");
  out.key("compared");
  out.whole(report.comparison != nullptr ? 1 : 0);
  out.key("head");
  out.texts(document.head);
  out.key("legend");
  out.texts(document.legend);
  out.key("lists");
  out.open('[');
  for (const ReportList& list : document.lists) {
    out.open('{');
    out.member("title", list.title);
    out.key("lines");
    out.texts(list.lines);
    out.close('}');
  }
  out.close(']');
  out.key("command");  // of this report; and the one that measured
  out.texts(report.command);
  out.key("measured_with");
  out.texts(report.measured() != nullptr ? report.measured()->command : std::vector<std::string>{});
  out.member("suite", report.measured() != nullptr ? report.measured()->suite : "");
  out.member("device_kind", report.measured() != nullptr      ? report.measured()->device_kind
                            : report.sources.fresh != nullptr ? report.sources.fresh->device_kind
                                                              : "");
  out.member("source", report.sources.fresh != nullptr ? report.sources.fresh->source : "kernelgate");
  add_cases(out, rows, words);
  add_distributions(out, rows);
  add_telemetry(out, rows);
  add_histories(out, report, rows);
  add_machine(out, report);
  out.key("words");
  out.texts(words.words());
  out.close('}');
  return out.take();
}

}  // namespace kernelgate
