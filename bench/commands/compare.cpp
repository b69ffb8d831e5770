// kernelgate compare: the verdict on two results.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <utility>

#include "bench/commands/command.h"
#include "bench/run/read_side.h"
#include "harness/base/printable.h"
#include "harness/base/share.h"
#include "harness/base/terminal.h"
#include "harness/baseline/baseline.h"
#include "harness/history/learn/learn_suite.h"
#include "harness/history/store/store.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/learned.h"
#include "harness/judge/fleet/fleet.h"
#include "harness/report/closing.h"
#include "harness/report/reporter.h"

namespace kernelgate {
namespace {

struct Arguments {
  std::string base, fresh, metric;
  std::vector<std::string> history;
  std::string threshold = "0.5%";
  CompareOptions options;
  bool json = false, markdown = false, strict = false, fleet = false;
};

constexpr const char* footer =
    "Exit codes: 0 nothing got slower; 2 a wrong result; 3 a confirmed regression; 4 inconclusive (--strict);\n"
    "5 not comparable; 6 an invalid measurement. How verdicts are reached: docs/verdicts.md.\n\n"
    "Other tools' files: Google Benchmark's (--benchmark_out_format=json, with --benchmark_repetitions=9 or more),\n"
    "nvbench's (--jsonbin, with its folder of samples beside it), and those of github-action-benchmark (data.js), "
    "asv,\n"
    "pytest-benchmark, hyperfine and criterion. Each file is one process run; three a side, joined by commas, tell "
    "the\n"
    "code from the machine: a1.json,a2.json,a3.json. Files of two tools are never compared.\n\n"
    "Examples:\n"
    "  kernelgate compare before.json after.json\n"
    "  kernelgate compare --history results/ tonight1.json,tonight2.json,tonight3.json\n"
    "  kernelgate compare --vary driver driver580.json driver590.json\n"
    "  kernelgate compare baselines/nvidia_h200/matmul.json after.json\n"
    "  kernelgate compare --metric cpu_time before1.json,before2.json after1.json,after2.json\n"
    "  kernelgate compare nvbench_before.json nvbench_after.json\n"
    "  kernelgate compare --fleet results_of_other_cards/ new_card.json";

bool is_history(const std::string& place) {
  std::error_code ignored;
  return std::filesystem::is_directory(place, ignored) || history::is_store(place);
}

/// Against the nights of a folder or store.
Comparison compare_with_history(const Arguments& arguments) {
  const Side fresh = read_side(arguments.fresh, arguments.metric);
  history::Learned learned =
      history::learn_suite({arguments.history.begin(), arguments.history.end()}, fresh, arguments.options.vary);
  for (const std::string& text : learned.found.unusable) fmt::print(stderr, "kernelgate: left out: {}\n", text);
  if (!arguments.base.empty()) history::take_as_level(learned.suite, read_side(arguments.base, arguments.metric));
  return compare_with_learned(learned.suite, fresh, arguments.options);
}

Comparison compare_files(const Arguments& arguments) {
  if (!arguments.history.empty()) return compare_with_history(arguments);
  if (arguments.fleet) {
    const Side fresh = read_side(arguments.fresh, arguments.metric);
    return compare_with_fleet(read_fleet(arguments.base, fresh), fresh, arguments.options);
  }
  // Reading is most of the work, so both are read at once; what is wrong with the base is said first.
  std::future<Side> reading =
      std::async(std::launch::async, [&arguments] { return read_side(arguments.fresh, arguments.metric); });
  const Side base = read_side(arguments.base, arguments.metric);
  const Side fresh = reading.get();
  return compare(base, fresh, arguments.options);
}

/// One place is the new side, if there is a history; a folder or a store as the base is one.
void settle_places(Arguments& arguments) {
  if (arguments.fleet) {
    if (!arguments.history.empty()) throw HarnessError(ExitCode::usage, "--fleet and --history: choose one");
  } else if (arguments.history.empty() && is_history(arguments.base)) {
    arguments.history.push_back(std::exchange(arguments.base, ""));
  } else if (!arguments.history.empty() && arguments.fresh.empty()) {
    arguments.fresh = std::exchange(arguments.base, "");
  }
  if (arguments.fresh.empty())
    throw HarnessError(ExitCode::usage, "compare: NEW is required; or name a history: compare --history FOLDER NEW");
}

ExitCode run(Arguments arguments) {
  settle_places(arguments);
  arguments.options.threshold = share_of("--threshold", arguments.threshold);
  const Comparison comparison = compare_files(arguments);
  if (arguments.json)
    fmt::print("{}\n",
               to_json(comparison, arguments.strict).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  else
    fmt::print("{}", find_reporter(arguments.markdown ? "markdown" : "console")
                         .report({nullptr, &comparison, terminal_columns(stdout)}));
  for (const std::string& difference : comparison.differences)
    fmt::print(stderr, "kernelgate: not comparable: {}; if that is what you compare, declare it: --vary {}\n",
               one_line(difference), difference.substr(0, difference.find(':')));
  const ExitCode code = comparison.exit_code(arguments.strict);
  fmt::print(arguments.json || arguments.markdown ? stderr : stdout, "\n{}",
             closing_text({.code = code, .comparison = &comparison}));
  return code;
}

std::function<ExitCode()> add(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  app.add_option(
         "BASE", arguments->base,
         "what to compare with: a result, a baseline, another tool's JSON; or a folder or store of earlier runs")
      ->required();
  app.add_option("NEW", arguments->fresh, "what is judged: a result, or a file of the same tool as BASE");
  app.add_option(
         "--history", arguments->history,
         "folder or store of earlier runs: what they vary by is the noise, and their last level the base, unless "
         "BASE is named too; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--class", arguments->options.device_class,
                 "what the machine is: hosted (a shared runner; the default of other tools' CPU files), own, gpu")
      ->check(CLI::IsMember({"hosted", "own", "gpu"}));
  app.add_option("--threshold", arguments->threshold,
                 fmt::format("practical threshold, {}; smaller changes count as none", share_unit))
      ->capture_default_str();
  app.add_option("--vary", arguments->options.vary, "identity field that may differ, e.g. driver; may be repeated")
      ->take_all()
      ->allow_extra_args(false);  // or it would swallow BASE and NEW
  app.add_option("--metric", arguments->metric,
                 "which figure of another tool's files: of Google Benchmark real_time (the default) or cpu_time");
  app.add_flag("--fleet", arguments->fleet,
               "BASE is a folder of results of other cards of NEW's model: is NEW as good as nine in ten of them?");
  app.add_flag("--strict", arguments->strict, "inconclusive cases give exit 4");
  auto* json = app.add_flag("--json", arguments->json, "print the verdicts as JSON on stdout");
  app.add_flag("--markdown", arguments->markdown, "print Markdown instead of a console table")->excludes(json);
  app.footer(footer);
  return [arguments] { return run(*arguments); };
}

const RegisterCommand registered{{"compare", "The verdict on two results, case by case", add}};

}  // namespace
}  // namespace kernelgate
