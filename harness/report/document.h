#pragma once
// A report's content, before any format: what every text format shows alike.

#include <string>
#include <vector>

#include "harness/report/case_rows.h"
#include "harness/report/reporter.h"

namespace kernelgate {

struct ReportTable {
  struct Section {
    std::string title;  ///< the problem
    std::vector<std::vector<std::string>> rows;
  };
  std::string title;  ///< the op
  std::vector<std::string> header;
  std::size_t text_columns = 2;  ///< so many on the left are text; what follows are numbers, and the last is text
  std::vector<Section> sections;
  std::vector<std::string> dispensable;  ///< columns that go first where there is no room for all
};

struct ReportList {
  std::string title;
  std::vector<std::string> lines;
};

struct ReportDocument {
  std::vector<std::string> head;
  std::vector<ReportTable> tables;
  std::vector<ReportList> lists;  ///< what was not measured, what the verdicts rest on
  std::vector<std::string> legend;
};

ReportDocument report_document(const Report& report);

/// The same of rows at hand, which take a while to make of a large result.
ReportDocument report_document(const Report& report, const std::vector<CaseRow>& rows);

/// Its parts: a run's table (with the verdicts beside, where there are some), and the verdicts' own.
void add_result(ReportDocument& document, const Report& report, const std::vector<CaseRow>& rows);
void add_comparison(ReportDocument& document, const Comparison& comparison, bool with_table);

}  // namespace kernelgate
