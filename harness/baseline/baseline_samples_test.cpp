#include "harness/baseline/baseline_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class BaselineSamples : public BaselineFolder {
 protected:
  fs::path samples() const { return folder_ / "cpu_test" / "matmul.samples.gz"; }
  ReadSamples read() const { return read_samples(matmul(), read_baseline(matmul())); }
};

TEST_F(BaselineSamples, AreThoseOfTheRuns) {
  Result result = night(1);
  result.cases[0].runs[0].sm_clock_hz.assign(5, 1.98e9);
  accept_baseline(result, folder_, because("first"));
  const ReadSamples found = read();
  EXPECT_EQ(found.trouble, "");
  ASSERT_EQ(found.runs.size(), 6u) << "of matmul alone";
  int matched = 0;
  for (const SampledRun& run : found.runs) {
    EXPECT_EQ(run.night, "2026-01-01");
    EXPECT_EQ(run.boot, "boot-a");
    for (const CaseResult& one : result.cases)
      for (const CaseRun& measured : one.runs) {
        if (one.name != run.name || measured.samples_s[0] != run.median_s) continue;
        ++matched;
        ASSERT_EQ(run.samples_s.size(), 5u);
        for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(run.samples_s[i] / measured.samples_s[i], 1, 1e-6);
        EXPECT_EQ(run.sm_clock_hz, measured.sm_clock_hz);
      }
  }
  EXPECT_EQ(matched, 6);
}

TEST_F(BaselineSamples, AreReadableWithZcat) {
  accept_baseline(night(1), folder_, because("first"));
  const fs::path text = folder_ / "text";
  ASSERT_EQ(std::system(fmt::format("zcat '{}' > '{}'", samples().string(), text.string()).c_str()), 0);
  const std::string lines = content(text);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 6);
  EXPECT_THAT(lines, HasSubstr("{\"case\":\"matmul/f16_nt/256x256x256/naive/hot\",\"night\":\"2026-01-01\""));
}

TEST_F(BaselineSamples, GrowWithNightsAndLoseWhatLeftTheWindow) {
  accept_baseline(night(1), folder_, because("first"));
  ExtendOptions options;
  options.utc = "2026-01-20T00:00:00Z";
  options.window_nights = 16;
  for (int day = 2; day <= 20; ++day) extend_baseline({night(day)}, folder_, options);
  const ReadSamples found = read();
  EXPECT_EQ(found.trouble, "");
  // Two cases of three runs: nights 5 to 20 in the window, 1 to 14 in the anchor.
  EXPECT_EQ(found.runs.size(), 2u * 3 * 20);
  accept_baseline(night(40, 0.5e-3), folder_, because("faster"));
  EXPECT_EQ(read().runs.size(), 2u * 3 * (14 + 1)) << "the anchor and the new night";
}

TEST_F(BaselineSamples, MissingOrBrokenTheyAreSaidInOneLineAndAllWorks) {
  accept_baseline(night(1), folder_, because("first"));
  const std::string good = content(samples());
  for (const std::string& broken : {std::string("x"), good.substr(0, good.size() / 2), good + "x"}) {
    std::ofstream(samples(), std::ios::binary) << broken;
    EXPECT_THAT(read().trouble, HasSubstr("checksum"));
    EXPECT_THAT(read().runs, IsEmpty());
  }
  fs::remove(samples());
  EXPECT_THAT(read().trouble, HasSubstr("missing"));
  EXPECT_EQ(compare_with_baselines(folder_, night(2), {}).cases.size(), 3u);
  const Extended done = extend_baseline({night(2)}, folder_, {});
  EXPECT_THAT(done.notes, Contains(HasSubstr("missing")));
  EXPECT_EQ(read().trouble, "");
  EXPECT_EQ(read().runs.size(), 6u) << "of the new night";
}

TEST_F(BaselineSamples, CutShortOrForeignTheyAreRefused) {
  const std::vector<SampledRun> runs{{"a", "n", "b", 1e-3, {1e-3, 2e-3}, {}}};
  const std::string bytes = pack_samples(runs);
  EXPECT_EQ(unpack_samples(bytes).size(), 1u);
  EXPECT_EQ(pack_samples(runs), bytes) << "nothing of the time of day";
  EXPECT_THROW(unpack_samples(bytes.substr(0, bytes.size() - 9)), ResultError);
  EXPECT_THROW(unpack_samples(""), ResultError);
  EXPECT_THROW(unpack_samples("{}"), ResultError);
}

TEST_F(BaselineSamples, OfABigSuiteFitIntoSomeMegabytes) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<SampledRun> runs;
  for (int k = 0; k < 200; ++k)
    for (int i = 0; i < 42; ++i) {
      SampledRun run{fmt::format("matmul/f16_nt/{}x4096x4096/sm80_multistage/hot", 64 * k),
                     fmt::format("night {}", i / 3),
                     "2f0e5f0c-6a8a-4a57-8f0e-0c53f2f0d6a1",
                     1e-3,
                     {},
                     {}};
      for (int s = 0; s < 100; ++s) run.samples_s.push_back(1e-3 * std::exp(0.01 * normal(random)));
      run.median_s = run.samples_s[0];
      runs.push_back(std::move(run));
    }
  const double megabytes = static_cast<double>(pack_samples(runs).size()) / 1e6;
  RecordProperty("megabytes", fmt::format("{:.2f}", megabytes));
  EXPECT_LT(megabytes, 5);
}

}  // namespace
}  // namespace kernelgate
