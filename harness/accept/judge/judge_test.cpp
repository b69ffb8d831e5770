// What each measurement is judged as, one thing broken at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "harness/accept/judge/judge.h"
#include "harness/accept/measured_for_test.h"
#include "harness/accept/thresholds.h"

namespace kernelgate::accept {
namespace {

using ::testing::HasSubstr;

Tested find(const Tests& tests, const std::string& id, std::int64_t gpu = 0) {
  for (const Tested& test : tests)
    if (test.id == id && test.gpu == gpu) return test;
  ADD_FAILURE() << "no test " << id;
  return {};
}

/// Of one GPU with one thing changed: what `id` says, and that nothing else failed.
Tested broken(const std::string& id, const std::function<void(Measured&)>& change, Outcome expected) {
  Measured gpu = healthy(0, 2);
  change(gpu);
  const Tests tests = judge_gpu(gpu);
  const Tested test = find(tests, id);
  EXPECT_EQ(word_of(test.outcome), std::string(word_of(expected))) << id << ": " << test.says;
  for (const Tested& other : tests) {
    if (other.id != id) {
      EXPECT_NE(other.outcome, Outcome::failed) << other.id << ": " << other.says;
    }
  }
  return test;
}

TEST(JudgeGpu, AHealthyOnePassesEverything) {
  for (const Tested& test : judge_gpu(healthy(0, 2)))
    EXPECT_EQ(test.outcome, Outcome::passed) << test.id << ": " << test.says;
}

TEST(JudgeGpu, ALinkOfFewerLanesFailsThoughItsRateIsRightForThem) {
  const auto x8 = [](Measured& gpu) {
    gpu.links.width = {8, ""};
    gpu.links.host_to_device = gpu.links.device_to_host = {27e9, ""};
  };
  EXPECT_THAT(broken("link.trained", x8, Outcome::failed).says, HasSubstr("x8 under load"));
  broken(
      "link.trained",
      [](Measured& gpu) {
        gpu.links.generation = {4, ""};
      },
      Outcome::failed);
  // A server of generation 4 with a GPU of generation 5 is as it was built.
  broken(
      "link.trained",
      [](Measured& gpu) {
        gpu.links.generation = gpu.links.generation_max = {4, ""};
      },
      Outcome::passed);
}

TEST(JudgeGpu, CopiesAreHeldAgainstWhatTheirLinkCarries) {
  // 76 % of 63.0 GB/s.
  broken(
      "link.host_to_device",
      [](Measured& gpu) {
        gpu.links.host_to_device = {47.8e9, ""};
      },
      Outcome::failed);
  broken(
      "link.host_to_device",
      [](Measured& gpu) {
        gpu.links.host_to_device = {48.0e9, ""};
      },
      Outcome::passed);
  broken(
      "link.device_to_host",
      [](Measured& gpu) {
        gpu.links.device_to_host = {20e9, ""};
      },
      Outcome::failed);
  const Tested busy = broken(
      "link.host_to_device",
      [](Measured& gpu) {
        gpu.links.host_to_device = {20e9, ""}, gpu.links.other_processes = 2;
      },
      Outcome::inconclusive);
  EXPECT_THAT(busy.says, HasSubstr("2 other processes"));
  // 70 % of 18 times 26.562.
  broken(
      "link.peer",
      [](Measured& gpu) {
        gpu.links.peers[0].bytes_per_s = {334e9, ""};
      },
      Outcome::failed);
  broken(
      "link.peer",
      [](Measured& gpu) {
        gpu.links.peers[0].bytes_per_s = {335e9, ""};
      },
      Outcome::passed);
  broken(
      "link.peer",
      [](Measured& gpu) {
        gpu.links.nvlinks = {0, ""};
      },
      Outcome::not_tested);
  // Of a GPU with twelve links less is wanted.
  broken(
      "link.peer",
      [](Measured& gpu) {
        gpu.links.nvlinks = {12, ""}, gpu.links.peers[0].bytes_per_s = {230e9, ""};
      },
      Outcome::passed);
}

TEST(JudgeGpu, MemoryIsHeldAgainstItsOwnClock) {
  broken(
      "memory.copy",
      [](Measured& gpu) {
        gpu.load.memory.copy = {3.9e12, ""};
      },
      Outcome::failed);
  broken(
      "memory.read",
      [](Measured& gpu) {
        gpu.load.memory.read = {3.9e12, ""};
      },
      Outcome::failed);
  broken(
      "memory.read", [](Measured& gpu) { gpu.load.memory.peak = missing<double>("no clock"); }, Outcome::not_tested);
  broken(
      "memory.pattern", [](Measured& gpu) { gpu.load.memory.wrong_words = 1; }, Outcome::failed);
}

TEST(JudgeGpu, OneWrongBitFails) {
  const Tested test = broken(
      "sdc.tf32",
      [](Measured& gpu) {
        gpu.load.products.push_back(
            {"tf32", "hot", "", 2048, 100, 1, 132, 1, 1e15, {{"hot", 41, 1234, 7, 3, 8, 1, "0x1", "0x3", true}}});
      },
      Outcome::failed);
  EXPECT_THAT(test.says, HasSubstr("1 of 4096 launches"));
  EXPECT_THAT(test.says,
              HasSubstr("multiprocessor 41, launch 1234 (hot), pass 7, element [8, 1] of warp 3: 0x1 and not 0x3"));
  broken(
      "sdc.self_test",
      [](Measured& gpu) {
        gpu.load.self_test = {false, ""};
      },
      Outcome::failed);
}

TEST(JudgeGpu, WhatWasNotDoneIsNoPass) {
  broken(
      "sdc.e4m3",
      [](Measured& gpu) {
        gpu.load.products[4] = {"e4m3", "cold", "needs compute capability 8.9", 0, 0, 0, 0, 0, 0, {}};
      },
      Outcome::not_tested);
  const Tested some = broken(
      "sdc.f16", [](Measured& gpu) { gpu.load.products[0].multiprocessors = 131; }, Outcome::inconclusive);
  EXPECT_THAT(some.says, HasSubstr("only 131 of 132 multiprocessors"));
  Measured gpu = healthy(0, 1);
  gpu.load = {};
  gpu.load.doing = "products in f16, cold";
  gpu.load.error = "ended by signal 9";
  const Tests tests = judge_gpu(gpu);
  EXPECT_EQ(find(tests, "process").outcome, Outcome::failed);
  EXPECT_THAT(find(tests, "process").says, HasSubstr("products in f16, cold: ended by signal 9"));
  for (const char* id : {"sdc.f16", "memory.read", "errors.ecc", "load.throttling"}) {
    EXPECT_EQ(find(tests, id).outcome, Outcome::not_tested) << id;
    EXPECT_THAT(find(tests, id).says, HasSubstr("ended by signal 9")) << id;
  }
}

TEST(JudgeGpu, WhoWasStoppedIsNotToBlame) {
  broken(
      "process", [](Measured& gpu) { gpu.load.error = stopped; }, Outcome::inconclusive);
}

TEST(JudgeGpu, ThrottlingIsJudgedByItsCause) {
  broken(
      "load.throttling",
      [](Measured& gpu) {
        gpu.load.held[2].seconds = {0.7, ""};
      },
      Outcome::failed);
  broken(
      "load.throttling",
      [](Measured& gpu) {
        gpu.load.held[2].seconds = {0.5, ""};
      },
      Outcome::passed);
  const Tested capped = broken(
      "load.throttling",
      [](Measured& gpu) {
        gpu.load.held[0].seconds = {60, ""};
      },
      Outcome::passed);
  EXPECT_THAT(capped.says, HasSubstr("power cap for 100.0 % of the time: normal"));
  broken(
      "load.throttling", [](Measured& gpu) { gpu.load.held[1].seconds = missing<double>("not supported"); },
      Outcome::not_tested);
}

TEST(JudgeGpu, ErrorsThatItCounts) {
  broken(
      "errors.ecc",
      [](Measured& gpu) {
        gpu.load.after.ecc_uncorrected = {1, ""};
      },
      Outcome::failed);
  broken(
      "errors.ecc",
      [](Measured& gpu) {
        gpu.load.after.ecc_corrected = {9, ""};
      },
      Outcome::passed);
  broken(
      "errors.rows",
      [](Measured& gpu) {
        gpu.load.after.rows_uncorrected = {513, ""};
      },
      Outcome::failed);
  broken(
      "errors.rows",
      [](Measured& gpu) {
        gpu.load.after.rows_uncorrected = {512, ""};
      },
      Outcome::passed);
  broken(
      "errors.rows",
      [](Measured& gpu) {
        gpu.load.after.row_pending = {true, ""};
      },
      Outcome::failed);
  broken(
      "errors.rows",
      [](Measured& gpu) {
        gpu.load.after.row_failed = {true, ""};
      },
      Outcome::failed);
  broken(
      "errors.xid", [](Measured& gpu) { gpu.load.xids.value = {{79}}; }, Outcome::failed);
  broken(
      "errors.replays",
      [](Measured& gpu) {
        gpu.load.after.pcie_replays = {9, ""};
      },
      Outcome::failed);
  broken(
      "errors.replays",
      [](Measured& gpu) {
        gpu.load.after.pcie_replays = {8, ""};
      },
      Outcome::passed);
  broken(
      "errors.replays",
      [](Measured& gpu) {
        gpu.load.after.pcie_replays = {100, ""}, gpu.load.seconds = 1200;
      },
      Outcome::passed);
}

void set_speed(Measured& gpu, double flop_per_s) {
  for (Sample& sample : gpu.load.samples) sample.flop_per_s = flop_per_s;
}

TEST(JudgeNode, TheSlowOneIsNamed) {
  std::vector<Measured> gpus = healthy_server(8);
  set_speed(gpus[5], 0.965 * 600e12);
  std::vector<std::string> notes;
  Tests tests = judge_node(gpus, notes);
  for (int gpu = 0; gpu < 8; ++gpu)
    EXPECT_EQ(find(tests, "node.speed", gpu).outcome, gpu == 5 ? Outcome::failed : Outcome::passed);
  set_speed(gpus[5], 0.975 * 600e12);
  EXPECT_EQ(find(judge_node(gpus, notes), "node.speed", 5).outcome, Outcome::passed) << "within 3 %";
  EXPECT_TRUE(notes.empty());
}

TEST(JudgeNode, WhereAllDifferNobodyIsTheSlowOne) {
  std::vector<Measured> gpus = healthy_server(8);
  for (int gpu = 0; gpu < 8; ++gpu) set_speed(gpus[static_cast<std::size_t>(gpu)], (580 + 6 * gpu) * 1e12);
  std::vector<std::string> notes;
  EXPECT_EQ(find(judge_node(gpus, notes), "node.speed", 0).outcome, Outcome::inconclusive);
  set_speed(gpus[0], 500e12);
  EXPECT_EQ(find(judge_node(gpus, notes), "node.speed", 0).outcome, Outcome::failed);
  gpus[0].load.other_processes = 1;
  EXPECT_EQ(find(judge_node(gpus, notes), "node.speed", 0).outcome, Outcome::inconclusive);
}

TEST(JudgeNode, OfTwoNobodyCanTell) {
  std::vector<Measured> gpus = healthy_server(2);
  set_speed(gpus[0], 300e12);
  std::vector<std::string> notes;
  EXPECT_EQ(find(judge_node(gpus, notes), "node.speed", 0).outcome, Outcome::not_tested);
}

TEST(JudgeNode, ANarrowLinkIsSeenByItsNeighboursThoughItSaysThatItIsRight) {
  std::vector<Measured> gpus = healthy_server(4);
  gpus[2].links.width = gpus[2].links.width_max = {8, ""};
  std::vector<std::string> notes;
  const Tests tests = judge_node(gpus, notes);
  EXPECT_EQ(find(tests, "node.link", 2).outcome, Outcome::failed);
  EXPECT_EQ(find(tests, "node.link", 1).outcome, Outcome::passed);
}

TEST(JudgeNode, AHotterOneIsANote) {
  std::vector<Measured> gpus = healthy_server(4);
  gpus[3].load.samples[4].temperature_c = {73, ""};
  std::vector<std::string> notes;
  judge_node(gpus, notes);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("GPU 3 became 73 degrees hot"));
}

TEST(JudgeAgainst, EachIsHeldAgainstItself) {
  const std::vector<Measured> earlier = healthy_server(2);
  std::vector<Measured> now = healthy_server(3);
  set_speed(now[0], 0.975 * 600e12);
  const Tests tests = judge_against(now, earlier);
  EXPECT_EQ(find(tests, "against.speed", 0).outcome, Outcome::failed);
  EXPECT_EQ(find(tests, "against.read", 0).outcome, Outcome::passed);
  EXPECT_EQ(find(tests, "against.speed", 1).outcome, Outcome::passed);
  EXPECT_EQ(find(tests, "against.speed", 2).outcome, Outcome::not_tested) << "it was not there";
}

TEST(JudgePreflight, LinesOfThePolicy) {
  PolicyReport report;
  const auto line = [](const char* id, PolicySeverity severity, bool met, bool known) {
    PolicyOutcome outcome;
    outcome.line = {id, std::string("text of ") + id, severity, {}};
    outcome.required.push_back({{"ecc", "==", "on"}, met, known, "off", {}});
    return outcome;
  };
  report.lines = {line("good", PolicySeverity::fail, true, true), line("bad", PolicySeverity::fail, false, true),
                  line("dark", PolicySeverity::fail, false, false), line("soft", PolicySeverity::warn, false, true)};
  std::vector<std::string> notes;
  const Tests tests = judge_preflight(report, notes);
  ASSERT_EQ(tests.size(), 3u);
  EXPECT_EQ(find(tests, "preflight.good", the_machine).outcome, Outcome::passed);
  EXPECT_EQ(find(tests, "preflight.bad", the_machine).outcome, Outcome::failed);
  EXPECT_EQ(find(tests, "preflight.dark", the_machine).outcome, Outcome::not_tested);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("text of soft"));
}

TEST(Thresholds, EachHasASource) {
  EXPECT_GE(thresholds().size(), 12u);
  for (const Threshold& one : thresholds()) EXPECT_FALSE(one.source.empty()) << one.id;
  EXPECT_NEAR(pcie_bytes_per_s(5, 16), 63.0e9, 0.1e9);
  EXPECT_NEAR(pcie_bytes_per_s(3, 8), 7.88e9, 0.01e9);
  EXPECT_NEAR(pcie_bytes_per_s(2, 1), 0.5e9, 1);
  EXPECT_EQ(pcie_bytes_per_s(9, 16), 0);
  EXPECT_NEAR(memory_bytes_per_s(2619e6, 5120), 3.35e12, 0.01e12) << "an H100";
}

}  // namespace
}  // namespace kernelgate::accept
