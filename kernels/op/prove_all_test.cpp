// The tests' own fixture: it must be red where an implementation is wrong, and where none ran.

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/op/fake_problem_for_test.h"
#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

using Fake = FakeProblem::Fake;

Fake fake(const std::string& name, Origin origin, const std::string& obstacle = "",
          FakeProblem::Compute compute = FakeProblem::doubles) {
  return {{name, origin, DeviceKind::cpu}, std::move(compute), obstacle};
}

std::vector<Output> prove(std::vector<Fake> fakes) {
  return prove_all(std::make_shared<FakeProblem>(16, std::move(fakes)), Device{}, {});
}

TEST(ProveAll, GivesTheOutputsOfBothLaunchesOfEachImplementation) {
  const std::vector<Output> outputs = prove({fake("a", Origin::ours), fake("b", Origin::peer)});
  ASSERT_EQ(outputs.size(), 4u);
  EXPECT_EQ(outputs[3].by.name, "b");
  EXPECT_EQ(outputs[3].values[5], 2 * (5 + 1));  // x = index + seed
}

TEST(ProveAll, IsRedWhereNothingRan) {
  EXPECT_NONFATAL_FAILURE(prove({}), "nothing ran");
  EXPECT_NONFATAL_FAILURE(prove({fake("a", Origin::peer, "needs a GPU")}), "nothing ran\n  a declined: needs a GPU");
  Fake elsewhere = fake("a", Origin::ours);
  elsewhere.candidate.device = DeviceKind::simt;
  EXPECT_NONFATAL_FAILURE(prove({elsewhere}), "nothing ran");
}

TEST(ProveAll, IsRedWhereOnlyAPeerRanBesideOurs) {
  EXPECT_NONFATAL_FAILURE(prove({fake("a", Origin::ours, "too large"), fake("b", Origin::peer)}),
                          "nothing of ours ran\n  a declined: too large");
  prove({fake("a", Origin::ours), fake("b", Origin::peer, "too large")});
  prove({fake("a", Origin::ours, "too large"), fake("b", Origin::ours)});
}

TEST(ProveAll, IsRedWhereTheSecondLaunchIsWrong) {
  int launches = 0;
  const auto once = [&launches](const float* x, float* y, std::int64_t count) {
    if (launches++ == 0) FakeProblem::doubles(x, y, count);
  };
  EXPECT_NONFATAL_FAILURE(prove({fake("a", Origin::ours, "", once)}), "a, launched again: wrong");
}

TEST(ProveAll, IsRedWhereALaunchThrows) {
  const auto throws = [](const float*, float*, std::int64_t) { throw std::runtime_error("deadlock"); };
  EXPECT_NONFATAL_FAILURE(prove({fake("a", Origin::ours, "", throws)}), "a: deadlock");
}

}  // namespace
}  // namespace kernelgate
