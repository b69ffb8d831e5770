#include "bench/run/sides/compare_request.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <future>
#include <utility>

#include "bench/run/sides/read_history.h"
#include "harness/base/share.h"
#include "harness/history/learn/learn_suite.h"
#include "harness/history/store/store.h"
#include "harness/judge/compare/learned.h"
#include "harness/judge/fleet/fleet.h"

namespace kernelgate {
namespace {

bool is_history(const std::string& place) {
  std::error_code ignored;
  return std::filesystem::is_directory(place, ignored) || history::is_store(place);
}

/// Against the nights of a folder or store.
Compared compare_with_history(const CompareRequest& request, const CompareOptions& options, bool to_show) {
  Compared compared;
  compared.fresh = read_side_and_result(request.fresh, request.metric);
  history::Learned learned =
      history::learn_suite({request.history.begin(), request.history.end()}, compared.fresh.side, options.vary);
  for (const std::string& text : learned.found.unusable) fmt::print(stderr, "kernelgate: left out: {}\n", text);
  if (!request.base.empty()) {
    compared.base = read_side_and_result(request.base, request.metric);
    history::take_as_level(learned.suite, compared.base->side);
  }
  compared.comparison = compare_with_learned(learned.suite, compared.fresh.side, options);
  if (to_show) compared.history = read_history(request.history, options.vary, "", {});
  return compared;
}

}  // namespace

void declare_compare_options(CLI::App& app, CompareRequest& request) {
  app.add_option(
         "--history", request.history,
         "folder or store of earlier runs: what they vary by is the noise, and their last level the base, unless "
         "BASE is named too; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--class", request.options.device_class,
                 "what the machine is: hosted (a shared runner; the default of other tools' CPU files), own, gpu")
      ->check(CLI::IsMember({"hosted", "own", "gpu"}));
  app.add_option("--threshold", request.threshold,
                 fmt::format("practical threshold, {}; smaller changes count as none", share_unit))
      ->capture_default_str();
  app.add_option("--vary", request.options.vary, "identity field that may differ, e.g. driver; may be repeated")
      ->take_all()
      ->allow_extra_args(false);  // or it would swallow BASE and NEW
  app.add_option("--metric", request.metric,
                 "which figure of another tool's files: of Google Benchmark real_time (the default) or cpu_time");
}

void settle_places(CompareRequest& request, const char* command) {
  if (request.fleet) {
    if (!request.history.empty()) throw HarnessError(ExitCode::usage, "--fleet and --history: choose one");
  } else if (request.history.empty() && is_history(request.base)) {
    request.history.push_back(std::exchange(request.base, ""));
  } else if (!request.history.empty() && request.fresh.empty()) {
    request.fresh = std::exchange(request.base, "");
  }
  if (request.fresh.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("{0}: NEW is required; or name a history: {0} --history FOLDER NEW", command));
}

Compared compare_places(const CompareRequest& request, bool to_show) {
  CompareOptions options = request.options;
  options.threshold = share_of("--threshold", request.threshold);
  if (!request.history.empty()) return compare_with_history(request, options, to_show);
  Compared compared;
  if (request.fleet) {
    compared.fresh = read_side_and_result(request.fresh, request.metric);
    compared.comparison =
        compare_with_fleet(read_fleet(request.base, compared.fresh.side), compared.fresh.side, options);
    return compared;
  }
  // Reading is most of the work, so both are read at once; what is wrong with the base is said first.
  std::future<SideRead> reading =
      std::async(std::launch::async, [&request] { return read_side_and_result(request.fresh, request.metric); });
  compared.base = read_side_and_result(request.base, request.metric);
  compared.fresh = reading.get();
  compared.comparison = compare(compared.base->side, compared.fresh.side, options);
  return compared;
}

}  // namespace kernelgate
