// The claims' answers: what each says where a device was measured, and where none was.

#include "bench/digital_human/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ColdStart start_of(const std::string& device, double first, double warm) {
  return {.device = device,
          .implementation = "onednn",
          .frames = 1,
          .steps = {{"process start", 0.1, 0}, {"weights copied", first - 0.3, 72e6}, {"first frame", 0.2, 0}},
          .warm_s = warm};
}

DigitalHumanFigures on_the_cpu() {
  DigitalHumanFigures figures;
  figures.cpu = {{1, 0.1, "onednn"}, {16, 1.0, "onednn"}};
  figures.cpu_start = start_of("cpu", 2, 0.1);
  figures.tiles = tile_plans();
  return figures;
}

DigitalHumanFigures on_a_gpu() {
  DigitalHumanFigures figures = on_the_cpu();
  figures.gpu = {{1, 200e-6, "ours"}, {16, 400e-6, "ours"}, {128, 2.56e-3, "ours"}};
  figures.gpu_start = start_of("cuda", 4, 200e-6);
  return figures;
}

std::string answer(const DigitalHumanFigures& figures, std::size_t which) {
  return answer_claims(figures).at(which).answer;
}

TEST(Claims, SayWhatIsNotMeasuredWhereThereIsNoGpu) {
  const DigitalHumanFigures figures = on_the_cpu();
  EXPECT_THAT(answer(figures, 0), StartsWith("Not measured here: no GPU."));
  EXPECT_THAT(answer(figures, 0), HasSubstr("1500 frames) takes 93.75 s, 16 at a time"));
  EXPECT_THAT(answer(figures, 1), StartsWith("Not measured here: no GPU. True on the CPU"));
  EXPECT_THAT(answer(figures, 2), StartsWith("Not measured here: no GPU. True on the CPU"));
  EXPECT_THAT(answer(figures, 2), HasSubstr("16 at a time 16 (1.60 times)"));
}

TEST(Claims, CompareTheQuickestOfBothDevices) {
  const std::string minute = answer(on_a_gpu(), 0);
  EXPECT_THAT(minute, StartsWith("True here"));
  EXPECT_THAT(minute, HasSubstr("takes 30.00 ms here with the GPU (128 at a time)"));
  EXPECT_THAT(minute, HasSubstr("3.12e+03 times"));  // 50000 frames a second against 16
  DigitalHumanFigures slow = on_a_gpu();
  slow.gpu = {{1, 0.02, "ours"}};
  EXPECT_THAT(answer(slow, 0), StartsWith("Not true here"));
}

TEST(Claims, HoldAFirstCallAgainstAWarmOne) {
  EXPECT_THAT(answer(on_a_gpu(), 1), StartsWith("True on the GPU: a fresh process has its first frame after 4.000 s"));
  EXPECT_THAT(answer(on_a_gpu(), 1), HasSubstr("'weights copied' (3.700 s)"));
  DigitalHumanFigures quick = on_a_gpu();
  quick.gpu_start = start_of("cuda", 0.4, 0.3);
  EXPECT_THAT(answer(quick, 1), StartsWith("Not true on the GPU"));
  quick.gpu_start.trouble = "the driver hung";
  EXPECT_THAT(answer(quick, 1), Not(HasSubstr("on the GPU:")));
}

TEST(Claims, AskWhatABatchGains) {
  EXPECT_THAT(answer(on_a_gpu(), 2), StartsWith("True on the GPU: one frame at a time makes 5e+03 frames a second"));
  DigitalHumanFigures flat = on_the_cpu();
  flat.cpu = {{1, 0.1, "onednn"}, {16, 1.55, "onednn"}};  // 1.03 times
  EXPECT_THAT(answer(flat, 2), HasSubstr("Not true on the CPU"));
}

TEST(Claims, ReckonWhat16GigabytesHold) {
  DigitalHumanFigures figures = on_the_cpu();
  ASSERT_EQ(figures.tiles.back().tiles, 1);
  figures.tiles.back().bytes = 15e9;
  EXPECT_THAT(answer(figures, 3), StartsWith("Not true of a generator of this kind, by reckoning"));
  EXPECT_THAT(answer(figures, 3), Not(HasSubstr("tiles")));
  figures.tiles.back().bytes = 17e9;
  EXPECT_THAT(answer(figures, 3), StartsWith("True of a generator of this kind, by reckoning"));
  EXPECT_THAT(answer(figures, 3), HasSubstr(fmt::format("tiles of {0} x {0}", figures.tiles.rbegin()[1].pixels)));
}

TEST(Tiles, GrowWithTheirPixels) {
  const auto plans = tile_plans();
  ASSERT_EQ(plans.size(), 7u);
  EXPECT_EQ(plans.front().tiles, 40 * 23);
  EXPECT_EQ(plans.back().tiles, 1);
  for (std::size_t i = 1; i < plans.size(); ++i) {
    EXPECT_EQ(plans[i].pixels, 2 * plans[i - 1].pixels);
    EXPECT_GT(plans[i].bytes, plans[i - 1].bytes);
    EXPECT_NEAR(plans[i].flop / plans[i - 1].flop, 4, 0.5);
  }
}

TEST(Tiles, FindTheLargestBatch) {
  const std::int64_t most = largest_batch(1e9);
  EXPECT_GT(most, 100);
  EXPECT_LT(most, 1000);
  EXPECT_EQ(largest_batch(1e6), 0);
}

TEST(ColdStartText, ComesBackAsItWas) {
  const ColdStart start = start_of("cuda", 4, 200e-6);
  const ColdStart again = cold_start_from(to_text(start));
  EXPECT_EQ(to_text(again), to_text(start));
  EXPECT_DOUBLE_EQ(again.first_frame_s(), 4);
  EXPECT_THAT(show(again), HasSubstr("GB/s"));
}

}  // namespace
}  // namespace kernelgate
