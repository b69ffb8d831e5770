#include "bench/run/injection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

TEST(Injection, SlowsWhatMatchesAndNothingElse) {
  const Injection injection("slow:matmul/.*/onednn:1.10");
  EXPECT_DOUBLE_EQ(injection.slowdown("matmul/f16_nt/8x8x8/onednn/hot"), 1.10);
  EXPECT_DOUBLE_EQ(injection.slowdown("conv2d/f16/n1/onednn/hot"), 1);
  EXPECT_FALSE(injection.wrong("matmul/f16_nt/8x8x8/onednn/hot"));
  EXPECT_TRUE(injection.active());
}

TEST(Injection, JoinsRulesAndTakesColonsInAPattern) {
  const Injection injection("slow:[[:alpha:]]+/a:1.5;wrong:mel/");
  EXPECT_DOUBLE_EQ(injection.slowdown("x/a"), 1.5);
  EXPECT_TRUE(injection.wrong("mel/whisper80/30s/kissfft/hot"));
  EXPECT_FALSE(injection.wrong("x/a"));
}

TEST(Injection, NothingIsNoInjection) {
  EXPECT_FALSE(Injection("").active());
  EXPECT_DOUBLE_EQ(Injection().slowdown("x"), 1);
}

TEST(Injection, WhatIsNotUnderstoodIsRefusedByName) {
  for (const char* text : {"slow", "slow:", "slow:x", "slow:x:", "slow:x:fast", "slow:x:0.5", "slow::2",
                           "wrong:", "quick:x:2", "wrong:("}) {
    try {
      Injection injection{text};
      ADD_FAILURE() << text;
    } catch (const HarnessError& e) {
      EXPECT_EQ(e.code, ExitCode::usage);
      EXPECT_NE(std::string(e.what()).find("KERNELGATE_INJECT"), std::string::npos) << e.what();
    }
  }
}

TEST(Injection, CorruptionChangesTheFirstElementBeyondAnyTolerance) {
  const GuardedTensor tensor(Device{}, 8);
  const float values[2] = {1.0f, 2.0f};
  tensor.upload(std::as_bytes(std::span(values)));
  corrupt(tensor);
  const auto bytes = tensor.download();
  float after[2];
  std::memcpy(after, bytes.data(), sizeof after);
  EXPECT_GT(std::abs(after[0] - 1.0f), 0.5f);
  EXPECT_EQ(after[1], 2.0f);
}

}  // namespace
}  // namespace kernelgate
