#pragma once
// One decision on a driver upgrade, from the results of a few boots with the old driver, a few with the new one, and,
// if somebody went back, a few more with the old one. Pure: no files, no printing.
//
// A driver can't be changed within a boot, so the boot is what counts: how boots of one driver differ is the noise.
// The statistics are compare()'s, with the correction over all cases. What is added here:
//   settings      what a reboot resets is compared first; where it differs, nothing is laid at the driver's door
//   controls      what a whole boot was slower by is taken off (beside_controls.h)
//   at most       the slowdown that no case is beyond, 95 % sure of all at once
//   the mean      the geometric mean over all cases, with its interval
//   going back    of the cases that got slower: whether the old driver has its speed again

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/judge/compare/compare.h"
#include "harness/judge/driver/beside_controls.h"
#include "harness/judge/driver/settings.h"

namespace kernelgate {

/// From fewer boots a side the noise is not known, and nothing is decided.
inline constexpr std::size_t fewest_driver_boots = 2;

/// What was measured; a result a boot.
struct DriverUpgrade {
  std::vector<Result> before, after, back;
};

struct UpgradeOptions {
  CompareOptions compare;
  bool strict = false;
  std::string place = {};  ///< what a next command needs besides: " --folder upgrade"
};

/// What the old driver showed once it was back.
enum class WentBack { not_asked, undone, stayed, undecided };
const char* to_string(WentBack back);  // "not asked", "undone", "stayed", "undecided"

struct UpgradeCase {
  CaseVerdict verdict;   ///< after against before
  std::string why = {};  ///< where a change most likely comes from; empty: no change was called
  WentBack back = WentBack::not_asked;
  std::optional<double> back_ratio = std::nullopt;  ///< back over before
};

/// Units  ratios, after over before: above 1 is slower.
struct UpgradeMean {
  double ratio = 1, low = 1, high = 1;  ///< 95 %
  std::size_t cases = 0;
};

enum class UpgradeAnswer {
  waiting,
  settings,
  not_slower,
  slower,
  not_the_driver,
  not_comparable,
  wrong,
  invalid,
  nothing
};

struct UpgradeDecision {
  UpgradeAnswer answer = UpgradeAnswer::waiting;
  ExitCode code = ExitCode::good;
  std::string word;      ///< "NOT SLOWER"
  std::string sentence;  ///< the decision, one sentence
  std::string next;      ///< the next command, or what to do
  std::string back;      ///< what going back showed; empty: nobody did
  std::vector<std::string> notes;
  Settings settings;
  std::string before_driver, after_driver;  ///< empty: not known
  std::size_t before_boots = 0, after_boots = 0, back_boots = 0;
  std::vector<UpgradeCase> cases;
  std::optional<UpgradeMean> mean;
  std::optional<double> at_most;  ///< no case that is not called SLOWER took more
  std::string worst;              ///< the case that may have taken that much
  std::optional<double> finds;    ///< the slowdown of one case that would be called, 9 times in 10: of the median case
  BesideControls controls;
  Comparison comparison;  ///< after against before; empty while one of them is not there
};

/// Errors  HarnessError(usage): an option out of range, or --vary names nothing that is compared; ResultError: boots
/// that can't be one side.
UpgradeDecision decide_upgrade(const DriverUpgrade& upgrade, const UpgradeOptions& options);

/// For programs.
nlohmann::json to_json(const UpgradeDecision& decision);

}  // namespace kernelgate
