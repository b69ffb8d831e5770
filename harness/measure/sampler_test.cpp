#include "harness/measure/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/measure/fake_stopwatch_for_test.h"

namespace kernelgate {
namespace {

TEST(Sampler, KeepsEverySampleInOrder) {
  FakeStopwatch stopwatch;
  int calls = 0;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 1e-3 * ++calls; };
  EXPECT_TRUE(sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {}));
  EXPECT_EQ(contestants[0].samples_s.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(contestants[0].samples_s));
}

TEST(Sampler, BatchesWorkThatIsTooShortForTheTimer) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(2);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 3e-6; };
  contestants[1].work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  sample(stopwatch, contestants, CacheState::cold, quick(), [](double) {});
  EXPECT_EQ(contestants[0].launches_per_sample, 4) << "of 3 us: as many as fill 10 us";
  EXPECT_EQ(contestants[1].launches_per_sample, 1);
  EXPECT_NEAR(contestants[0].samples_s.front(), 3e-6, 1e-12);
  EXPECT_EQ(stopwatch.last_state, CacheState::cold);
}

TEST(Sampler, StopsWhenTheMedianIsKnownButNotBeforeTheLeastNumber) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 1e-3; };  // no noise at all
  SamplingPolicy policy = quick();
  policy.precision = 0.001;
  sample(stopwatch, contestants, CacheState::hot, policy, [](double) {});
  EXPECT_EQ(contestants[0].samples_s.size(), 10u);
}

TEST(Sampler, StopsWhenTheTimeIsSpent) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 0.1; };
  SamplingPolicy policy = quick();
  policy.time_s = 1.95;
  sample(stopwatch, contestants, CacheState::hot, policy, [](double) {});
  EXPECT_EQ(contestants[0].samples_s.size(), 20u);
}

TEST(Sampler, TheWallCapEndsWorkWhosePreparationIsSlow) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stopwatch.now += 1e-3;
  };
  SamplingPolicy policy = quick();
  policy.wall_cap_s = 0.02;
  sample(stopwatch, contestants, CacheState::hot, policy, [](double) {});
  // A turn is three samples and a run before them, 8 ms and more: three turns spend the cap, on a busy machine fewer.
  EXPECT_LE(contestants[0].samples_s.size(), 9u);
  EXPECT_GE(contestants[0].samples_s.size(), static_cast<std::size_t>(policy.fewest_samples));
}

TEST(Sampler, TheWallCapWaitsForAsManySamplesAsAMedianNeeds) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(2);
  for (auto& contestant : contestants) contestant.work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  SamplingPolicy policy = quick();
  policy.wall_cap_s = 0;  // as on a machine where one sample takes longer than the cap
  sample(stopwatch, contestants, CacheState::hot, policy, [](double) {});
  for (const Contestant& contestant : contestants)
    EXPECT_EQ(contestant.samples_s.size(), static_cast<std::size_t>(policy.fewest_samples));
}

TEST(Sampler, TheWallCapDoesNotWaitForAClockThatAlwaysFails) {
  FakeStopwatch stopwatch;
  stopwatch.broken_every = 1;
  int calls = 0;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) {
    if (++calls > 100000) throw std::runtime_error("it goes on");  // ten thousand launches a sample
    stopwatch.now += 1e-3;
  };
  SamplingPolicy policy = quick();
  policy.wall_cap_s = 0;
  EXPECT_NO_THROW(sample(stopwatch, contestants, CacheState::hot, policy, [](double) {}));
  EXPECT_TRUE(contestants[0].samples_s.empty());
}

TEST(Sampler, CountsWhatItDoesNotKeep) {
  FakeStopwatch stopwatch;
  stopwatch.broken_every = 7;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  // Of 117 timings the warm-up's is the first; every seventh fails from the sixth on; the last is the hundredth kept.
  EXPECT_EQ(contestants[0].samples_s.size(), 100u);
  const std::map<std::string, std::int64_t> discarded{{"not a positive time", 16}};
  EXPECT_EQ(contestants[0].discarded, discarded);
  EXPECT_TRUE(std::ranges::all_of(contestants[0].samples_s, [](double s) { return s == 1e-3; }));
}

