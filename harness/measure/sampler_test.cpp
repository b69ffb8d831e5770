#include "harness/measure/sampler.h"
#include "harness/measure/honest_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace kernelgate {
namespace {

/// Work "takes" what the work itself says, so that the loop's decisions are tested without a clock.
class FakeStopwatch final : public Stopwatch {
 public:
  Sample time(const TimedRegion& region) override {
    last_state = region.state;
    if (region.before) region.before(nullptr);
    now = 0;
    for (int i = 0; i < region.launches; ++i) region.work(nullptr);
    const double region_s = now;
    if (region.after) region.after(nullptr);
    if (broken_every > 0 && ++timed % broken_every == 0) return {0, 0};
    Sample sample;
    sample.seconds = region_s / region.launches * region.slowdown;
    sample.sm_clock_hz = clock_hz;
    sample.late_s = late_s;
    return sample;
  }
  double settle() override {
    ++settled;
    return settle_s;
  }
  void run(const TimedWork& work) override { work(nullptr); }
  double shortest_region_s() const override { return 1e-5; }
  double control() override {
    if (on_control) on_control();
    return control_s;
  }

  double now = 0;
  double clock_hz = 0;
  double control_s = 0;
  double late_s = 0;
  double settle_s = 0;
  int settled = 0;
  std::function<void()> on_control;
  int broken_every = 0;  ///< every so many samples come out as 0 seconds
  int timed = 1;
  CacheState last_state = CacheState::hot;
};

SamplingPolicy quick() {
  SamplingPolicy policy;
  policy.warm_up_s = 0;
  policy.min_samples = 10;
  policy.max_samples = 100;
  policy.time_s = 1e9;
  policy.wall_cap_s = 1e9;
  policy.precision = -1;  // never reached
  return policy;
}

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

/// Notes the order of calls, and finds a fault when it is told to.
struct FakeCheck final : SampleCheck {
  explicit FakeCheck(std::string& to) : calls(to) {}
  void begin(bool new_inputs) override { calls += new_inputs ? 'n' : 'o'; }
  void before(CUstream_st*) override { calls += '('; }
  void after(CUstream_st*) override { calls += ')'; }
  std::string judge(bool thoroughly) override {
    calls += thoroughly ? 'J' : 'j';
    return ++judged == wrong_at ? "wrong" : "";
  }
  std::string& calls;
  int judged = 0;
  int wrong_at = 0;
};

/// A measurement of one contestant that costs what `cost` says and is looked at by `check`.
Contestant checked(FakeStopwatch& stopwatch, FakeCheck& check, std::string& calls, CacheState state, int samples,
                   std::uint64_t secret) {
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) {
    calls += '.';
    stopwatch.now += 1e-3;
  };
  contestants[0].check = &check;
  SamplingPolicy policy = quick();
  policy.max_samples = samples;
  policy.secret = secret;
  sample(stopwatch, contestants, state, policy, [](double) {});
  return contestants[0];
}

TEST(Sampler, LooksAtOneOfTheFirstAndAtTheLast) {
  std::set<std::string> orders;
  for (std::uint64_t secret = 1; secret <= 40; ++secret) {
    FakeStopwatch stopwatch;
    std::string calls;
    FakeCheck check(calls);
    const Contestant one = checked(stopwatch, check, calls, CacheState::cold, 10, secret);
    EXPECT_EQ(one.samples_s.size(), 10u);
    EXPECT_EQ(one.checked_s, std::vector<double>(2, 1e-3));
    EXPECT_TRUE(one.unchanged_s.empty()) << "nothing was suspicious";
    EXPECT_TRUE(one.doubled_s.empty()) << "what comes second is not cold";
    EXPECT_TRUE(std::regex_search(calls, std::regex("n[.]*[(][.][)]J$"))) << "the last: " << calls;
    EXPECT_EQ(std::ranges::count(calls, 'j'), 1);
    EXPECT_GT(stopwatch.settled, 2);
    orders.insert(calls);
  }
  EXPECT_GT(orders.size(), 9u) << "one of the first five, and how many runs are before each, are drawn";
}

