// Which kernel the table gives a problem.

#include "kernels/matmul/dispatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "bench/run/devices.h"
#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;
using Problem = Matmul::Problem;

std::string chosen(int capability, const Problem& problem) {
  Device device = simt_device();
  device.compute_capability = capability;
  device.multiprocessors = 132;
  std::string why_not;
  const MatmulRow* const row = matmul_dispatch().choose(device, problem, why_not);
  return row == nullptr ? why_not : std::string(row->kernel);
}

TEST(MatmulDispatch, OnAnH100) {
  for (const Problem& problem : {Problem{1, 7168, 16384}, {7168, 1, 16384, 1, Layout::nn}, {1, 1, 1}})
    EXPECT_EQ(chosen(90, problem), "sm75_gemv") << Matmul::problem_name(problem);
  for (const Problem& problem :
       {Problem{16, 2112, 7168}, {2, 7168, 16384}, {128, 7168, 16384}, {512, 512, 16384}, {640, 1024, 1024}})
    EXPECT_EQ(chosen(90, problem), "sm90a_small_m") << Matmul::problem_name(problem);
  for (const Problem& problem : {Problem{4096, 4096, 4096},
                                 {8192, 8192, 512},
                                 {256, 7168, 7168},
                                 {512, 512, 512, 16},
                                 {4096, 50257, 768},
                                 {129, 1 << 20, 64},
                                 {1024, 1024, 1024}})
    EXPECT_EQ(chosen(90, problem), "sm90a_cooperative") << Matmul::problem_name(problem);
  for (const Problem& problem :
       {Problem{256, 256, 256}, {512, 512, 512}, {128, 128, 128, 8}, {255, 257, 129, 1, Layout::nn}, {64, 64, 0}})
    EXPECT_EQ(chosen(90, problem), "sm80_direct") << Matmul::problem_name(problem);
}

TEST(MatmulDispatch, WhatTmaCanNotLoadIsPackedOrGoesToAnother) {
  for (const Problem& problem : {Problem{4095, 4095, 4095}, {4100, 4100, 4100}})
    EXPECT_EQ(chosen(90, problem), "sm90a_cooperative") << Matmul::problem_name(problem);
  for (const Problem& problem : {Problem{255, 257, 1029, 1, Layout::nn}, {16, 77, 1000, 1, Layout::nn}})
    EXPECT_EQ(chosen(90, problem), "sm80_multistage") << Matmul::problem_name(problem);
}

TEST(MatmulDispatch, CodeForOneCapabilityIsForNoOther) {
  EXPECT_EQ(chosen(75, {4096, 4096, 4096}), "sm75_multistage");
  for (const int capability : {80, 86, 89})
    EXPECT_EQ(chosen(capability, {4096, 4096, 4096}), "sm80_multistage") << capability;
  for (const int capability : {100, 120}) {
    EXPECT_EQ(chosen(capability, {4096, 4096, 4096}), "sm90_tma_mma") << capability;
    EXPECT_EQ(chosen(capability, {512, 512, 512}), "sm80_direct") << capability;
    EXPECT_EQ(chosen(capability, {512, 512, 5120}), "sm80_multistage") << capability;
    EXPECT_EQ(chosen(capability, {3, 512, 512}), "sm75_gemv") << capability;
    EXPECT_EQ(chosen(capability, {3, 512, 1024, 1, Layout::nn}), "sm80_multistage") << capability;
  }
  EXPECT_EQ(chosen(70, {4096, 4096, 4096}), "needs compute capability 7.5, for its Tensor Cores");
}

// The kernel is asked: what it declines has its reason here.
TEST(MatmulDispatch, SaysWhyNothingIsLeft) {
  EXPECT_THAT(chosen(90, {1 << 28, 1 << 27, 4}), HasSubstr("sm75_multistage has more tiles than a grid has blocks"));
  EXPECT_THAT(chosen(90, {1 << 28, 1 << 27, 4}), HasSubstr("sm90a_cooperative has more tiles than it can count"));
}

// Pointers are known only when it comes to the launch: then the next row is taken.
TEST(MatmulDispatch, MisalignedPointersTakeTheNextRow) {
  const auto problem = std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{{72, 136, 1032}, "", {}});
  const AnyProblem::Candidate ours{"ours", Origin::ours, DeviceKind::simt};
  for (const std::size_t elements : {0, 1}) {
    Proof proof(problem, simt_device(), {.seed = 1, .misalign_elements = elements, .flop_budget = 1e8});
    EXPECT_TRUE(proof.verify(proof.prepare(ours)).right);
  }
  const auto choice = problem->choice(ours, simt_device());
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->implementation, "sm90a_small_m");
  EXPECT_EQ(choice->row, "few rows, sm_90a");
  EXPECT_THAT(choice->reason, HasSubstr("predicted"));
  EXPECT_FALSE(problem->choice({"sm75_multistage", Origin::ours, DeviceKind::simt}, simt_device()));
}

// A row that nothing reaches, or whose kernel is not there, is a mistake in the table.
TEST(MatmulDispatch, EveryRowHasANameAKernelAndAReason) {
  std::set<std::string_view> names;
  for (const MatmulRow& row : matmul_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.reason.find("predicted") != row.reason.npos || &row == &matmul_rows().back()) << row.name;
    bool found = false;
    for (const auto& one : Implementations<Matmul>::sorted())
      found |= one.name == row.kernel && one.device == DeviceKind::simt;
    EXPECT_TRUE(found) << row.kernel;
  }
}

}  // namespace
}  // namespace kernelgate