TEST(Sampler, TheInjectedSlowdownReachesTheSamples) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(2);
  for (auto& contestant : contestants) contestant.work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  contestants[1].slowdown = 1.1;
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  EXPECT_DOUBLE_EQ(contestants[1].samples_s[3] / contestants[0].samples_s[3], 1.1);
}

TEST(Sampler, InterleavesTheContestants) {
  FakeStopwatch stopwatch;
  std::string order;
  std::vector<Contestant> contestants(2);
  for (int i = 0; i < 2; ++i)
    contestants[static_cast<std::size_t>(i)].work = [&, i](CUstream_st*) {
      order += static_cast<char>('a' + i);
      stopwatch.now += 1e-3;
    };
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  // Never does one have all of its samples before the other has begun.
  EXPECT_LT(order.find("bbb"), 20u);
  EXPECT_NE(order.find("bbbbaaaa"), std::string::npos) << order;
}

TEST(Sampler, AClockKnownForSomeSamplesOnlyIsDropped) {
  FakeStopwatch stopwatch;
  int calls = 0;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) {
    stopwatch.now += 1e-3;
    stopwatch.clock_hz = ++calls > 5 ? 1.9e9 : 0;
  };
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  EXPECT_TRUE(contestants[0].sm_clock_hz.empty());
}

TEST(Sampler, TakesOneControlAfterEachTurnOfEachContestant) {
  FakeStopwatch stopwatch;
  stopwatch.control_s = 1e-4;
  std::string order;
  stopwatch.on_control = [&] { order += '.'; };
  std::vector<Contestant> contestants(2);
  for (int i = 0; i < 2; ++i)
    contestants[static_cast<std::size_t>(i)].work = [&, i](CUstream_st*) {
      order += static_cast<char>('a' + i);
      stopwatch.now += 1e-3;
    };
  SamplingPolicy policy = quick();
  policy.max_samples = 12;  // four turns of three
  sample(stopwatch, contestants, CacheState::cold, policy, [](double) {});
  // Warm-up, one control that is not kept, then ABBA.
  EXPECT_EQ(order, "ab.aaa.bbb.bbb.aaa.aaa.bbb.bbb.aaa.");
  for (const Contestant& contestant : contestants) EXPECT_EQ(contestant.control_s, std::vector<double>(4, 1e-4));
}

TEST(Sampler, KeepsNoControlWhereThereIsNone) {
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  EXPECT_TRUE(contestants[0].control_s.empty());
}

TEST(Sampler, AHotTurnBeginsWithARunThatIsNotTimedAndAColdOneDoesNot) {
  for (CacheState state : {CacheState::hot, CacheState::cold}) {
    FakeStopwatch stopwatch;
    int calls = 0;
    std::vector<Contestant> contestants(1);
    contestants[0].work = [&](CUstream_st*) {
      ++calls;
      stopwatch.now += 1e-3;
    };
    SamplingPolicy policy = quick();
    policy.max_samples = 9;  // three turns
    sample(stopwatch, contestants, state, policy, [](double) {});
    EXPECT_EQ(calls, 1 + 9 + (state == CacheState::hot ? 3 : 0)) << "one warms up";
  }
}

TEST(Sampler, KeepsHowLongTheDeviceWorkedOn) {
  FakeStopwatch stopwatch;
  stopwatch.late_s = 3e-6;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 1e-3; };
  sample(stopwatch, contestants, CacheState::hot, quick(), [](double) {});
  EXPECT_EQ(contestants[0].late_s, std::vector<double>(100, 3e-6));
}

}  // namespace
}  // namespace kernelgate
