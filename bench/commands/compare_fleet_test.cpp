// A fleet through the program: who is slow, who is to be drained, and what can't be read.

#include <cmath>
#include <random>

#include "bench/commands/program_for_test.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

class CompareFleet : public ProgramTest {
 protected:
  /// Four machines of eight cards, 0.3 % apart. `slow`: a card that is 4 % slower; -1: none.
  void write_fleet(int slow) {
    std::filesystem::create_directories(folder_ / "fleet");
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    for (int card = 0; card < 32; ++card) {
      const double whole = 0.003 * normal(random) + (card == slow ? std::log(1.04) : 0);
      std::vector<CaseResult> cases;
      for (int k = 0; k < 12; ++k) {
        const double level = 1e-4 * (1 + k) * std::exp(whole + 0.002 * normal(random));
        cases.push_back(for_test::made_case(fmt::format("kernel{}", k),
                                            std::vector<std::vector<double>>(3, std::vector<double>(5, level))));
      }
      Result result = for_test::made_result(std::move(cases));
      result.device_kind = "cuda";
      result.device = "nvidia_test";
      result.fingerprint = {
          {"identity", {{"gpu_name", "test"}, {"gpu_uuid", fmt::format("GPU-{:02}", card)}, {"driver", "580.65.06"}}},
          {"informational", {{"hostname", fmt::format("node{}", card / 8)}}}};
      write_result(result, folder_ / fmt::format("fleet/{:02}.json", card));
    }
  }
};

TEST_F(CompareFleet, NamesTheSlowCardAndItsMachineIsToBeDrained) {
  write_fleet(19);
  EXPECT_EQ(run("compare --fleet fleet --drain drain.txt"), 3) << out_ << err_;
  EXPECT_THAT(out_,
              HasSubstr("SLOWER: 1 of a fleet of 32 cards in 4 machines, 12 cases; the worst is GPU-19 in node2, +"));
  EXPECT_THAT(read("drain.txt"), ::testing::StartsWith("node2  # GPU-19 +"));
  EXPECT_EQ(run("compare --fleet fleet --json"), 3);
  EXPECT_EQ(nlohmann::json::parse(out_)["slow"][0]["card"], "GPU-19");
}

TEST_F(CompareFleet, ACleanFleetIsTheSameAndADamagedFileIsNamed) {
  write_fleet(-1);
  write("fleet/broken.json", read("fleet/03.json").substr(0, 300));
  EXPECT_EQ(run("compare --fleet fleet --drain drain.txt"), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("SAME: none of 32 cards in 4 machines, 12 cases is slower than the others."));
  EXPECT_THAT(err_, HasSubstr("left out: "));
  EXPECT_THAT(err_, HasSubstr("broken.json"));
  EXPECT_EQ(read("drain.txt"), "");
}

TEST_F(CompareFleet, WhatCantBeAsked) {
  write_fleet(-1);
  std::filesystem::create_directories(folder_ / "empty");
  expect_refusal(1, "compare --fleet empty", "no result in 'empty' can be used");
  expect_refusal(1, "compare fleet/00.json fleet/01.json --drain drain.txt", "--drain");
}

}  // namespace
}  // namespace kernelgate
