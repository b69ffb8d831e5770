#pragma once
// One of our kernels by itself on the host executor, with as many multiprocessors as a test wants: they decide on
// tiles, and on whether blocks divide K.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/run/devices.h"
#include "kernels/matmul/given_matrices_for_test.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate {

class OneMatmulKernel : public testing::Test {
 protected:
  ~OneMatmulKernel() override { simt::set_seed(1); }
  explicit OneMatmulKernel(std::string kernel) : candidate_{std::move(kernel), Origin::ours, DeviceKind::simt} {}

  static Device device(int multiprocessors) {
    Device device = simt_device();
    device.multiprocessors = multiprocessors;
    return device;
  }
  static std::shared_ptr<const AnyProblem> random(const Matmul::Problem& problem) {
    return std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{problem, "given by a test", {}});
  }
  /// Sums of integers that are exact in any order: only the right bits are right.
  static std::shared_ptr<const AnyProblem> integers(const Matmul::Problem& problem) {
    return given_matrices(problem, small_integers(1), small_integers(2), {.exact = true},
                          {small_integers(3), small_integers(4)});
  }
  std::string reason(const Matmul::Problem& problem) const {
    return random(problem)->supports(candidate_, device(4)).reason;
  }

  /// Right in each schedule, and launched again with what the first launch left behind.
  void prove(const std::shared_ptr<const AnyProblem>& problem, int multiprocessors, int seeds = 2,
             Proof::Options options = {.seed = 1, .flop_budget = 2e8}) const {
    SCOPED_TRACE(problem->name() + " on " + std::to_string(multiprocessors) + " multiprocessors");
    const Device on = device(multiprocessors);
    ASSERT_EQ(problem->supports(candidate_, on).reason, "");
    Proof proof(problem, on, options);
    const Launch launch = proof.prepare(candidate_);
    for (int seed = 0; seed < seeds; ++seed) {
      simt::set_seed(static_cast<std::uint64_t>(seed));
      const Verification found = proof.verify(launch);
      ASSERT_TRUE(found.right) << "seed " << seed << ": " << found.describe();
    }
  }

  /// The same bits in each schedule: what blocks add up has one order.
  void repeat(const Matmul::Problem& problem, int multiprocessors) const {
    Proof proof(random(problem), device(multiprocessors));
    const Launch launch = proof.prepare(candidate_);
    const auto output = [&](std::uint64_t seed) {
      simt::set_seed(seed);
      proof.output().poison();
      launch(nullptr);
      return proof.output().download();
    };
    const auto first = output(0);
    for (std::uint64_t seed = 1; seed < 5; ++seed)
      EXPECT_EQ(output(seed), first) << Matmul::problem_name(problem) << ", seed " << seed;
  }

  AnyProblem::Candidate candidate_;
};

}  // namespace kernelgate
