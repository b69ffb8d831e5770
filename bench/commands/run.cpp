// kernelgate run: the main job.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "bench/audio/recording_problems.h"
#include "bench/commands/command.h"
#include "bench/commands/run_arguments.h"
#include "bench/digital_human/digital_human.h"
#include "bench/predict/beside_vendor.h"
#include "bench/program/build_record.h"
#include "bench/run/baselines_folder.h"
#include "bench/run/choose_device.h"
#include "bench/run/devices.h"
#include "bench/run/measure_suite.h"
#include "bench/run/proofs/host_proofs.h"
#include "bench/run/report_files.h"
#include "bench/run/result_place.h"
#include "bench/run/sides/against.h"
#include "bench/run/sides/read_side.h"
#include "bench/run/sides/side_by_side.h"
#include "bench/run/state_folder.h"
#include "bench/user/kernel_files.h"
#include "harness/base/printable.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/share.h"
#include "harness/base/terminal.h"
#include "harness/base/utc_time.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_path.h"
#include "harness/baseline/calibration.h"
#include "harness/baseline/false_alarms.h"
#include "harness/baseline/stored_side.h"
#include "harness/check/fingerprint.h"
#include "harness/check/require/requirements.h"
#include "harness/judge/confirm/night_verdicts.h"
#include "harness/report/closing.h"
#include "harness/report/coloured.h"
#include "harness/report/reporter.h"

