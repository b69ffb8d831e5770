// Comparison with no GPU: the executor in its place, and sides that are made up to differ, fail, crash and hang.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <map>
#include <thread>

#include "bench/silicon/compare/compare_all.h"
#include "bench/silicon/gpu_here.h"
#include "kernels/op/error.h"

namespace kernelgate::silicon {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Probe made_up(const std::string& name, std::function<void(std::uint8_t* out)> write) {
  Probe probe;
  probe.name = name;
  probe.output_bytes = 8;
  probe.launch = [write = std::move(write)](const void*, void* out, Stream) { write(static_cast<std::uint8_t*>(out)); };
  return probe;
}

ProbePair of_two(const std::string& name, std::function<void(std::uint8_t* out)> other) {
  return {made_up(name, [](std::uint8_t* out) { out[5] = 7; }), made_up(name, std::move(other))};
}

struct Compared {
  CompareCounts counts;
  std::map<std::string, Json> first, alone;
};

Compared compared(const std::vector<ProbePair>& pairs) {
  Compared all;
  CompareOptions options;
  options.device = no_gpu_but_executor().device;
  options.limit = std::chrono::seconds(3);
  options.on_line = [&](const Json& line) { (line.contains("alone") ? all.alone : all.first)[line["probe"]] = line; };
  all.counts = compare_all(pairs, options);
  return all;
}

TEST(CompareAll, LosesNothingButTheProbeThatGoesWrong) {
  ProbePair later = of_two("too new", [](std::uint8_t*) {});
  later.executor.needs = {100};
  const Compared all =
      compared({of_two("same", [](std::uint8_t* out) { out[5] = 7; }),
                of_two("different", [](std::uint8_t* out) { out[5] = 9; }),
                of_two("crashes", [](std::uint8_t*) { raise(SIGSEGV); }),
                of_two("hangs", [](std::uint8_t*) { std::this_thread::sleep_for(std::chrono::hours(1)); }),
                of_two("fails", [](std::uint8_t*) { throw DeviceError("no such kernel"); }),
                of_two("outside", [](std::uint8_t* out) { out[9] = 1; }), later,
                of_two("same again", [](std::uint8_t* out) { out[5] = 7; })});
  EXPECT_EQ(all.first.at("same")["outcome"], "same");
  EXPECT_EQ(all.first.at("same again")["outcome"], "same");
  const Json& different = all.first.at("different");
  EXPECT_EQ(different["outcome"], "different");
  EXPECT_EQ(different["at"], 4);
  EXPECT_EQ(different["executor"], "0xffff07ff");
  EXPECT_EQ(different["gpu"], "0xffff09ff");
  EXPECT_EQ(different["elements"], 1);
  EXPECT_EQ(different["of"], 2);
  EXPECT_EQ(all.alone.at("different")["outcome"], "different");
  EXPECT_THAT(all.first.at("crashes")["text"].get<std::string>(), HasSubstr("ended by signal"));
  EXPECT_EQ(all.first.at("hangs")["text"], "no answer within 3 s");
  EXPECT_EQ(all.first.at("fails")["outcome"], "gpu_error");
  EXPECT_EQ(all.first.at("fails")["text"], "no such kernel");
  EXPECT_THAT(all.first.at("outside")["text"].get<std::string>(), HasSubstr("wrote outside its outputs"));
  EXPECT_THAT(all.first.at("too new")["text"].get<std::string>(), HasSubstr("needs compute capability 10.0"));
  EXPECT_EQ(all.counts.same, 2);
  EXPECT_EQ(all.counts.different, 1);
  EXPECT_EQ(all.counts.lost, 2);
  EXPECT_EQ(all.counts.errors, 2);
  EXPECT_EQ(all.counts.skipped, 1);
  EXPECT_EQ(exit_code(all.counts), ExitCode::wrong);
}

TEST(CompareAll, SaysWhatDiffersOnlyBesideOthers) {
  int runs = 0;
  const Compared all = compared({of_two("before", [&](std::uint8_t* out) { out[5] = 7, ++runs; }),
                                 of_two("behind", [&](std::uint8_t* out) { out[5] = runs > 0 ? 8 : 7; })});
  EXPECT_EQ(all.first.at("behind")["outcome"], "different");
  EXPECT_EQ(all.alone.at("behind")["outcome"], "same");
}

TEST(CompareAll, IsGoodOnlyWhereSomethingWasCompared) {
  EXPECT_EQ(exit_code({.same = 1, .skipped = 5}), ExitCode::good);
  EXPECT_EQ(exit_code({.skipped = 5}), ExitCode::nothing);
  EXPECT_EQ(exit_code({.same = 5, .not_begun = 1}), ExitCode::invalid);
  EXPECT_EQ(exit_code({.same = 5, .lost = 1, .not_begun = 1}), ExitCode::wrong);
}

TEST(ProbePairs, AreOrderedByWhatIsLeastKnown) {
  const auto pairs = probe_pairs(true);
  ASSERT_GT(pairs.size(), 200u);
  EXPECT_TRUE(pairs.front().executor.needs.that_alone);
  EXPECT_EQ(pairs.back().executor.needs.compute_capability, 75);
}

}  // namespace
}  // namespace kernelgate::silicon
