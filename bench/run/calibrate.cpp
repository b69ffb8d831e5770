#include "bench/run/calibrate.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench/commands/command.h"
#include "bench/program/build_record.h"
#include "bench/run/choose_device.h"
#include "bench/run/injection.h"
#include "bench/run/measure_suite.h"
#include "bench/run/result_place.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/quantity.h"
#include "harness/baseline/calibration.h"
#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

/// Two pairs of five runs that share none.
constexpr int calibration_runs = 4 * calibration_runs_a_side;

Result measured(RunArguments a) {
  if (injection_from_environment().active())
    throw HarnessError(ExitCode::usage, "KERNELGATE_INJECT is set: that is no noise of the machine; unset it");
  const CheckReport check = check_environment(a.gpu);
  const ChosenDevice chosen = choose_device(a.device, a.gpu, check);
  a.device = chosen.device.kind == DeviceKind::cuda ? "cuda" : "cpu";
  if (a.suite.empty()) a.suite = "smoke";
  const std::vector<Case> cases = select_cases({a.suite, a.ops, chosen.device.kind, {}});
  fmt::print(stderr, "calibrating with suite {}: {} cases, {} process runs\n", a.suite, cases.size(), a.runs);
  catch_interrupts();
  const ResultPlace place(a.out, "");
  if (!a.out.empty()) place.expect_writable();
  Result result = measure_in_processes(
      a.runs, [&](int run, const auto& places) { return worker_command(a, run, places); }, place.folder());
  result.device_kind = a.device;
  result.device = device_key(check.environment, a.device, a.gpu);
  result.suite = a.suite;
  result.command = command_line();
  result.build = build_record();
  result.fingerprint = fingerprint(check.environment, a.device, a.gpu);
  result.findings = to_json(check.all_findings());
  if (!a.out.empty())
    if (const auto written = place.write(result); !written.trouble.empty()) throw ResultError(written.trouble);
  return result;
}

std::string rate_text(const SelfComparisons& counted, bool with_interval) {
  const long long called = counted.slower + counted.faster;
  std::string text = fmt::format("{} of {} called ({} slower, {} faster), in {} of {} suites", called, counted.compared,
                                 counted.slower, counted.faster, counted.suites_with_alarm, counted.suites);
  if (!with_interval) return text;
  const RateInterval interval = clopper_pearson(called, counted.compared);
  return text +
         fmt::format("; a case's rate is between {:.3f} and {:.2f} % (95 %)", 100 * interval.low, 100 * interval.high);
}

}  // namespace

void declare(CLI::App& app, CalibrateArguments& a) {
  a.run.runs = calibration_runs;
  app.add_option("--suite", a.run.suite, "smoke, default, full")->default_str("smoke");
  app.add_option("--op", a.run.ops, "only this op (matmul, conv2d, mel, pipeline); may be repeated");
  app.add_option("--device", a.run.device, "auto, cuda, cpu")
      ->check(CLI::IsMember({"auto", "cuda", "cpu"}))
      ->capture_default_str();
  app.add_option("--gpu", a.run.gpu, "which GPU, as CUDA counts")->check(gpu_number())->capture_default_str();
  app.add_option("--runs", a.run.runs, "so many fresh processes; each ten give one comparison of five with five")
      ->check(CLI::Range(fewest_calibration_runs, 1000))
      ->capture_default_str();
  app.add_option("--out", a.run.out, "keep the result document here too");
  app.add_option("--from", a.from, "learn from this result instead of measuring");
  app.footer(
      "Writes <device>/calibration.json into $KERNELGATE_STATE, else kernelgate in $XDG_STATE_HOME, else\n"
      "~/.local/state/kernelgate: how much process runs of one build differ here, case by case; the\n"
      "median over the cases is what comparisons may use instead of what is declared of the kind of device. Splits "
      "the\n"
      "runs into A and B by turns, and counts what the rule of comparisons calls, though nothing changed.\n\n"
      "Example:\n  kernelgate baseline calibrate --runs 40 --suite smoke");
}

std::string calibration_text(const Calibration& found) {
  std::string text =
      fmt::format("{}, suite {}, {} process runs of commit {}, {}\n\n  {:64} {:>8} {:>6} {:>6}\n", found.device,
                  found.suite, found.runs, found.commit, found.started_utc, "case", "run sd", "lag-1", "finds");
  for (const CalibratedCase& one : found.cases)
    text += fmt::format("  {:64} {:>6.2f} % {:>6} {:>8}\n", one.name, 100 * one.run_sd,
                        one.lag1 ? fmt::format("{:+.2f}", *one.lag1) : "?", show_finds(one.detectable_ratio));
  text += fmt::format("\nmedian run sd: {:.2f} %\n", 100 * found.run_sd);
  text += fmt::format("A against A, {} runs a side, pairs that share no run: {}\n", found.disjoint.runs_a_side,
                      rate_text(found.disjoint, true));
  text += fmt::format("A against A, {} random splits, which share runs: {}\n", found.shuffled.suites,
                      rate_text(found.shuffled, false));
  text += "finds: the slowdown that a comparison of two such sides calls 9 times in 10\n";
  return text;
}

ExitCode run_calibration(const CalibrateArguments& a, const std::filesystem::path& folder) {
  const Calibration found = calibrate(a.from.empty() ? measured(a.run) : read_result(a.from));
  fmt::print("{}", calibration_text(found));
  fmt::print("written: {}\n", write_calibration(folder, found).string());
  return ExitCode::good;
}

}  // namespace kernelgate