namespace kernelgate {
namespace {

// With every fourth run disturbed by a neighbour, five find a slowdown of 10 % in 90 % of cases.
constexpr int default_runs = 5;

SuiteOptions suite_options(const RunArguments& a, const Device& device, const Injection& injection,
                           const BenchmarkFlags& flags) {
  SuiteOptions options;
  options.selection = {a.suite, a.ops, device.kind, flags.filter, a.implementations};
  options.device = device;
  options.policy = policy_of(a.suite, device.kind);
  if (flags.min_time_s > 0) {
    options.policy.time_s = flags.min_time_s;
    options.policy.wall_cap_s = 5 * flags.min_time_s;
  }
  options.injection = injection;
  options.flags = flags;
  options.seed = a.seed;
  options.input_seed = a.input_seed;
  options.runs = a.runs;
  return options;
}

/// One of the fresh processes of a run: measures and writes its part. The environment was judged already.
ExitCode work(const RunArguments& a, const BenchmarkFlags& flags) {
  catch_interrupts(true);
  Device device = cpu_device();
  if (a.device == "cuda") {
    std::string reason;
    const auto gpu = cuda_device(a.gpu, reason);
    if (!gpu) throw HarnessError(ExitCode::refused, reason);
    device = *gpu;
  }
  SuiteOptions options = suite_options(a, device, injection_from_environment(), flags);
  options.run = a.worker_run;
  write_part(measure_here(options), a.worker_out);
  return ExitCode::good;
}

void expect_requirements(const std::string& text, const CheckReport& check) {
  if (text.empty()) return;
  for (const auto& outcome : evaluate(parse_requirements(text), check.environment))
    if (!outcome.met)
      throw HarnessError(ExitCode::refused, fmt::format("--require {} is not met: there is {}",
                                                        outcome.requirement.text(), outcome.actual));
}

Result measure(const RunArguments& a, const SuiteOptions& options, const std::filesystem::path& otherwise) {
  if (options.flags.writes || !options.flags.format.empty()) return measure_here(options);
  return measure_in_processes(
      a.runs, [&](int run, const auto& places) { return worker_command(a, run, places); }, otherwise);
}

/// --against baseline: the build that the baseline names.
constexpr const char* stored_build = "baseline";

/// Errors  HarnessError(usage): no baseline of the device names one, or it is not where it was.
std::filesystem::path build_of_baseline(const std::filesystem::path& folder, const std::string& device,
                                        const nlohmann::json& fingerprint) {
  for (const Baseline& baseline : read_own_baselines(folder, device, fingerprint))
    if (baseline.archived) return find_build(baseline.archived->path, "--against baseline:").program;
  throw HarnessError(
      ExitCode::usage,
      fmt::format("--against baseline: no baseline of {} in '{}' names its program; accept a result with "
                  "--build PATH, or name a build",
                  device, folder.string()));
}

/// Both builds by turns, on what looks changed.
Comparison judge_with_blocks(const RunArguments& a, const Result& result, const BenchmarkFlags& flags,
                             const CompareOptions& options) {
  const Side fresh = side_of(result);
  const Side base = a.base.empty() ? stored_side(baselines_folder(a.baselines), fresh, options, result.started_utc)
                                   : read_side(a.base);
  const ArchivedBuild archived = find_build(a.against);
  fmt::print(stderr, "against {}: {}\n", archived.program.string(), archived.version);
  BlockPlan plan{a.device, a.suite, a.gpu,     a.seed,
                 a.ops,    a.audio, a.kernels, flags.min_time_s > 0 ? fmt::format("{}", flags.min_time_s) : ""};
  ProgramBlocks blocks(archived, std::move(plan), fresh,
                       [](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  Comparison comparison = compare_with_blocks(base, fresh, blocks, options, a.seed);
  comparison.base_description = fmt::format("{}; blocks against {}", comparison.base_description, archived.version);
  return comparison;
}

/// With the named file, or with what is stored for this device.
Comparison judge(const RunArguments& a, const Result& result, const BenchmarkFlags& flags) {
  CompareOptions options;
  options.threshold = share_of("--threshold", a.threshold);
  options.vary = a.vary;
  options.subset = true;
  options.run_sd = calibrated_run_sd(state_folder(), result.device);
  if (!a.against.empty()) return judge_with_blocks(a, result, flags, options);
  if (!a.base.empty()) return compare(read_side(a.base), side_of(result), options);
  return compare_with_baselines(baselines_folder(a.baselines), result, options);
}

/// Where equal code met itself in the stored baseline, what was called there was false, and is counted.
void count_false_alarms(const RunArguments& a, const Result& result, Comparison& comparison) {
  if (!a.base.empty() || !result.injection.empty() || result.status != "complete") return;
  const FalseAlarms counted =
      add_false_alarms(state_folder(), result.device, comparison.known_equal, result.started_utc);
  comparison.known_equal_so_far = text_of(counted);
  if (!counted.trouble.empty()) fmt::print(stderr, "kernelgate: {}\n", counted.trouble);
}

/// Which of several of one kind, too: by what it is, and not by the number that it has today.
std::string which_device(const std::string& key, const Environment& environment, const RunArguments& a) {
  const Gpu* gpu = a.device == "cuda" ? environment.visible_gpu(a.gpu) : nullptr;
  if (gpu == nullptr) return key;
  return fmt::format("{}-{}", key, gpu->uuid.value.value_or(fmt::format("gpu{}", a.gpu)));
}

/// The second of two implementations that were asked for against the first.
std::optional<Comparison> judge_side_by_side(const RunArguments& a, const Result& result) {
  if (a.implementations.size() != 2) return {};
  CompareOptions options;
  options.threshold = share_of("--threshold", a.threshold);
  return compare_implementations(result, a.implementations[0], a.implementations[1], options);
}

/// One document: what was found, and what it says against the baseline, of two implementations, and of what is claimed
/// of digital-human video.
std::string with_verdicts(const Result& result, const Comparison& comparison,
                          const std::optional<Comparison>& side_by_side,
                          const std::optional<DigitalHumanFigures>& human, bool strict) {
  nlohmann::json document = to_json(result);
  document["comparison"] = to_json(comparison, strict);
  if (side_by_side) document["side_by_side"] = to_json(*side_by_side, false);
  if (human) document["digital_human"] = to_json(*human);
  return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The forms of the report that are documents of their own, with the base that the verdicts are of.
void write_documents(const RunArguments& a, Report& report, const ReportFormat& format,
                     const std::vector<ReportFile>& files, bool stdout_taken) {
  const Side fresh = side_of(*report.result);
  SideRead base;
  if (a.base.empty())
    base.side = stored_side(baselines_folder(a.baselines), fresh, {.vary = a.vary}, report.result->started_utc);
  else
    base = read_side_and_result(a.base);
  report.columns = 0;
  report.sources = {&base.side, &fresh, base.result ? &*base.result : nullptr, report.result, nullptr};
  write_reports(files, report);
  if (format.alone) fmt::print(stdout_taken ? stderr : stdout, "{}", format.reporter->report(report));
}

ExitCode run_suite(RunArguments a) {
  const BenchmarkFlags flags = BenchmarkFlags::parse(a.benchmark_flags);
  std::vector<std::string> notes = add_recordings(a.audio);
  const std::vector<std::string> of_kernels = add_kernels(a.kernels);
  if (a.worker_run >= 0) return work(a, flags);
  notes.insert(notes.end(), of_kernels.begin(), of_kernels.end());
  for (const std::string& note : notes) fmt::print(stderr, "{}\n", one_line(note));
  share_of("--threshold", a.threshold);
  const Injection injection = injection_from_environment();
  if (injection.active())
    fmt::print(stderr, "*** INJECTION is active: {}. No baseline can be made of this result. ***\n", injection.text());
  // What is wrong with the command line is said now, not after the environment or the measuring.
  const ReportFormat& format = find_format(a.report);
  const std::vector<ReportFile> files = parse(a.files);
  if (!a.base.empty()) read_side(a.base);
  if (!a.against.empty() && a.against != stored_build) find_build(a.against);
  select_problems(a.suite.empty() ? "smoke" : a.suite, a.ops);

  const CheckReport check = check_environment(a.gpu);
  const ChosenDevice chosen = choose_device(a.device, a.gpu, check);
  expect_requirements(a.require, check);
  const bool on_gpu = chosen.device.kind == DeviceKind::cuda;
  a.device = on_gpu ? "cuda" : "cpu";
  expect_gpu_for(a.kernels, a.device);
  if (a.suite.empty()) a.suite = on_gpu ? "default" : "smoke";
  const bool googles_output = !flags.format.empty() || flags.writes || flags.list;
  if (a.runs == 0) a.runs = googles_output ? 1 : default_runs;
  if (googles_output && a.runs > 1)
    throw HarnessError(
        ExitCode::usage,
        "--benchmark_format, --benchmark_out and --benchmark_list_tests are of one process: add --runs 1");
  const SuiteOptions options = suite_options(a, chosen.device, injection, flags);
  const std::vector<Case> cases = select_cases(options.selection);
  if (flags.list) {
    for (const Case& one : cases) fmt::print("{}\n", one.name);
    return ExitCode::good;
  }
  const std::string key = device_key(check.environment, a.device, a.gpu);
  if (a.against == stored_build)
    a.against = build_of_baseline(baselines_folder(a.baselines), key, fingerprint(check.environment, a.device, a.gpu));
  const ResultPlace place(a.out, fmt::format("{}-{}", which_device(key, check.environment, a), utc_now()));
  place.expect_writable();

  fmt::print(stderr, "suite {}: {} cases, {} process run{}\n", a.suite, cases.size(), a.runs, a.runs == 1 ? "" : "s");
  catch_interrupts();
  Result result = measure(a, options, place.folder());
  result.device_kind = a.device;
  result.device = key;
  result.suite = a.suite;
  result.command = command_line();
  result.injection = injection.text();
  result.build = build_record();
  result.fingerprint = fingerprint(check.environment, a.device, a.gpu);
  result.findings = to_json(check.all_findings());
  const ResultPlace::Written written = place.write(result);

  Comparison comparison = judge(a, result, flags);
  count_false_alarms(a, result, comparison);
  const std::optional<Comparison> side_by_side = judge_side_by_side(a, result);
  // Where stdout is another program's, or one document, talk is not for it.
  const bool stdout_taken = a.json || !flags.format.empty();
  std::FILE* const talk = stdout_taken || format.alone ? stderr : stdout;
  Report report{&result, &comparison, terminal_columns(talk)};
  if (!format.alone) {
    fmt::print(talk, "{}", coloured(format.reporter->report(report), talk));
    if (side_by_side)
      fmt::print(talk, "\n{} against {}:\n{}", a.implementations[1], a.implementations[0],
                 coloured(format.reporter->report({nullptr, &*side_by_side, terminal_columns(talk)}), talk));
  }
  std::optional<DigitalHumanFigures> human;
  if (a.suite == digital_human_suite && !interrupted())
    human = digital_human_figures(
        result, {chosen.device, chosen.fell_back ? "no GPU" : "the CPU was asked for", flags.filter.empty()});
  if (a.json) fmt::print("{}\n", with_verdicts(result, comparison, side_by_side, human, a.strict));
  ExitCode code = worse(code_of(result), comparison.exit_code(a.strict));
  if (chosen.fell_back && !interrupted()) {
    code = worse(code, prove_and_print({a.suite, a.ops, flags.filter, a.seed}, injection, talk));
    if (flags.filter.empty()) {
      print_what_a_gpu_adds(a.suite, a.ops, talk);
      print_beside_vendor(a.suite, a.ops, talk);
    }
  }
  if (human) fmt::print(talk, "{}", to_text(*human));
  if (!written.trouble.empty()) throw ResultError(written.trouble);
  const Closing closing{code, &comparison, &result, written.path.string(), !a.against.empty()};
  report.closing = &closing;
  report.strict = a.strict;
  if (!files.empty() || format.alone) write_documents(a, report, format, files, stdout_taken);
  fmt::print(talk, "\n{}", coloured(closing_text(closing), talk));
  return code;
}

std::function<ExitCode()> add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  declare(app, *arguments);
  return [arguments, &app] {
    arguments->benchmark_flags = app.remaining();
    return run_suite(*arguments);
  };
}

const RegisterCommand registered_run{{"run", "The main job: check, verify, measure, compare, report", add_run}};

}  // namespace
}  // namespace kernelgate
