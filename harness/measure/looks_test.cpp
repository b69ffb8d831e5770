// Which samples are looked at, and what becomes of suspicion.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <regex>
#include <set>
#include <string>

#include "harness/measure/fake_stopwatch_for_test.h"
#include "harness/measure/honest_time.h"

namespace kernelgate {
namespace {

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
                   std::uint64_t secret, double check_share = SamplingPolicy{}.check_share,
                   double looks_share = std::numeric_limits<double>::infinity()) {
  std::vector<Contestant> contestants(1);
  contestants[0].work = [&](CUstream_st*) {
    calls += '.';
    stopwatch.now += 1e-3;
  };
  contestants[0].check = &check;
  SamplingPolicy policy = quick();
  policy.max_samples = samples;
  policy.secret = secret;
  policy.check_share = check_share;
  policy.looks_share = looks_share;  // no stopwatch of ours makes the wall's time
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

TEST(Sampler, LaterLooksWaitWhileLooksHaveTakenLong) {
  for (const bool wait : {false, true}) {
    FakeStopwatch stopwatch;
    std::string calls;
    FakeCheck check(calls);
    // A look takes longer than no time, and no time at all is the share that it may take.
    checked(stopwatch, check, calls, CacheState::cold, 100, 7, 1, wait ? 0 : std::numeric_limits<double>::infinity());
    EXPECT_EQ(check.judged, wait ? 2 : 92) << "one of the first ten, the last, and each after the tenth";
  }
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

}  // namespace
}  // namespace kernelgate
