#pragma once
// Recorded noise: the same build, again and again, on one machine. scripts/record_noise.py makes the file and says its
// form.

#include <filesystem>
#include <string>
#include <vector>

#include "bench/studies/error_rates/head_to_head.h"
#include "harness/sides/side.h"

namespace kernelgate::error_rates {

/// Sessions in the order of time; a session is some process runs in a row, minutes apart from the next.
///
/// Shapes  session -> case -> run; every session has the same cases and the same number of runs.
/// Units   seconds.
struct Corpus {
  std::string about;  ///< where it is from: device, build, time
  std::string device_kind;
  std::vector<Side> sessions;
  std::vector<std::vector<std::vector<std::vector<double>>>> samples;  ///< session, case, run, sample
};

/// Errors  std::runtime_error, one line: unreadable, no corpus, or sessions that are not alike.
Corpus read_corpus(const std::filesystem::path& file);

/// Counts over comparisons of unchanged code, and over those with one case made slower.
struct ReplayCounts {
  int suites = 0, suites_with_false = 0;  ///< comparisons of whole suites
  int cases = 0, false_slower = 0, false_faster = 0;
  int altered = 0, found = 0;
  int same = 0, inconclusive = 0;
};

/// Two files: disjoint pairs of neighbouring sessions. `change`: in one case of each pair, log; 0: none.
ReplayCounts replay_two_files(const Corpus& corpus, double change);

/// Two stages: the first half of the sessions are the baseline's nights; each session of the second half is tonight by
/// its first run, and fresh blocks are the pairs of later runs of all sessions of the second half, in random order.
ReplayCounts replay_two_stages(const Corpus& corpus, double change);

/// Other tools' rules on the first runs of neighbouring sessions, with all other sessions as history.
std::vector<std::pair<std::string, Score>> replay_other_rules(const Corpus& corpus, double change);

/// Median over cases of the standard deviations of log time: of a sample, between runs of a session, between sessions.
struct RecordedSpread {
  double sample = 0, run = 0, session = 0;
};
RecordedSpread recorded_spread(const Corpus& corpus);

}  // namespace kernelgate::error_rates
