#pragma once
// A driver upgrade whose truth is known: made-up results of a few boots with each driver.

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/judge/driver/upgrade.h"
#include "harness/result/result_for_test.h"

namespace kernelgate::for_test {

/// Standard deviations of log time. By default what is declared of GPUs (device_class.h): 0.4 % between boots, half of
/// its variance the whole machine's, and 0.5 % between the process runs of one.
struct UpgradeModel {
  int cases = 40;
  int before_boots = 5, after_boots = 5, back_boots = 0;
  int runs = 5;  ///< a boot
  double iteration = 0.005, run = 0.005, boot = 0.004, together = 0.5;
  double control = 0.002;             ///< of a control kernel, beside what the whole machine does
  bool heavy_tails = false;           ///< Student's t with 3 degrees of freedom, between runs and boots
  std::map<int, double> slower = {};  ///< by case: after over before
  bool stays = false;                 ///< what got slower stays so when the old driver is back
  double machine = 1;                 ///< after: the whole machine, its controls, too
  bool with_clocks = false;           ///< an SM clock beside each sample, which moves as `clock` says
  double clock = 1;                   ///< after over before
};

class SimulatedUpgrade {
 public:
  explicit SimulatedUpgrade(UpgradeModel model, std::uint64_t seed) : model_(std::move(model)), random_(seed) {}

  DriverUpgrade upgrade() {
    DriverUpgrade made;
    for (int i = 0; i < model_.before_boots; ++i) made.before.push_back(boot("before", i, "580.95.05", false, false));
    for (int i = 0; i < model_.after_boots; ++i) made.after.push_back(boot("after", i, "590.44.01", true, true));
    for (int i = 0; i < model_.back_boots; ++i) made.back.push_back(boot("back", i, "580.95.05", model_.stays, false));
    return made;
  }

 private:
  double draw(double sd) {
    if (!model_.heavy_tails) return sd * normal_(random_);
    return sd * std::student_t_distribution<double>(3)(random_) / std::sqrt(3.0);
  }

  std::vector<double> samples(double level) {
    std::vector<double> made;
    for (int i = 0; i < 15; ++i) made.push_back(level * std::exp(model_.iteration * normal_(random_)));
    return made;
  }

  Result boot(const std::string& step, int number, const std::string& driver, bool slower, bool fresh) {
    const double whole = draw(model_.boot * std::sqrt(model_.together)) + (fresh ? std::log(model_.machine) : 0);
    std::vector<CaseResult> cases;
    for (int k = 0; k < model_.cases; ++k) {
      const double own = draw(model_.boot * std::sqrt(1 - model_.together));
      const auto planted = model_.slower.find(k);
      const double change = slower && planted != model_.slower.end() ? std::log(planted->second) : 0;
      std::vector<std::vector<double>> runs;
      for (int r = 0; r < model_.runs; ++r)
        runs.push_back(samples(1e-4 * (1 + 0.1 * k) * std::exp(whole + own + change + draw(model_.run))));
      CaseResult one = made_case(fmt::format("kernel{:02}", k), std::move(runs));
      one.code_hash = fmt::format("{:016x}", k);
      for (CaseRun& run : one.runs) {
        run.boot_id = fmt::format("{}-{}", step, number);
        if (model_.with_clocks) run.sm_clock_hz.assign(run.samples_s.size(), 1.98e9 * (fresh ? model_.clock : 1.0));
      }
      cases.push_back(std::move(one));
    }
    Result result = made_result(std::move(cases));
    result.device_kind = "cuda";
    result.device = "nvidia_test";
    result.fingerprint = {
        {"identity",
         {{"gpu_name", "test"}, {"driver", driver}, {"power_limit_w", 700.0}, {"ecc", true}, {"mig", false}}},
        {"covariates", {{"persistence", true}, {"compute_mode", 0}, {"kernel", "6.8.0"}}}};
    for (const char* name : {"alu", "tensor_core", "dram_copy", "launch"})
      for (int r = 0; r < model_.runs; ++r) {
        const double level = 1e-3 * std::exp(whole + draw(model_.control));
        result.controls.push_back({name, r, {level, level}, {level, level}});
      }
    return result;
  }

  UpgradeModel model_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

}  // namespace kernelgate::for_test
