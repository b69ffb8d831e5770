// kernelgate predict: how long each kernel of ours would take on a GPU that is not here.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands/command.h"
#include "bench/predict/predict_case.h"
#include "bench/predict/predict_suite.h"
#include "bench/predict/predict_text.h"
#include "bench/predict/predicted_times_of.h"
#include "bench/predict/sweep.h"
#include "bench/program/build_info.h"
#include "bench/run/baselines_folder.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/base/utc_time.h"
#include "harness/predict/baseline/prediction_changes.h"
#include "harness/predict/explain/explain_launch.h"

namespace kernelgate {
namespace {

struct PredictArguments {
  std::string gpu = "h200-sxm";
  PredictedSuite::Selection selection;
  std::string baselines;
  AcceptCodegen acceptance;
  std::string trace;
  bool explain = false, sweep = false;
  bool json = false, unchecked = false, changes = false, accept = false, strict = false;
};

constexpr const char* predict_footer =
    "A prediction is no measurement: it is reckoned from the kernel's machine code and from figures of the GPU.\n"
    "How wrong it may be is printed with it. Where the model has no ground there is no figure, and the reason why.\n"
    "--changes compares with the accepted predictions of that GPU: more than 2 % slower is a regression, with the "
    "loop\n"
    "and what it waits for.\n"
    "Exit codes: 0 good; 1 usage; 2 machine code and host executor do not do the same; 3 slower than accepted;\n"
    "4 not shown to be the same (--strict); 77 no kernel to predict.\n"
    "The model and its errors: docs/predict.md.\n\n"
    "Examples:\n"
    "  kernelgate predict --gpu h100-sxm\n"
    "  kernelgate predict --suite default --op matmul\n"
    "  kernelgate predict --explain --filter 16x2112x7168 --trace trace.json\n"
    "  kernelgate predict --sweep --filter 2048x2048x2048/sm90a\n"
    "  kernelgate predict --changes\n"
    "  kernelgate predict --accept --reason 'two stages more'";

ExitCode compare(const PredictArguments& arguments, const predict::PredictedTimes& now) {
  const auto accepted = predict::read_predicted_times(baselines_folder(arguments.baselines), now.gpu);
  if (!accepted) {
    fmt::print("{}: NO_BASELINE: nothing was accepted yet: kernelgate predict --accept --reason TEXT\n", now.gpu);
    return arguments.strict ? ExitCode::inconclusive : ExitCode::good;
  }
  const predict::PredictionComparison comparison = compare_predictions(*accepted, now);
  fmt::print("{}", to_text(comparison, now.gpu));
  if (comparison.any_slower()) return ExitCode::regression;
  const bool same = comparison.not_comparable.empty() && comparison.changes.empty() && comparison.gone.empty() &&
                    comparison.fresh.empty() && comparison.lost.empty();
  return arguments.strict && !same ? ExitCode::inconclusive : ExitCode::good;
}

// A trace of more than this opens slowly.
constexpr std::size_t most_slices = 200'000;

void write_trace(const PredictedSuite& suite, const std::string& file) {
  if (suite.cases.size() != 1 || suite.cases[0].hot.launches.size() != 1)
    throw HarnessError(
        ExitCode::usage,
        fmt::format("--trace shows one launch, and {} cases were predicted; choose one: --filter", suite.cases.size()));
  replace_file(file, trace(suite.cases[0].hot.launches[0], suite.gpu, most_slices).dump());
  fmt::print(stderr, "a trace of one multiprocessor, predicted: '{}'; open it in ui.perfetto.dev\n", file);
}

ExitCode sweep(const PredictArguments& arguments, const predict::Gpu& gpu, const PredictOptions& options) {
  const auto sweeps = sweep_policies(arguments.selection, gpu, options);
  if (sweeps.empty())
    throw HarnessError(ExitCode::nothing,
                       "no kernel with more than one tile policy is in this selection; leave --op or "
                       "--filter out");
  if (arguments.json)
    fmt::print("{}\n", to_json(sweeps, gpu).dump(1));
  else
    fmt::print("{}", to_text(sweeps, gpu));
  return ExitCode::good;
}

ExitCode run_predict(PredictArguments arguments) {
  // The accepted ones are of one suite.
  if ((arguments.changes || arguments.accept) && arguments.selection.suite.empty())
    arguments.selection.suite = "default";
  if (arguments.selection.suite.empty()) arguments.selection.suite = "smoke";
  if (arguments.accept && !(arguments.selection.ops.empty() && arguments.selection.filter.empty()))
    throw HarnessError(ExitCode::usage, "--accept takes a whole suite; leave --op and --filter out");
  arguments.acceptance.accepted_utc = utc_now();
  arguments.acceptance.commit = build_info().commit;
  arguments.acceptance.dirty = build_info().dirty;
  if (arguments.accept) require_acceptable(arguments.acceptance);

  const predict::Gpu gpu = predict::find_gpu(arguments.gpu);
  if (!gpu.no_ground.empty())
    throw HarnessError(ExitCode::nothing, fmt::format("{}: no prediction: {}", gpu.title, gpu.no_ground));
  PredictOptions options;
  options.check_counts = !arguments.unchecked;
  options.keep_issues = arguments.explain || !arguments.trace.empty();
  if (arguments.sweep) return sweep(arguments, gpu, options);
  const PredictedSuite suite = predict_suite(arguments.selection, gpu, options);
  if (suite.cases.empty())
    throw HarnessError(ExitCode::nothing, "no kernel of ours is in this selection; leave --op or --filter out");
  if (arguments.accept) {
    const auto path = predict::accept_predicted_times(predicted_times(suite), baselines_folder(arguments.baselines),
                                                      arguments.acceptance);
    fmt::print("accepted into {}\n", path.string());
    return ExitCode::good;
  }
  if (arguments.changes) return compare(arguments, predicted_times(suite));
  if (!arguments.trace.empty()) write_trace(suite, arguments.trace);
  if (arguments.json)
    fmt::print("{}\n", to_json(suite).dump(1));
  else if (arguments.explain)
    fmt::print("{}", explanation(suite));
  else
    fmt::print("{}", suite_text(suite));
  return ExitCode::good;
}

std::function<ExitCode()> add_predict(CLI::App& app) {
  auto arguments = std::make_shared<PredictArguments>();
  app.add_option("--gpu", arguments->gpu,
                 fmt::format("{}; or a JSON file of that form", fmt::join(predict::gpu_names(), ", ")))
      ->capture_default_str();
  app.add_option("--suite", arguments->selection.suite,
                 "problems: smoke, default, full (default: smoke; with --changes and --accept: default)");
  app.add_option("--op", arguments->selection.ops, "only this op (matmul, conv2d, mel, pipeline); may be repeated");
  app.add_option("--filter", arguments->selection.filter, "only cases whose name matches: POSIX extended");
  app.add_flag("--unchecked", arguments->unchecked,
               "do not compare the machine code's counts with the host executor's");
  app.add_flag("--explain", arguments->explain,
               "print each case's loops and what their rounds wait for, and one steady round by instructions");
  auto* sweep = app.add_flag("--sweep", arguments->sweep, "rank each kernel's tile policies, the quickest first");
  app.add_option("--trace", arguments->trace, "write one case's instructions as a trace for ui.perfetto.dev");
  auto* json = app.add_flag("--json", arguments->json, "print the predictions as JSON on stdout");
  app.add_option(
      "--baselines", arguments->baselines,
      "folder of baselines (default: $KERNELGATE_BASELINES, else 'baselines' beside the program or one above, "
      "else here)");
  auto* changes = app.add_flag("--changes", arguments->changes, "compare with the accepted predictions")
                      ->excludes(json)
                      ->excludes(sweep);
  app.add_flag("--strict", arguments->strict, "whatever is not shown to be the same gives exit 4")->needs(changes);
  auto* accept = app.add_flag("--accept", arguments->accept, "write the accepted predictions of this GPU")
                     ->excludes(changes)
                     ->excludes(sweep)
                     ->excludes(json);
  app.add_option("--reason", arguments->acceptance.reason, "why they are accepted; kept in the file")->needs(accept);
  app.add_flag("--allow-dirty", arguments->acceptance.allow_dirty,
               "accept a build with uncommitted changes, and mark it")
      ->needs(accept);
  app.footer(predict_footer);
  return [arguments] { return run_predict(*arguments); };
}

const RegisterCommand registered_predict{
    {"predict", "How long each kernel would take on a named GPU: needs no GPU", add_predict}};

}  // namespace
}  // namespace kernelgate
