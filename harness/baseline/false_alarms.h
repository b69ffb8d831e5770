#pragma once
// How often this program has called a change that can't be one, on this device: where both sides ran the same machine
// code, whatever is called SLOWER or FASTER is a false alarm. Counted over all runs, in <device>/false_alarms.json of
// the program's state folder: no person accepted it, so it is no part of the baselines.
//
// The comparisons of one report share a machine and a night, and those of one baseline its runs, so they are not
// independent: the interval is that of as many independent ones, and is too narrow where alarms come in swarms. The
// number of reports with any alarm is kept beside it.

#include <filesystem>
#include <string>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

inline constexpr int false_alarms_schema_version = 1;
inline constexpr const char* false_alarms_file = "false_alarms.json";

struct FalseAlarms {
  long long compared = 0, slower = 0, faster = 0;
  long long reports = 0, reports_with_alarm = 0;  ///< of reports that compared at least one
  std::string first_utc, last_utc;
  std::string trouble;  ///< one line: why the file could not be read, or not written; empty: all is well
};

/// What was counted so far. Never throws for what is on disk: a missing file is none counted, a broken one says so in
/// `trouble`.
FalseAlarms read_false_alarms(const std::filesystem::path& folder, const std::string& device);

/// Adds one report's to what `folder` has, which is made when needed, and returns all so far. Runs at the same time
/// wait for each other by a lock beside the file, so that none is lost. A broken file is put aside as
/// `false_alarms.json.broken`, and counting starts anew. Never throws for what is on disk; `trouble` says what went
/// wrong, and the counts are then right but not kept.
///
/// Nothing compared writes nothing. An empty `folder` is none: nothing is kept, and `trouble` says so.
FalseAlarms add_false_alarms(const std::filesystem::path& folder, const std::string& device, const KnownEqual& report,
                             const std::string& utc);

/// "known A/A (equal code on both sides): 1 of 1,234 called so far: 0.08 % (95 %: 0.002 to 0.45 %)". Empty for none.
std::string text_of(const FalseAlarms& counted);

}  // namespace kernelgate
