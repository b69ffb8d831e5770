#include "harness/codegen/codegen_baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/codegen/codegen_comparison.h"
#include "harness/codegen/codegen_for_test.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using for_test::made_code;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class CodegenBaselines : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / fmt::format("kernelgate_codegen_{}", ::getpid());
  void TearDown() override { fs::remove_all(folder_); }

  fs::path path() const { return folder_ / "codegen/sm90a.json"; }
  std::string text() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static AcceptCodegen because(const std::string& reason) {
    return {reason, "2026-02-03T00:00:00Z", "abc", false, false};
  }
  void refuses(const ArchCode& code, const AcceptCodegen& options, const std::string& why) const {
    EXPECT_THAT([&] { accept_codegen({code}, folder_, options); }, ThrowsMessage<ResultError>(HasSubstr(why)));
    EXPECT_FALSE(fs::exists(folder_));
  }
};

TEST_F(CodegenBaselines, AreReadAsTheyWereAccepted) {
  ArchCode code = made_code();
  code.kernels[0].notes = {{"C7517", "wait"}, {"C7517", "wait"}};
  code.kernels[0].registers.reset();  // a function that was not inlined
  code.kernels[0].instructions.reset();
  ASSERT_EQ(accept_codegen({code}, folder_, because("first")), std::vector{path()});
  const auto stored = read_codegen_baseline(folder_, "sm90a");
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->reason, "first");
  EXPECT_EQ(stored->code.nvcc, "13.0.88");
  EXPECT_EQ(compare_codegen(code, stored, false).exit_code(true), ExitCode::good);
  EXPECT_EQ(stored->code.kernels[0].notes.size(), 2U);
  EXPECT_FALSE(read_codegen_baseline(folder_, "sm80"));
}

TEST_F(CodegenBaselines, HaveOneKernelALine) {
  accept_codegen({made_code()}, folder_, because("first"));
  EXPECT_THAT(text(), HasSubstr("\n \"nvcc\": \"13.0.88\",\n"));
  EXPECT_THAT(text(), HasSubstr("\n  {\"kernel\":\"matmul/made: a\",\"registers\":128,\"spill_store_bytes\":0,"
                                "\"spill_load_bytes\":0,\"stack_bytes\":0,\"shared_bytes\":1024,\"notes\":{},"
                                "\"instructions\":{\"total\":100,\"HGMMA\":8,\"HMMA\":4,\"LDS\":16}},\n"));
}

TEST_F(CodegenBaselines, RefuseWhatNobodyCouldCompareWith) {
  ArchCode code = made_code();
  refuses(code, because(" "), "a reason is needed");
  AcceptCodegen dirty = because("x");
  dirty.dirty = true;
  refuses(code, dirty, "uncommitted changes");
  code.no_instructions = "cuobjdump not found; install it";
  refuses(code, because("x"), "cuobjdump not found; install it");
  code = made_code();
  code.nvcc = "";
  refuses(code, because("x"), "which nvcc");
  code = made_code();
  code.kernels[1].spill_store_bytes.reset();
  refuses(code, because("x"), "spills of 'matmul/made: b'");
  EXPECT_THROW(accept_codegen({}, folder_, because("x")), ResultError);
  dirty.allow_dirty = true;
  accept_codegen({made_code()}, folder_, dirty);
  EXPECT_TRUE(read_codegen_baseline(folder_, "sm90a")->dirty);
}

TEST_F(CodegenBaselines, ThatCantBeAreRefused) {
  accept_codegen({made_code()}, folder_, because("first"));
  const std::string good = text();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  for (const auto& [bad, why] : {std::pair{good.substr(0, good.size() / 2), "truncated"},
                                 {std::string(), "empty"},
                                 {std::string("[]"), "--accept"},
                                 {with("\"kernelgate_codegen\": 1", "\"kernelgate_codegen\": 2"), "its schema is 2"},
                                 {with("\"arch\": \"sm90a\"", "\"arch\": \"sm80\""), "it is of sm80"},
                                 {with("\"registers\":128", "\"registers\":-1"), "no count: -1"},
                                 {with("\"registers\":128", "\"registers\":1.5"), "no count: 1.5"},
                                 {with("\"spill_store_bytes\":0", "\"spill_store_bytes\":null"), "is null"},
                                 {with("\"notes\":{}", "\"notes\":{\"C7511\":99999999999}"), "too many notes"},
                                 {with("\"HMMA\":4", "\"HMMA\":\"4\""), "no count: \"4\""},
                                 {with("made: a", "made: b"), "not sorted, or one is there twice"},
                                 {with("\"kernels\"", "\"kernles\""), "kernels"}}) {
    std::ofstream(path()) << bad;
    EXPECT_THAT([&] { read_codegen_baseline(folder_, "sm90a"); }, ThrowsMessage<ResultError>(HasSubstr(why))) << bad;
    EXPECT_THAT([&] { read_codegen_baseline(folder_, "sm90a"); }, ThrowsMessage<ResultError>(HasSubstr("sm90a.json")));
  }
}

}  // namespace
}  // namespace kernelgate
