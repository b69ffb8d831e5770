#include "kernels/op/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <vector>

#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

constexpr std::int64_t count = 16;

Verification verify(const FakeProblem::Compute& compute, std::size_t misalign = 0) {
  const AnyProblem::Candidate candidate{"tested", Origin::ours, DeviceKind::cpu};
  auto problem = std::make_shared<FakeProblem>(count, std::vector<FakeProblem::Fake>{{candidate, compute}});
  Proof::Options options;
  options.misalign_elements = misalign;
  Proof proof(problem, Device{}, options);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(proof.pointers()[0]) % 64, misalign * 4);
  return proof.verify(proof.prepare(candidate));
}

TEST(Verify, ARightImplementationIsRightOnAndOffItsAlignment) {
  EXPECT_TRUE(verify(FakeProblem::doubles).right);
  const Verification found = verify(FakeProblem::doubles, 1);
  EXPECT_TRUE(found.right) << found.describe();
  EXPECT_EQ(found.checked, count);
}

TEST(Verify, ALayoutSeedDrawsPlacesThatKeepTheAlignmentAndTheGuards) {
  const AnyProblem::Candidate candidate{"tested", Origin::ours, DeviceKind::cpu};
  std::set<std::size_t> offsets;
  for (std::uint64_t seed = 1; seed <= 32; ++seed) {
    for (std::int64_t outside : {std::int64_t{0}, std::int64_t{-1}, count}) {
      const auto compute = [outside](const float* x, float* y, std::int64_t n) {
        FakeProblem::doubles(x, y, n);
        if (outside != 0) y[outside] = 1;
      };
      auto problem = std::make_shared<FakeProblem>(count, std::vector<FakeProblem::Fake>{{candidate, compute}});
      Proof::Options options;
      options.layout_seed = seed;
      Proof proof(problem, Device{}, options);
      const auto output = reinterpret_cast<std::uintptr_t>(proof.output().data());
      EXPECT_EQ(output % 256, 0u);
      offsets.insert(proof.output().offset());
      const Verification found = proof.verify(proof.prepare(candidate));
      EXPECT_EQ(found.guards_intact, outside == 0) << "seed " << seed;
    }
  }
  EXPECT_GT(offsets.size(), 8u);
  EXPECT_LT(*offsets.rbegin(), std::size_t{16} << 10);
}

TEST(Verify, OneTensorAloneCanBeOffItsAlignment) {
  for (const int shifted : {0, 1}) {
    Proof::Options options;
    options.misalign_elements = 1;
    options.misalign_tensor = shifted;
    const Proof proof(std::make_shared<FakeProblem>(count, std::vector<FakeProblem::Fake>{}), Device{}, options);
    for (const int tensor : {0, 1})
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(proof.pointers()[static_cast<std::size_t>(tensor)]) % 64,
                tensor == shifted ? sizeof(float) : 0);
  }
}

TEST(Verify, OneWrongElementIsFoundAndNamed) {
  const Verification found = verify([](const float* x, float* y, std::int64_t n) {
    FakeProblem::doubles(x, y, n);
    y[7] += 0.01f;
  });
  EXPECT_FALSE(found.right);
  EXPECT_EQ(found.wrong, 1);
  EXPECT_EQ(found.worst_index, 7);
  EXPECT_NEAR(found.max_error_ratio, 10, 0.1);
  EXPECT_NE(found.describe().find("worst at index 7"), std::string::npos) << found.describe();
}

TEST(Verify, AnUnwrittenElementIsFound) {
  const Verification found =
      verify([](const float* x, float* y, std::int64_t n) { FakeProblem::doubles(x, y, n - 1); });
  EXPECT_FALSE(found.right);
  EXPECT_EQ(found.unwritten, 1);
}

TEST(Verify, ANanAndAnInfinityAreWrongWhereANumberIsExpected) {
  for (float bad : {NAN, INFINITY})
    EXPECT_FALSE(verify([bad](const float* x, float* y, std::int64_t n) {
                   FakeProblem::doubles(x, y, n);
                   y[0] = bad;
                 }).right);
}

TEST(Verify, AWriteOnEitherSideOfTheOutputIsFound) {
  for (std::int64_t outside : {std::int64_t{-1}, count}) {
    const Verification found = verify([outside](const float* x, float* y, std::int64_t n) {
      FakeProblem::doubles(x, y, n);
      y[outside] = 0;
    });
    EXPECT_FALSE(found.right);
    EXPECT_FALSE(found.guards_intact);
  }
}

TEST(Verify, AReadOutsideTheInputShows) {
  EXPECT_FALSE(verify([](const float* x, float* y, std::int64_t n) {
                 for (std::int64_t i = 0; i < n; ++i) y[i] = 2 * x[i] + 0 * x[i + 1];
               }).right);
}

TEST(Verify, AResultOfAnEarlierRunDoesNotStandForThisOne) {
  const AnyProblem::Candidate candidate{"tested", Origin::ours, DeviceKind::cpu};
  int calls = 0;
  auto problem = std::make_shared<FakeProblem>(
      count, std::vector<FakeProblem::Fake>{{candidate, [&calls](const float* x, float* y, std::int64_t n) {
                                               if (calls++ == 0) FakeProblem::doubles(x, y, n);
                                             }}});
  Proof proof(problem, Device{});
  const Launch launch = proof.prepare(candidate);
  EXPECT_TRUE(proof.verify(launch).right);
  EXPECT_EQ(proof.verify(launch).unwritten, count);
}

TEST(Verify, WhatIsExpectedBelongsToTheInputsThatWereStagedLast) {
  const AnyProblem::Candidate candidate{"tested", Origin::ours, DeviceKind::cpu};
  auto problem =
      std::make_shared<FakeProblem>(count, std::vector<FakeProblem::Fake>{{candidate, FakeProblem::doubles}});
  Proof proof(problem, Device{});
  const Launch launch = proof.prepare(candidate);
  EXPECT_TRUE(proof.verify(launch).right);
  proof.stage_inputs(true);
  proof.put_inputs(nullptr);
  const Verification found = proof.verify(launch);
  EXPECT_TRUE(found.right) << found.describe();
  proof.stage_inputs(true);  // and never put in place
  proof.restore(0);
  const Verification restored = proof.verify(launch);
  EXPECT_TRUE(restored.right) << restored.describe();
}

TEST(SampleIndices, HoldsTheEndsAndBothSidesOfTileEdges) {
  const auto picked = sample_indices(1000 * 1000, 1000, 5000, 1);
  const auto has = [&picked](std::int64_t row, std::int64_t column) {
    return std::ranges::binary_search(picked, row * 1000 + column);
  };
  EXPECT_TRUE(has(0, 0) && has(999, 999) && has(0, 999) && has(999, 0));
  EXPECT_TRUE(has(127, 128) && has(128, 127) && has(895, 896));
  EXPECT_EQ(sample_indices(10, 5, 100, 1).size(), 10u);
  EXPECT_TRUE(sample_indices(0, 5, 100, 1).empty());
}

}  // namespace
}  // namespace kernelgate
