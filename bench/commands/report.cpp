// kernelgate report: a result, or a comparison, in any form.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "bench/commands/command.h"
#include "bench/run/sides/compare_request.h"
#include "harness/base/atomic_file.h"
#include "harness/base/terminal.h"
#include "harness/report/reporter.h"

namespace kernelgate {
namespace {

struct ReportArguments {
  CompareRequest request;
  std::string format = "html", out;
  bool strict = false;
};

constexpr const char* report_footer =
    "Exit codes: 0 it was written, whatever it says; 1 usage, or a file that can't be used. The verdict's own exit\n"
    "code is that of 'kernelgate compare'. What each form is for: docs/reports.md.\n\n"
    "Examples:\n"
    "  kernelgate report result.json --out report.html\n"
    "  kernelgate report after.json --base before.json --out report.html\n"
    "  kernelgate report after.json --base before.json --history results/ --out report.html\n"
    "  kernelgate report after.json --base before.json --format markdown >>\"$GITHUB_STEP_SUMMARY\"\n"
    "  kernelgate report result.json --format openmetrics --out /var/lib/prometheus/node-exporter/kernelgate.prom";

/// A result by itself, compared with nothing.
Compared read_alone(const CompareRequest& request) {
  Compared read;
  read.fresh = read_side_and_result(request.fresh, request.metric);
  if (!read.fresh.result)
    throw HarnessError(ExitCode::usage,
                       fmt::format("report: '{}' is no result of 'kernelgate run'; say what to compare it with: --base",
                                   request.fresh));
  return read;
}

ExitCode write_report(ReportArguments arguments) {
  const ReportFormat& format = find_format(arguments.format);
  CompareRequest& request = arguments.request;
  const bool compares = !request.base.empty() || !request.history.empty();
  if (compares) settle_places(request, "report");
  const Compared compared = compares ? compare_places(request, true) : read_alone(request);
  const Result* const result = compared.fresh.result ? &*compared.fresh.result : nullptr;
  ExitCode code = result != nullptr ? code_of(*result) : ExitCode::good;
  if (compares) code = worse(code, compared.comparison.exit_code(arguments.strict));
  const Closing closing{code, compares ? &compared.comparison : nullptr, result, request.fresh, false};
  Report report;
  report.result = result;
  report.comparison = closing.comparison;
  report.columns = arguments.out.empty() ? terminal_columns(stdout) : 0;
  report.closing = &closing;
  report.strict = arguments.strict;
  report.sources.base = compared.base ? &compared.base->side : nullptr;
  report.sources.fresh = &compared.fresh.side;
  report.sources.base_result = compared.base && compared.base->result ? &*compared.base->result : nullptr;
  report.sources.fresh_result = result;
  report.sources.history = compared.history ? &*compared.history : nullptr;
  report.command = compares ? command_line() : std::vector<std::string>{};
  const std::string text = format.reporter->report(report);
  if (arguments.out.empty())
    fmt::print("{}", text);
  else
    replace_file(arguments.out, text);
  return ExitCode::good;
}

std::function<ExitCode()> add_report(CLI::App& app) {
  auto arguments = std::make_shared<ReportArguments>();
  app.add_option("RESULT", arguments->request.fresh,
                 "a result of 'kernelgate run'; with --base also another tool's file")
      ->required();
  app.add_option("--base", arguments->request.base,
                 "compare with this result, baseline or other tool's file; or with a folder or store of earlier runs");
  app.add_option("--format", arguments->format, "form of the report: " + report_formats_help())->capture_default_str();
  app.add_option("--out", arguments->out, "where it goes; stdout if not given");
  app.add_flag("--strict", arguments->strict, "what is not decided counts as a failure");
  declare_compare_options(app, arguments->request);
  app.footer(report_footer);
  return [arguments] { return write_report(*arguments); };
}

const RegisterCommand registered_report{
    {"report", "A result or a comparison as a page, and for other programs", add_report}};

}  // namespace
}  // namespace kernelgate
