#include "bench/studies/real_histories/leave_one_out.h"

#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/studies/real_histories/compare_table.h"

namespace kernelgate::real_histories {
namespace {

/// Of pairs of unchanged code, whatever is wrong with them.
constexpr double most_false = 0.01;

/// One constant, from the least cautious value to the most.
struct Knob {
  const char* title;
  const char* values_are;
  std::vector<double> values;
  double Caution::*field;
  std::function<Rule(const CompareOptions&)> rule;
  int CompareCounts::*wrong;  ///< which pairs are counted
  bool gpus_alone;
};

/// Of one source, by each value.
struct Tried {
  std::string name;
  std::vector<CompareCounts> unchanged, steps;
};

std::vector<WrongPairs> wrong_pairs(const std::vector<CompareCounts>& counts, int CompareCounts::*wrong) {
  std::vector<WrongPairs> pairs;
  for (const CompareCounts& one : counts) pairs.push_back({one.pairs, one.*wrong});
  return pairs;
}

void print_knob(const Knob& knob, std::span<const Source> sources, std::size_t most_pairs,
                const CompareOptions& options) {
  std::vector<Rule> rules;
  for (double value : knob.values) {
    CompareOptions setting = options;
    setting.caution.*knob.field = value;
    rules.push_back(knob.rule(setting));
  }
  std::vector<Tried> all;
  for (const Source& source : sources) {
    if (knob.gpus_alone && source.device_class != "cuda") continue;
    all.push_back({source.name, count_comparisons(source, Pairs::far_from_steps, 3, most_pairs, rules),
                   count_comparisons(source, Pairs::at_steps, 3, most_pairs, rules)});
  }
  fmt::print("\n## {}\n\n| left out | {} |", knob.title, knob.values_are);
  for (double value : knob.values) fmt::print(" {:g} |", value);
  fmt::print(" chosen by the others | with it, of its unchanged pairs wrong | of its steps of 20 % found |\n|---|---|");
  for (std::size_t v = 0; v < knob.values.size(); ++v) fmt::print("--:|");
  fmt::print("--:|--:|--:|\n");
  std::vector<std::vector<WrongPairs>> wrong;
  for (const Tried& one : all) wrong.push_back(wrong_pairs(one.unchanged, knob.wrong));
  CompareCounts total;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Tried& one = all[i];
    const std::size_t v = chosen_without(wrong, i);
    fmt::print("| {} | pairs wrong |", one.name);
    for (const CompareCounts& counts : one.unchanged) fmt::print(" {} |", counts.*knob.wrong);
    const CompareCounts &unchanged = one.unchanged[v], &steps = one.steps[v];
    fmt::print(" {:g} | {} | {} |\n", knob.values[v], share_of(unchanged.*knob.wrong, unchanged.pairs),
               share_of(steps.twenty_found, steps.twenty));
    total.pairs += unchanged.pairs, total.*knob.wrong += unchanged.*knob.wrong;
    total.twenty += steps.twenty, total.twenty_found += steps.twenty_found;
  }
  fmt::print("| **all** | |");
  for (std::size_t v = 0; v < knob.values.size(); ++v) {
    int of_all = 0;
    for (const auto& one : wrong) of_all += one[v].wrong;
    fmt::print(" {} |", of_all);
  }
  fmt::print(" | {} | {} |\n", share_of(total.*knob.wrong, total.pairs), share_of(total.twenty_found, total.twenty));
}

}  // namespace

std::size_t chosen_without(std::span<const std::vector<WrongPairs>> sources, std::size_t left_out) {
  const std::size_t values = sources[left_out].size();
  for (std::size_t v = 0; v < values; ++v) {
    int pairs = 0, wrong = 0;
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (i != left_out) pairs += sources[i][v].pairs, wrong += sources[i][v].wrong;
    if (wrong <= most_false * pairs) return v;
  }
  return values - 1;
}

void print_leave_one_out(std::span<const Source> sources, std::size_t most_pairs, const CompareOptions& options,
                         const std::shared_ptr<LearnedSuites>& learned) {
  print_knob({"Left out in turn: files alone on GPUs, three single values a side, with exit 3",
              "degrees of freedom",
              {10, 6, 4, 3, 2, 1},
              &Caution::assumed_df,
              files_alone,
              &CompareCounts::pairs_red,
              true},
             sources, most_pairs, options);
  print_knob({"Left out in turn: learned history, three files a side, with any call",
              "times as far as any nights",
              {1, 1.25, 1.5, 1.75, 2, 3},
              &Caution::farther,
              [&](const CompareOptions& setting) { return learned_history(setting, learned); },
              &CompareCounts::pairs_called,
              false},
             sources, most_pairs, options);
}

}  // namespace kernelgate::real_histories
