#pragma once
// What the page of a run or a comparison is given: JSON, one part a source. report.js is its only reader, so it may
// change with any version; programs read `--json`, the result document or the CSV.

#include <string>
#include <vector>

#include "harness/page/compact_json.h"
#include "harness/report/case_rows.h"

namespace kernelgate {

/// All of it.
std::string page_data(const Report& report);

/// "columns" names what the arrays in "cases" hold.
void add_cases(CompactJson& out, const std::vector<CaseRow>& rows, WordTable& words);

/// Of each case, in the same order: its distributions, by process run.
void add_distributions(CompactJson& out, const std::vector<CaseRow>& rows);

/// What the GPU said while each case was timed, each region once.
void add_telemetry(CompactJson& out, const std::vector<CaseRow>& rows);

/// Of each case: its nights, with levels, noise and steps. From a history, or else from the base's own nights.
void add_histories(CompactJson& out, const Report& report, const std::vector<CaseRow>& rows);

/// What the machine can do, as the control kernels measured it; its environment, the base's, and what differs.
void add_machine(CompactJson& out, const Report& report);

}  // namespace kernelgate
