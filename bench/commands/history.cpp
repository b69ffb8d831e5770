// kernelgate history: many results over time.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>

#include "bench/commands/command.h"
#include "bench/run/sides/read_history.h"
#include "harness/base/atomic_file.h"
#include "harness/base/share.h"
#include "harness/base/utc_time.h"
#include "harness/history/report/report.h"
#include "harness/history/store/store.h"

namespace kernelgate {
namespace {

struct HistoryArguments {
  std::vector<std::string> places;
  std::string store;
  std::vector<std::string> results;
  std::string threshold = "0.5%", alpha = "1%";
  std::vector<std::string> vary, fail_on;
  std::string only, html;
  bool all = false, json = false, strict = false;
};

constexpr const char* history_footer =
    "Exit codes: 0 read and said; 1 usage, or nothing readable; 3 a step or drift to slower (--fail-on);\n"
    "6 a file could not be used (--strict); 77 nothing measured in what was read.\n"
    "Steps, drift, and how often they are false: docs/history.md.\n\n"
    "Examples:\n"
    "  kernelgate history results/\n"
    "  kernelgate history import year.sqlite results/\n"
    "  kernelgate history year.sqlite --all\n"
    "  kernelgate history year.sqlite --vary driver --html year.html\n"
    "  kernelgate history year.sqlite --fail-on step --fail-on drift";

constexpr const char* import_footer =
    "The same document is stored once, by its content; each is stored whole or not at all.\n"
    "Exit codes: 0 stored, or there already; 1 a file could not be used (named on stderr; the rest is stored).\n\n"
    "Example:\n  kernelgate history import year.sqlite results/ tonight.json";

void say_unusable(const history::Found& found) {
  for (const std::string& text : found.unusable) fmt::print(stderr, "kernelgate: left out: {}\n", text);
}

ExitCode import(const HistoryArguments& arguments) {
  history::Store store = history::Store::open_to_write(arguments.store);
  const std::string now = utc_now();
  const history::Found found =
      history::import_documents({arguments.results.begin(), arguments.results.end()}, store, now);
  say_unusable(found);
  fmt::print("{}: {} stored, {} there already, {} files that are no results, {} unusable\n", arguments.store,
             found.documents, found.duplicates, found.foreign, found.unusable.size());
  return found.unusable.empty() ? ExitCode::good : ExitCode::usage;
}

/// To slower: what a nightly job must not pass over.
bool got_worse(const history::History& read, const std::string& what) {
  for (const history::SeriesAnalysis& analysis : read.analyses)
    for (const history::SegmentAnalysis& segment : analysis.segments) {
      if (what == "drift" && segment.drift && segment.drift->change > 0) return true;
      if (what == "step" && std::ranges::any_of(segment.steps, [](const auto& step) { return step.ratio > 1; }))
        return true;
    }
  return false;
}

ExitCode exit_code(const history::History& read, const HistoryArguments& arguments) {
  if (read.series.empty()) return read.found.documents == 0 ? ExitCode::usage : ExitCode::nothing;
  ExitCode code = ExitCode::good;
  if (arguments.strict && !read.found.unusable.empty()) code = ExitCode::invalid;
  for (const std::string& what : arguments.fail_on)
    if (got_worse(read, what)) code = worse(code, ExitCode::regression);
  return code;
}

history::AnalysisOptions analysis_options(const HistoryArguments& arguments) {
  history::AnalysisOptions options;
  options.threshold = share_of("--threshold", arguments.threshold);
  options.alpha = share_of("--alpha", arguments.alpha);
  if (options.alpha <= 0) throw HarnessError(ExitCode::usage, "--alpha 0: then nothing is ever found; write 1%");
  return options;
}

ExitCode run_history(const HistoryArguments& arguments) {
  if (arguments.places.empty())
    throw HarnessError(ExitCode::usage,
                       "history: name a folder of results, or a store; see: kernelgate history --help");
  const history::History read =
      read_history(arguments.places, arguments.vary, arguments.only, analysis_options(arguments));
  say_unusable(read.found);
  if (read.found.documents == 0)
    throw HarnessError(ExitCode::usage, fmt::format("no result in '{}'; 'kernelgate run --out FILE' writes them",
                                                    fmt::join(arguments.places, "', '")));
  if (!arguments.html.empty()) replace_file(arguments.html, history::to_html(read));
  std::ostringstream text;
  if (arguments.json)
    text << history::to_json(read).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  else
    history::write_text(text, read, arguments.all);
  fmt::print("{}", text.str());
  return exit_code(read, arguments);
}

std::function<ExitCode()> add_history(CLI::App& app) {
  auto arguments = std::make_shared<HistoryArguments>();
  app.add_option("PLACE", arguments->places,
                 "folders of results (with all below them), results, stores; other tools' files, too");
  app.add_option("--threshold", arguments->threshold,
                 fmt::format("steps and drifts below it, {}, count as none", share_unit))
      ->capture_default_str();
  app.add_option("--alpha", arguments->alpha,
                 fmt::format("share of unchanged suites, {}, that may show any step, or any drift", share_unit))
      ->capture_default_str();
  app.add_option("--vary", arguments->vary, "identity field to join across, e.g. driver; may be repeated")
      ->take_all()
      ->allow_extra_args(false);  // or it would swallow PLACE
  app.add_option("--case", arguments->only, "only cases whose name has this text");
  app.add_flag("--all", arguments->all, "a line for each case, with its trend");
  app.add_flag("--json", arguments->json, "print the history as JSON on stdout");
  app.add_option("--html", arguments->html, "also write a page of tables and charts to this file");
  app.add_option("--fail-on", arguments->fail_on, "exit 3 on a 'step' or a 'drift' to slower; may be repeated")
      ->check(CLI::IsMember({"step", "drift"}))
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--strict", arguments->strict, "a file that could not be used gives exit 6");
  app.footer(history_footer);

  CLI::App* import_app = app.add_subcommand("import", "Put results into a store: one SQLite file, without samples");
  import_app->add_option("STORE", arguments->store, "made if it is not there")->required();
  import_app->add_option("RESULT", arguments->results, "results, and folders of them")->required();
  import_app->footer(import_footer);
  return [arguments, import_app] { return import_app->parsed() ? import(*arguments) : run_history(*arguments); };
}

const RegisterCommand registered_history{{"history", "Many results over time: steps, drift, trends", add_history}};

}  // namespace
}  // namespace kernelgate
