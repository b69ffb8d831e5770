// kernelgate compare: the verdict on two results.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.h"
#include "bench/commands/survey_command.h"
#include "bench/run/report_files.h"
#include "bench/run/sides/compare_request.h"
#include "harness/base/printable.h"
#include "harness/base/terminal.h"
#include "harness/report/coloured.h"
#include "harness/report/reporter.h"

namespace kernelgate {
namespace {

struct CompareArguments {
  CompareRequest request;
  std::string format = "console";
  ReportFiles files;
  bool json = false, markdown = false, strict = false;
  std::string drain;
};

constexpr const char* compare_footer =
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
    "  kernelgate compare before.json after.json --html report.html --write junit=junit.xml\n"
    "  kernelgate compare --history results/ tonight1.json,tonight2.json,tonight3.json\n"
    "  kernelgate compare --vary driver driver580.json driver590.json\n"
    "  kernelgate compare baselines/nvidia_h200/matmul.json after.json\n"
    "  kernelgate compare --metric cpu_time before1.json,before2.json after1.json,after2.json\n"
    "  kernelgate compare nvbench_before.json nvbench_after.json\n"
    "  kernelgate compare --fleet results_of_other_cards/ new_card.json\n"
    "  kernelgate compare --fleet results_of_all_cards/ --drain slow_nodes.txt";

ExitCode run_compare(CompareArguments arguments) {
  const CompareRequest& asked = arguments.request;
  if (asked.fleet && asked.fresh.empty())
    return survey_folder({asked.base, arguments.drain, asked.threshold, arguments.json, arguments.strict});
  if (!arguments.drain.empty())
    throw HarnessError(ExitCode::usage, "--drain: of a whole fleet alone: compare --fleet FOLDER --drain FILE");
  settle_places(arguments.request, "compare");
  const std::vector<ReportFile> files = parse(arguments.files);
  const ReportFormat& format = find_format(arguments.markdown ? "markdown" : arguments.format);
  const Compared compared = compare_places(arguments.request, !files.empty() || format.alone);
  const Comparison& comparison = compared.comparison;
  const ExitCode code = comparison.exit_code(arguments.strict);
  const Closing closing{.code = code, .comparison = &comparison};
  Report report{nullptr, &comparison, terminal_columns(stdout), &closing, arguments.strict};
  report.sources.base = compared.base ? &compared.base->side : nullptr;
  report.sources.fresh = &compared.fresh.side;
  report.sources.base_result = compared.base && compared.base->result ? &*compared.base->result : nullptr;
  report.sources.fresh_result = compared.fresh.result ? &*compared.fresh.result : nullptr;
  report.sources.history = compared.history ? &*compared.history : nullptr;
  report.command = command_line();
  if (arguments.json)
    fmt::print("{}\n",
               to_json(comparison, arguments.strict).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  else
    fmt::print("{}",
               format.alone ? format.reporter->report(report) : coloured(format.reporter->report(report), stdout));
  write_reports(files, report);
  for (const std::string& difference : comparison.differences)
    fmt::print(stderr, "kernelgate: not comparable: {}; if that is what you compare, declare it: --vary {}\n",
               one_line(difference), difference.substr(0, difference.find(':')));
  std::FILE* const talk = arguments.json || format.alone ? stderr : stdout;
  fmt::print(talk, "\n{}", coloured(closing_text(closing), talk));
  return code;
}

std::function<ExitCode()> add_compare(CLI::App& app) {
  auto arguments = std::make_shared<CompareArguments>();
  app.add_option(
         "BASE", arguments->request.base,
         "what to compare with: a result, a baseline, another tool's JSON; or a folder or store of earlier runs")
      ->required();
  app.add_option("NEW", arguments->request.fresh, "what is judged: a result, or a file of the same tool as BASE");
  declare_compare_options(app, arguments->request);
  app.add_flag("--fleet", arguments->request.fleet,
               "BASE is a folder of results of other cards of NEW's model: is NEW as good as nine in ten of them?\n"
               "Without NEW: which card or machine of the folder is slower than the others, by how much, and why?");
  app.add_option("--drain", arguments->drain, "with --fleet and no NEW: write the machines that are slow to this file");
  app.add_flag("--strict", arguments->strict, "inconclusive cases give exit 4");
  auto* json = app.add_flag("--json", arguments->json, "print the verdicts as JSON on stdout");
  auto* format =
      app.add_option("--format", arguments->format, "form of the report on stdout: " + report_formats().names())
          ->excludes(json)
          ->capture_default_str();
  app.add_flag("--markdown", arguments->markdown, "the same as --format markdown")->excludes(json)->excludes(format);
  declare_report_files(app, arguments->files);
  app.footer(compare_footer);
  return [arguments] { return run_compare(*arguments); };
}

const RegisterCommand registered_compare{{"compare", "The verdict on two results, case by case", add_compare}};

}  // namespace
}  // namespace kernelgate
