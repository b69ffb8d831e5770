#pragma once
// The sheet: what was accepted or refused, on what grounds, so that another can repeat it. docs/accept.schema.json.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/accept/measured.h"
#include "harness/accept/verdict.h"
#include "harness/base/error.h"

namespace kernelgate::accept {

inline constexpr int sheet_schema_version = 1;

struct Sheet {
  std::string started_utc, ended_utc, version, commit, command;
  std::string hostname, driver, cuda_driver, check;  ///< `check`: its headline
  std::string mode;                                  ///< "quick", "standard", "long"
  double steady_s = 0;                               ///< asked for
  std::string against;                               ///< the earlier sheet's file; empty: none
  std::vector<Measured> gpus;
  Tests tests;
  std::vector<std::string> notes;
};

struct Counts {
  int passed = 0, failed = 0, not_tested = 0, inconclusive = 0;
};
Counts count(const Tests& tests, std::int64_t gpu);
Counts count_all(const Tests& tests);

struct Decision {
  std::string word;      ///< "ACCEPTED", "REFUSED", "NOT DECIDED"
  std::string headline;  ///< of what, with how many were not tested
  std::string next;      ///< what to do now, a command where there is one
  ExitCode code = ExitCode::good;
};

/// REFUSED (5): a test failed. NOT DECIDED (6): none failed, and one is inconclusive. NOT DECIDED (77): nothing that a
/// GPU must do was tested. With `strict`, ACCEPTED gives 4 where anything was not tested.
Decision decide(const Sheet& sheet, bool strict);

/// The worst of its tests: "failed", "inconclusive", "passed"; "not tested" where none passed.
const char* standing(const Sheet& sheet, std::int64_t gpu);

/// What repeats a test that did not pass.
std::string repeat_command(const Sheet& sheet, const Tested& test);

/// What no sheet of this program says.
const std::vector<std::string>& does_not_say();

/// The file's text. The sum in it is SHA-256 of the same text with 64 zeros in its place.
std::string sheet_text(const Sheet& sheet, bool strict);
nlohmann::json to_json(const Sheet& sheet, bool strict);

/// Reads a sheet back.
/// Errors  ResultError: it can't be read, is none, or its sum says that it was changed (refused).
Sheet read_sheet(const std::string& path);
/// The SHA-256 that the text of a sheet has by itself.
std::string sum_of(std::string_view text);

}  // namespace kernelgate::accept