TEST(Sampler, InTheHotStateALookRunsFirstAndTheEndTimesTwiceAsMany) {
  FakeStopwatch stopwatch;
  std::string calls;
  FakeCheck check(calls);
  const Contestant one = checked(stopwatch, check, calls, CacheState::hot, 5, 1);
  EXPECT_TRUE(std::regex_search(calls, std::regex("n[.]{1,2}[(][.][)]J[.]{2}$"))) << calls;
  EXPECT_EQ(one.doubled_s, std::vector<double>(1, 1e-3));
}

TEST(Sampler, WhatIsDearIsLookedAtOnceAtTheEnd) {
  FakeStopwatch stopwatch;
  std::string calls;
  FakeCheck check(calls);
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += 0.02; };
  contestants[0].check = &check;
  SamplingPolicy policy = quick();
  policy.time_s = 1;
  policy.secret = 2;  // of which the early look is not before the first sample
  sample(stopwatch, contestants, CacheState::cold, policy, [](double) {});
  EXPECT_EQ(calls.substr(calls.find('n') + 1).find('n'), std::string::npos) << calls;
  EXPECT_EQ(check.judged, 1);
}

/// Hot, one contestant, whose launches take what `cost` says of whether its inputs are new and which launch of a region
/// it is.
Contestant suspected(const std::function<double(bool new_inputs, int launch)>& cost) {
  struct Renewing final : SampleCheck {
    void begin(bool fresh) override { next = fresh; }
    void before(CUstream_st*) override { new_inputs = next; }
    void after(CUstream_st*) override { new_inputs = false; }
    std::string judge(bool) override { return ""; }
    bool next = false, new_inputs = false;
  } check;
  FakeStopwatch stopwatch;
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) { stopwatch.now += cost(check.new_inputs, stopwatch.now > 0 ? 2 : 1); };
  contestants[0].check = &check;
  SamplingPolicy policy = quick();
  policy.max_samples = 10;
  sample(stopwatch, contestants, CacheState::hot, policy, [](double) {});
  contestants[0].check = nullptr;
  return contestants[0];
}

TEST(Sampler, SuspicionIsLookedAtUntilItCanBeNoAccident) {
  const Contestant slow = suspected([](bool new_inputs, int) { return new_inputs ? 9e-3 : 1e-3; });
  EXPECT_EQ(slow.checked_s, std::vector<double>(8, 9e-3));
  EXPECT_EQ(slow.unchanged_s, std::vector<double>(8, 1e-3));
  const Contestant lazy = suspected([](bool, int launch) { return launch == 1 ? 1e-3 : 1e-6; });
  EXPECT_EQ(lazy.single_s, std::vector<double>(8, 1e-3));
  EXPECT_EQ(lazy.doubled_s.size(), 9u);
  EXPECT_TRUE(lazy.unchanged_s.empty());
}

TEST(Sampler, ADisturbedWarmUpIsRepeatedOnce) {
  for (bool each_time : {false, true}) {
    FakeStopwatch stopwatch;
    int calls = 0;
    std::vector<Contestant> contestants(1);
    // 1 us, but for the launch that warms it up: then as long as the timer needs.
    contestants[0].work = [&](CUstream_st*) {
      ++calls;
      stopwatch.now += calls == 1 || (each_time && contestants[0].samples_s.empty()) ? 1e-5 : 1e-6;
    };
    sample(stopwatch, contestants, CacheState::cold, quick(), [](double) {});
    EXPECT_EQ(contestants[0].samples_s.size(), 100u);
    EXPECT_EQ(contestants[0].launches_per_sample, each_time ? 1 : 11)
        << "of 1 us, as many as fill 10 us and a rounding";
    EXPECT_EQ(too_short(contestants[0], stopwatch.shortest_region_s()), each_time);
  }
}

