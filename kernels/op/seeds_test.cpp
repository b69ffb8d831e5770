// Every kernel on the host executor in many schedules: the seed decides which warp runs ahead and when asynchronous
// copies land, so that a race which one order hides shows in another.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bench/run/devices.h"
#include "harness/statistics/rates_for_test.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate {
namespace {

const int seeds = for_test::trials(200, 25);
/// Of all kernels on all problems of an op: one that has many has fewer seeds each. Kernels with asynchronous copies
/// have all seeds in tests of their own.
/// mel's take a whole tile for a single frame, too: few frames in some orders are as good as many, and a run is longer.
int runs_of(const std::string& op) { return for_test::trials(40000, op == "mel" ? 150 : 600); }
/// The smallest network is sixty launches.
double limit_of(const std::string& op, double limit) {
  return op == "mel" ? limit / 20 : op == "pipeline" ? 4 * limit : limit;
}
constexpr double flop_limit = 1.2e6;  // small ones: a few tiles each, run often

/// One kernel on one problem that it takes.
struct Subject {
  std::shared_ptr<const AnyProblem> problem;
  AnyProblem::Candidate candidate;
};

std::vector<Subject> subjects(const std::string& op, double limit) {
  std::vector<Subject> found;
  for (const auto& problem : all_problems()) {
    if (problem->op() != op || std::ranges::count(problem->suites(), "verify") == 0) continue;
    if (problem->work().flop > limit) continue;
    for (const auto& candidate : problem->implementations())
      if (candidate.device == DeviceKind::simt && problem->supports(candidate, simt_device()))
        found.push_back({problem, candidate});
  }
  return found;
}

class Seeds : public testing::TestWithParam<std::string> {
 protected:
  ~Seeds() override {
    simt::set_seed(1);
    simt::set_host_threads(0);
  }
};

TEST_P(Seeds, FindNothing) {
  const auto all = subjects(GetParam(), limit_of(GetParam(), flop_limit));
  ASSERT_FALSE(all.empty());
  const int each = std::clamp(runs_of(GetParam()) / static_cast<int>(all.size()), 3, seeds);
  for (const Subject& one : all) {
    SCOPED_TRACE(one.problem->name() + "/" + one.candidate.name);
    Proof proof(one.problem, simt_device());
    const Launch launch = proof.prepare(one.candidate);
    for (int seed = 0; seed < each; ++seed) {
      simt::set_seed(static_cast<std::uint64_t>(seed));
      const Verification found = proof.verify(launch);
      ASSERT_TRUE(found.right) << "seed " << seed << ": " << found.describe();
    }
  }
}

TEST_P(Seeds, TheSameSeedGivesTheSameBitsOnAnyNumberOfHostThreads) {
  const auto all = subjects(GetParam(), limit_of(GetParam(), 4e6));
  ASSERT_FALSE(all.empty());
  const std::size_t step = std::max<std::size_t>(1, all.size() / static_cast<std::size_t>(runs_of(GetParam()) / 10));
  for (std::size_t i = 0; i < all.size(); i += step) {
    const Subject& one = all[i];
    SCOPED_TRACE(one.problem->name() + "/" + one.candidate.name);
    Proof proof(one.problem, simt_device());
    const Launch launch = proof.prepare(one.candidate);
    const auto output = [&](std::uint64_t seed, int threads) {
      simt::set_seed(seed);
      simt::set_host_threads(threads);
      proof.output().poison();
      launch(nullptr);
      return proof.output().download();
    };
    EXPECT_EQ(output(7, 1), output(7, 5));
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, Seeds, testing::ValuesIn(all_ops()), [](const auto& one) { return one.param; });

}  // namespace
}  // namespace kernelgate
