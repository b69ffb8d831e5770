#include "harness/measure/stopwatch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace kernelgate {
namespace {

void spin(std::chrono::milliseconds for_so_long) {
  for (const auto begin = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - begin < for_so_long;) {
  }
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
  const TimedWork busy = [](CUstream_st*) { spin(std::chrono::milliseconds(20)); };
  const TimedWork idle = [](CUstream_st*) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  EXPECT_GT(stopwatch->time({.work = busy}).processor_s, 1e-3);
  EXPECT_LT(stopwatch->time({.work = idle}).processor_s, 1e-2);
}

TEST(Stopwatch, WhatThreadsUsedIsOfOneLaunchToo) {
  const TimedWork busy = [](CUstream_st*) { spin(std::chrono::milliseconds(5)); };
  // Four launches use 20 ms, less where others take the core; one of them never uses 10.
  EXPECT_LT(cpu_stopwatch()->time({.work = busy, .launches = 4}).processor_s, 1e-2);
}

TEST(Stopwatch, TheCpuHasAControl) {
  // Twice: its threads serve more than one round, and end with it.
  const auto stopwatch = cpu_stopwatch();
  for (int i = 0; i < 2; ++i) EXPECT_GT(stopwatch->control(), 0);
}

}  // namespace
}  // namespace kernelgate
