#pragma once
// Results made up for tests.

#include <string>
#include <vector>

#include "harness/result/result.h"

namespace kernelgate::for_test {

inline CaseResult made_case(const std::string& implementation, std::vector<std::vector<double>> runs) {
  CaseResult one;
  one.op = "matmul";
  one.problem = "f16_nt/256x256x256";
  one.implementation = implementation;
  one.origin = implementation == "onednn" ? "peer" : "ours";
  one.state = "hot";
  one.name = "matmul/f16_nt/256x256x256/" + implementation + "/hot";
  one.flop = 33554432;
  one.bytes = 393216;
  for (auto& samples : runs) {
    CaseRun run;
    run.run = static_cast<int>(one.runs.size());
    run.samples_s = std::move(samples);
    one.runs.push_back(std::move(run));
  }
  return one;
}

inline Result made_result(std::vector<CaseResult> cases) {
  Result result;
  result.started_utc = "2026-01-02T03:04:05Z";
  result.wall_s = 1.5;
  result.device_kind = "cpu";
  result.device = "cpu_test";
  result.suite = "smoke";
  result.command = {"kernelgate", "run"};
  result.build = {{"version", "0.1.0"}, {"commit", "0123456789ab"}, {"dirty", false}, {"sanitizers", ""}};
  result.fingerprint = {{"identity", {{"cpu_model", "test"}, {"cores", 2}}}};
  result.findings = nlohmann::json::array();
  result.cases = std::move(cases);
  return result;
}

}  // namespace kernelgate::for_test
