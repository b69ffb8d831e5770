#pragma once
// Short ways to say what a test found.

#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/accept/measured.h"
#include "harness/accept/thresholds.h"
#include "harness/accept/verdict.h"

namespace kernelgate::accept {

inline Tested make_test(std::int64_t gpu, std::string id, std::string title, std::string threshold_id = "") {
  Tested test;
  test.gpu = gpu;
  test.id = std::move(id);
  test.title = std::move(title);
  test.threshold = std::move(threshold_id);
  return test;
}

inline Tested not_tested(Tested test, std::string why) {
  test.outcome = Outcome::not_tested;
  test.says = std::move(why);
  return test;
}

inline Tested decided(Tested test, bool good, std::string says) {
  test.outcome = good ? Outcome::passed : Outcome::failed;
  test.says = std::move(says);
  return test;
}

/// A rate that must be at least a share of another; with others at work on the GPU too little of it decides nothing.
///
/// Units  bytes per second.
inline Tested judged_rate(Tested test, double rate, double peak, const std::string& of_what, std::int64_t others) {
  const double share = threshold(test.threshold).value;
  test.value = {rate / 1e9, ""};
  test.least = {share * peak / 1e9, ""};
  test.unit = "GB/s";
  const std::string says = fmt::format("{:.1f} GB/s, at least {:.1f} wanted: {:.0f} % of {} ({:.1f} GB/s)", rate / 1e9,
                                       share * peak / 1e9, 100 * share, of_what, peak / 1e9);
  if (rate < share * peak && others > 0) {
    test.outcome = Outcome::inconclusive;
    test.says = fmt::format("{}; {} other process{} used this GPU meanwhile: end {}, and measure again", says, others,
                            others == 1 ? "" : "es", others == 1 ? "it" : "them");
    return test;
  }
  return decided(std::move(test), rate >= share * peak, says);
}

}  // namespace kernelgate::accept
