// Each rule against a change of which the verdict is known.

#include "harness/codegen/codegen_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/codegen/codegen_for_test.h"
#include "harness/codegen/codegen_text.h"

namespace kernelgate {
namespace {

using for_test::made_baseline;
using for_test::made_code;
using for_test::made_kernel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Codegen : public ::testing::Test {
 protected:
  CodegenBaseline base_ = made_baseline();
  ArchCode now_ = made_code();
  KernelCode& before_ = base_.code.kernels[0];
  KernelCode& after_ = now_.kernels[0];

  CodegenComparison compare(bool subset = false) const { return compare_codegen(now_, base_, subset); }

  /// The one difference there is, with this verdict and these exit codes.
  CodegenDifference only(CodegenVerdict verdict, ExitCode plain, ExitCode strict) const {
    const CodegenComparison result = compare();
    EXPECT_EQ(result.verdict, verdict) << comparison_text(result);
    EXPECT_EQ(result.exit_code(false), plain);
    EXPECT_EQ(result.exit_code(true), strict);
    EXPECT_EQ(result.differences.size(), 1U) << comparison_text(result);
    return result.differences.empty() ? CodegenDifference{} : result.differences.front();
  }
  CodegenDifference only_failure() const {
    return only(CodegenVerdict::regressed, ExitCode::regression, ExitCode::regression);
  }
  CodegenDifference only_change() const {
    return only(CodegenVerdict::changed, ExitCode::good, ExitCode::inconclusive);
  }
};

TEST_F(Codegen, IsTheSame) {
  EXPECT_EQ(compare().verdict, CodegenVerdict::same);
  EXPECT_EQ(compare().exit_code(true), ExitCode::good);
  EXPECT_TRUE(compare().differences.empty());
}

TEST_F(Codegen, ANewSpillFails) {
  after_.spill_store_bytes = 4;
  const CodegenDifference found = only_failure();
  EXPECT_EQ(found.kernel, "matmul/made: a");
  EXPECT_EQ(found.what, "spill stores (bytes)");
  EXPECT_EQ(found.before, 0);
  EXPECT_EQ(found.after, 4);
  EXPECT_EQ(found.why, "it spills");
}

TEST_F(Codegen, ANewSpillOfLoadsAloneFails) {
  after_.spill_load_bytes = 8;
  EXPECT_EQ(only_failure().what, "spill loads (bytes)");
}

TEST_F(Codegen, AGrownSpillFails) {
  before_.spill_store_bytes = 8;
  after_.spill_store_bytes = 12;
  EXPECT_EQ(only_failure().why, "it spills more");
}

TEST_F(Codegen, AnAcceptedOrSmallerSpillDoesNotFail) {
  before_.spill_store_bytes = before_.spill_load_bytes = 8;
  after_.spill_store_bytes = after_.spill_load_bytes = 8;
  EXPECT_EQ(compare().verdict, CodegenVerdict::same);
  after_.spill_store_bytes = 4;
  EXPECT_FALSE(only_change().fails());
}

TEST_F(Codegen, ASerialisedWgmmaFails) {
  after_.notes = {{"C7511", "wgmma.mma_async instructions are serialized"}};
  const CodegenDifference found = only_failure();
  EXPECT_EQ(found.what, "note C7511");
  EXPECT_THAT(found.why, HasSubstr("are serialized"));
  after_.notes = {{"C7514", ""}};
  EXPECT_TRUE(only_failure().fails());
}

TEST_F(Codegen, AnAcceptedNoteAndAnyOtherAreListed) {
  before_.notes = after_.notes = {{"C7511", ""}};
  EXPECT_EQ(compare().verdict, CodegenVerdict::same);
  after_.notes.push_back({"C7517", "warpgroup.wait is injected"});
  EXPECT_EQ(only_change().what, "note C7517");
}

TEST_F(Codegen, LosingTheWarpgroupsMatrixInstructionsFails) {
  after_.instructions->classes.erase("HGMMA");
  const CodegenDifference found = only_failure();
  EXPECT_EQ(found.what, "HGMMA");
  EXPECT_THAT(found.why, HasSubstr("by the warpgroup"));
}

TEST_F(Codegen, LosingAllMatrixInstructionsFails) {
  before_.instructions->classes.erase("HGMMA");
  after_.instructions->classes = {{"LDS", 16}};
  const CodegenDifference found = only_failure();
  EXPECT_EQ(found.what, "HMMA");
  EXPECT_EQ(found.why, "it no longer uses the Tensor Cores");
}

TEST_F(Codegen, MovingFromHmmaToHgmmaIsNoLoss) {
  before_.instructions->classes = {{"HMMA", 64}};
  after_.instructions->classes = {{"HGMMA", 8}};
  const CodegenComparison result = compare();
  EXPECT_EQ(result.verdict, CodegenVerdict::changed);
  EXPECT_EQ(result.differences.size(), 2U);
}

TEST_F(Codegen, FewerMatrixInstructionsAreListed) {
  after_.instructions->classes["HGMMA"] = 1;
  EXPECT_FALSE(only_change().fails());
}

TEST_F(Codegen, OtherFiguresAreListed) {
  const KernelCode kept = after_;
  for (const auto& [what, change] : std::vector<std::pair<std::string, void (*)(KernelCode&)>>{
           {"registers", [](KernelCode& k) { k.registers = 168; }},
           {"stack (bytes)", [](KernelCode& k) { k.stack_bytes = 16; }},
           {"shared (bytes)", [](KernelCode& k) { k.shared_bytes = 2048; }},
           {"instructions", [](KernelCode& k) { k.instructions->total = 101; }},
           {"LDS", [](KernelCode& k) { k.instructions->classes["LDS"] = 17; }},
           {"STL", [](KernelCode& k) { k.instructions->classes["STL"] = 1; }}}) {
    after_ = kept;
    change(after_);
    EXPECT_EQ(only_change().what, what);
  }
}

TEST_F(Codegen, NewAndVanishedKernelsAreListed) {
  after_ = made_kernel("c");
  const CodegenComparison result = compare();
  EXPECT_EQ(result.verdict, CodegenVerdict::changed);
  EXPECT_EQ(result.exit_code(false), ExitCode::good);
  EXPECT_THAT(result.fresh, ElementsAre("matmul/made: c"));
  EXPECT_THAT(result.vanished, ElementsAre("matmul/made: a"));
  EXPECT_TRUE(compare(true).vanished.empty());
  EXPECT_THAT(comparison_text(result), HasSubstr("vanished matmul/made: a\n"));
}

TEST_F(Codegen, ANewKernelThatSpillsFails) {
  now_.kernels.push_back(made_kernel("c"));
  EXPECT_EQ(compare().verdict, CodegenVerdict::changed);
  now_.kernels.back().spill_store_bytes = 4;
  EXPECT_EQ(compare().verdict, CodegenVerdict::regressed);
  now_.kernels.back().spill_store_bytes = 0;
  now_.kernels.back().notes = {{"C7510", ""}};
  EXPECT_EQ(compare().verdict, CodegenVerdict::regressed);
}

TEST_F(Codegen, AnotherCompilerIsNotComparable) {
  now_.nvcc = "13.1.80";
  after_.spill_store_bytes = 400;
  const CodegenComparison result = compare();
  EXPECT_EQ(result.verdict, CodegenVerdict::not_comparable);
  EXPECT_EQ(result.exit_code(false), ExitCode::good);
  EXPECT_EQ(result.exit_code(true), ExitCode::inconclusive);
  EXPECT_THAT(result.base, HasSubstr("nvcc 13.1.80 here, 13.0.88 in the baseline"));
  EXPECT_TRUE(result.differences.empty());
}

TEST_F(Codegen, NoBaselineIsSaid) {
  const CodegenComparison result = compare_codegen(now_, std::nullopt, false);
  EXPECT_EQ(result.verdict, CodegenVerdict::no_baseline);
  EXPECT_EQ(result.exit_code(false), ExitCode::good);
  EXPECT_EQ(result.exit_code(true), ExitCode::inconclusive);
}

TEST_F(Codegen, WithoutADisassemblerFiguresAreStillCompared) {
  for (KernelCode& kernel : now_.kernels) kernel.instructions.reset();
  now_.no_instructions = "cuobjdump not found";
  CodegenComparison result = compare();
  EXPECT_EQ(result.verdict, CodegenVerdict::inconclusive) << "what was not looked at is not shown to be the same";
  EXPECT_EQ(result.exit_code(false), ExitCode::good);
  EXPECT_EQ(result.exit_code(true), ExitCode::inconclusive);
  EXPECT_THAT(result.unsettled, HasSubstr("cuobjdump not found"));
  after_.spill_store_bytes = 4;
  EXPECT_EQ(compare().verdict, CodegenVerdict::regressed);
  EXPECT_THAT(table_text(now_), HasSubstr("?"));
}

TEST_F(Codegen, TextHasFailuresFirstAndTheTableTheClassesThatThereAre) {
  after_.registers = 130;
  now_.kernels[1].spill_store_bytes = 4;
  const std::string text = comparison_text(compare());
  EXPECT_THAT(text, HasSubstr("FAILS    matmul/made: b: spill stores (bytes) 0 -> 4; it spills\n"));
  EXPECT_LT(text.find("FAILS"), text.find("changed  matmul/made: a: registers 128 -> 130\n")) << text;
  const std::string table = table_text(now_);
  EXPECT_THAT(table, HasSubstr("registers  spill st  spill ld  stack  shared  instr  HGMMA  HMMA  LDS\n"));
  EXPECT_THAT(table, HasSubstr("    a             130         0         0      0    1024    100      8     4   16\n"));
  EXPECT_THAT(table, Not(HasSubstr("STL")));
}

}  // namespace
}  // namespace kernelgate