TEST(Sampler, GoesOnLookingInALongMeasurement) {
  FakeStopwatch stopwatch;
  std::string calls;
  FakeCheck check(calls);
  checked(stopwatch, check, calls, CacheState::cold, 1000, 7);
  EXPECT_GT(check.judged, 2) << "one of the first, and the last";
  EXPECT_LT(check.judged, 15);
}

TEST(Sampler, WhatIsWrongIsSampledNoMore) {
  FakeStopwatch stopwatch;
  std::string calls;
  FakeCheck check(calls);
  check.wrong_at = 2;
  const Contestant one = checked(stopwatch, check, calls, CacheState::hot, 100, 3);
  EXPECT_EQ(one.wrong, "wrong");
  EXPECT_EQ(check.judged, 2);
  EXPECT_LE(one.samples_s.size(), 100u);
  EXPECT_EQ(calls.find_last_of("jJ"), calls.size() - 1) << calls;
}

TEST(Sampler, WhatGoesOnAfterItsTurnIsBlamedForIt) {
  FakeStopwatch stopwatch;
  stopwatch.settle_s = std::numeric_limits<double>::infinity();
  std::string calls;
  FakeCheck check(calls);
  const Contestant one = checked(stopwatch, check, calls, CacheState::hot, 100, 3);
  EXPECT_NE(one.left_running.find("left something running"), std::string::npos);
  EXPECT_EQ(check.judged, 0) << "it is given up before the next inputs come";
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

TEST(Stopwatch, TheCpuCallsTheWorkAsOftenAsItIsAsked) {
  const auto stopwatch = cpu_stopwatch();
  for (int launches : {1, 2, 7})
    for (CacheState state : {CacheState::hot, CacheState::cold}) {
      std::string calls;
      const TimedWork work = [&calls](CUstream_st*) { calls += '.'; };
      const Sample sample = stopwatch->time({.work = work,
                                             .launches = launches,
                                             .state = state,
                                             .before = [&calls](CUstream_st*) { calls += '('; },
                                             .after = [&calls](CUstream_st*) { calls += ')'; }});
      EXPECT_EQ(calls, "(" + std::string(static_cast<std::size_t>(launches), '.') + ")");
      EXPECT_GT(sample.seconds, 0);
    }
}

TEST(Stopwatch, TheCpuEmptiesItsCachesBeforeColdWorkAndBehindTheNewInputs) {
  std::string calls;
  const auto stopwatch = cpu_stopwatch([&calls] { calls += 'e'; });
  const TimedWork work = [&calls](CUstream_st*) { calls += '.'; };
  const TimedWork before = [&calls](CUstream_st*) { calls += '('; };
  stopwatch->time({.work = work, .launches = 2, .state = CacheState::cold, .before = before});
  EXPECT_EQ(calls, "(e..");
  calls.clear();
  stopwatch->time({.work = work, .launches = 2, .state = CacheState::hot, .before = before});
  EXPECT_EQ(calls, "(..");
}

TEST(Stopwatch, TheCpuSaysWhatItsThreadsUsed) {
  const auto stopwatch = cpu_stopwatch();
  const TimedWork busy = [](CUstream_st*) {
    for (const auto begin = std::chrono::steady_clock::now();
         std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(20);) {
    }
  };
  const TimedWork idle = [](CUstream_st*) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  EXPECT_GT(stopwatch->time({.work = busy}).processor_s, 1e-3);
  EXPECT_LT(stopwatch->time({.work = idle}).processor_s, 1e-2);
}

TEST(Stopwatch, TheCpuHasAControl) {
  // Twice: its threads serve more than one round, and end with it.
  const auto stopwatch = cpu_stopwatch();
  for (int i = 0; i < 2; ++i) EXPECT_GT(stopwatch->control(), 0);
}

}  // namespace
}  // namespace kernelgate
