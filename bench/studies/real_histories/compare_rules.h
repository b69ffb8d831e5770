#pragma once
// What our rules, and simpler ones, say of two sides of a source.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/studies/real_histories/recorded_history.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/learned.h"

namespace kernelgate::real_histories {

struct Call {
  int way = 0;  ///< +1 slower, -1 faster, 0 neither
  std::string why = {};
};

/// Of each case, and of the suite where it was said to have moved as one.
struct Calls {
  std::map<std::string, Call> cases;
  int suite = 0;       ///< by SUITE_SHIFT, exit 3 where it is slower, or ENVIRONMENT_SHIFT, which is none
  bool red = false;    ///< of the suite: it was SUITE_SHIFT
  std::string of_all;  ///< what was said of it
};

struct Rule {
  std::string name;
  std::function<Calls(const Source&, std::size_t at, const Side& base, const Side& fresh)> judge;
};

Rule files_alone(const CompareOptions& options);

/// What was learned of each history before a run, once: most of the study's time.
class LearnedSuites {
 public:
  /// The source must outlive it.
  const LearnedSuite& of(const Source& source, std::size_t at);

 private:
  std::map<std::pair<const Source*, std::size_t>, LearnedSuite> known_;
};

Rule learned_history(const CompareOptions& options, const std::shared_ptr<LearnedSuites>& learned);
/// Slower where the medians differ by more than this share.
Rule by_share(std::string name, double share);
Rule by_mann_whitney();

}  // namespace kernelgate::real_histories
