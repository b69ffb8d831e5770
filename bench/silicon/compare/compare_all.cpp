#include "bench/silicon/compare/compare_all.h"

#include "bench/silicon/items_in_children.h"
#include "harness/base/process/interrupt.h"
#include "kernels/silicon/probe_run.h"

namespace kernelgate::silicon {
namespace {

using Json = nlohmann::ordered_json;

// Where everything differs, a few show whether it does so alone.
constexpr std::size_t most_alone = 12;

void count(CompareCounts& counts, const std::string& outcome) {
  if (outcome == "same")
    ++counts.same;
  else if (outcome == "different")
    ++counts.different;
  else if (outcome == "lost")
    ++counts.lost;
  else
    ++counts.errors;
}

/// Calls on_line(pair, line) of each; returns how many were begun.
std::size_t compare_in_children(const std::vector<const ProbePair*>& pairs, const CompareOptions& options,
                                const std::function<void(const ProbePair& pair, Json line)>& on_line) {
  ItemWork items;
  items.limit = options.limit;
  items.work = [&](std::size_t i, const SayLine& say) {
    bool usable = true;
    say(compare_probe(*pairs[i], options.device, options.seed, usable)
            .dump(-1, ' ', false, Json::error_handler_t::replace));
    return usable;
  };
  items.on_line = [&](std::size_t i, const std::string& text) {
    Json line = Json::parse(text, nullptr, false);
    if (line.is_object()) on_line(*pairs[i], std::move(line));
  };
  items.on_lost = [&](std::size_t i, const std::string& why) {
    on_line(*pairs[i], {{"probe", pairs[i]->executor.name}, {"outcome", "lost"}, {"text", why}});
  };
  return do_items(pairs.size(), items);
}

}  // namespace

CompareCounts compare_all(const std::vector<ProbePair>& pairs, const CompareOptions& options) {
  CompareCounts counts;
  std::vector<const ProbePair*> possible, odd;
  for (const ProbePair& pair : pairs) {
    const std::string why = why_not(pair.executor.needs, options.device);
    if (why.empty()) {
      possible.push_back(&pair);
      continue;
    }
    ++counts.skipped;
    options.on_line({{"probe", pair.executor.name}, {"outcome", "skipped"}, {"text", why}});
  }
  const std::size_t begun = compare_in_children(possible, options, [&](const ProbePair& pair, Json line) {
    count(counts, line["outcome"].get<std::string>());
    if (line["outcome"] != "same") {
      if (line["outcome"] != "lost") odd.push_back(&pair);  // one that hangs has cost enough
      if (*pair.executor.open != '\0') line["open"] = pair.executor.open;
    }
    options.on_line(line);
  });
  counts.not_begun = static_cast<int>(possible.size() - begun);
  for (std::size_t i = 0; i < odd.size() && i < most_alone && !interrupted(); ++i)
    compare_in_children({odd[i]}, options, [&](const ProbePair&, Json line) {
      line["alone"] = true;
      options.on_line(line);
    });
  return counts;
}

ExitCode exit_code(const CompareCounts& counts) {
  if (counts.different + counts.errors + counts.lost > 0) return ExitCode::wrong;
  if (counts.not_begun > 0) return ExitCode::invalid;
  return counts.same > 0 ? ExitCode::good : ExitCode::nothing;
}

}  // namespace kernelgate::silicon
