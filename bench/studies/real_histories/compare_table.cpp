#include "bench/studies/real_histories/compare_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bench/studies/real_histories/compare_rules.h"
#include "bench/studies/real_histories/shifts.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::real_histories {
namespace {

/// Runs from a step within which a pair is not known to be of unchanged code.
constexpr std::size_t far_runs = 10;
/// Runs before a pair, from which on a history can teach something.
constexpr std::size_t history_runs = 20;

/// Each case's values by run, and the places of its shifts.
struct CaseHistory {
  std::vector<std::size_t> runs;  ///< that measured it
  std::vector<double> y;
  std::vector<Shift> steps;                ///< obvious ones, `at` a run of the source
  std::vector<std::size_t> perhaps_steps;  ///< runs of the source
};

std::map<std::string, CaseHistory> cases_of(const Source& source) {
  std::map<std::string, CaseHistory> cases;
  for (std::size_t i = 0; i < source.runs.size(); ++i)
    for (const auto& [name, values] : source.runs[i].seconds) {
      cases[name].runs.push_back(i);
      cases[name].y.push_back(std::log(median(values)));
    }
  for (auto& [name, one] : cases) {
    for (const Shift& shift : shifts_in(one.y, obvious)) one.steps.push_back({one.runs[shift.at], shift.change});
    for (const Clearness& clearness : {perhaps, perhaps_for_short})
      for (const Shift& shift : places_of_shifts(one.y, clearness)) one.perhaps_steps.push_back(one.runs[shift.at]);
  }
  return cases;
}

std::vector<std::size_t> places(const Source& source, const std::map<std::string, CaseHistory>& cases, Pairs pairs,
                                std::size_t files, std::size_t most_pairs) {
  std::set<std::size_t> at;
  const std::size_t last = source.runs.size();
  if (pairs == Pairs::at_steps) {
    for (const auto& [name, one] : cases)
      for (const Shift& step : one.steps)
        if (std::fabs(step.change) >= std::log(1.1)) at.insert(step.at);
  } else {
    for (std::size_t i = files; i + files <= last; ++i)
      if (pairs == Pairs::far_from_steps || source.runs[i - 1].commit == source.runs[i].commit) at.insert(i);
  }
  std::vector<std::size_t> usable;
  for (std::size_t i : at)
    if (i >= std::max(files, history_runs) && i + files <= last) usable.push_back(i);
  if (pairs == Pairs::at_steps || usable.size() <= most_pairs) return usable;
  std::vector<std::size_t> spread;
  for (std::size_t i = 0; i < most_pairs; ++i) spread.push_back(usable[i * usable.size() / most_pairs]);
  return spread;
}

bool is_far(const CaseHistory& one, std::size_t at) {
  return std::ranges::none_of(one.perhaps_steps,
                              [at](std::size_t step) { return std::max(step, at) - std::min(step, at) <= far_runs; });
}

}  // namespace

std::vector<CompareCounts> count_comparisons(const Source& source, Pairs pairs, std::size_t files,
                                             std::size_t most_pairs, std::span<const Rule> rules, bool show) {
  const auto cases = cases_of(source);
  std::vector<CompareCounts> counts(rules.size());
  for (std::size_t r = 0; r < rules.size(); ++r) counts[r].rule = rules[r].name;
  for (std::size_t at : places(source, cases, pairs, files, most_pairs)) {
    const Side base = side_of(source, at - files, at), fresh = side_of(source, at, at + files);
    for (std::size_t r = 0; r < rules.size(); ++r) {
      const Calls calls = rules[r].judge(source, at, base, fresh);
      CompareCounts& count = counts[r];
      int called = 0, slower = 0;
      for (const auto& [name, one] : cases) {
        const auto found = calls.cases.find(name);
        const int call = found == calls.cases.end() ? 0 : found->second.way;
        const auto say = [&](const char* what, double change) {
          fmt::print("{} | {} | run {} | {} | {} ({:+.1f} %) | {} | {}\n", what, source.name, at, rules[r].name, name,
                     100 * std::expm1(change), found->second.why, calls.of_all);
        };
        for (const Shift& step : one.steps) {
          if (step.at != at || pairs != Pairs::at_steps || found == calls.cases.end()) continue;
          const int sign = step.change > 0 ? 1 : -1;
          const bool right = call == sign, in_event = call == 0 && calls.suite == sign;
          if (show && !right && std::fabs(step.change) >= std::log(1.1))
            say(in_event ? "in an event" : "missed", step.change);
          if (std::fabs(step.change) >= std::log(1.1))
            ++count.ten, count.ten_found += right, count.ten_in_event += in_event;
          if (std::fabs(step.change) >= std::log(1.2))
            ++count.twenty, count.twenty_found += right, count.twenty_in_event += in_event;
        }
        if (found == calls.cases.end() || (pairs != Pairs::same_commit && !is_far(one, at))) continue;
        ++count.cases;
        if (show && call != 0 && pairs != Pairs::at_steps) say("false", 0);
        called += call != 0 ? 1 : 0;
        slower += call > 0 ? 1 : 0;
      }
      ++count.pairs;
      count.cases_called += called;
      count.pairs_called += called > 0 ? 1 : 0;
      count.pairs_red += slower > 0 ? 1 : 0;
    }
  }
  return counts;
}

void add(std::vector<CompareCounts>& all, const std::vector<CompareCounts>& more) {
  if (all.empty()) all.resize(more.size());
  for (std::size_t r = 0; r < more.size(); ++r) {
    all[r].rule = more[r].rule;
    for (auto count :
         {&CompareCounts::pairs, &CompareCounts::pairs_called, &CompareCounts::pairs_red, &CompareCounts::cases,
          &CompareCounts::cases_called, &CompareCounts::ten, &CompareCounts::ten_found, &CompareCounts::twenty,
          &CompareCounts::twenty_found, &CompareCounts::ten_in_event, &CompareCounts::twenty_in_event})
      all[r].*count += more[r].*count;
  }
}

std::string share_of(int some, int of) {
  return of > 0 ? fmt::format("{} of {} ({:.1f} %)", some, of, 100.0 * some / of) : "none";
}

namespace {

void print_counts(const std::string& source, const std::vector<CompareCounts>& counts, bool of_steps) {
  for (const CompareCounts& one : counts) {
    fmt::print("| {} | {} |", source, one.rule);
    if (of_steps)
      fmt::print(" {} | {} | {} | {} |\n", share_of(one.ten_found, one.ten),
                 share_of(one.ten_found + one.ten_in_event, one.ten), share_of(one.twenty_found, one.twenty),
                 share_of(one.twenty_found + one.twenty_in_event, one.twenty));
    else
      fmt::print(" {} | {} | {} |\n", share_of(one.pairs_called, one.pairs), share_of(one.pairs_red, one.pairs),
                 share_of(one.cases_called, one.cases));
  }
  std::fflush(stdout);
}

std::vector<Rule> all_rules(const CompareOptions& options, const std::shared_ptr<LearnedSuites>& learned) {
  return {files_alone(options),
          learned_history(options, learned),
          by_share("5 %", 0.05),
          by_share("10 %", 0.1),
          by_share("150 % (github-action-benchmark alerts at 1.5)", 0.5),
          by_share("200 % (its default)", 1),
          by_mann_whitney()};
}

}  // namespace

void print_compare_tables(std::span<const Source> sources, std::size_t most_pairs, const CompareOptions& options,
                          const std::shared_ptr<LearnedSuites>& learned, bool show) {
  struct Table {
    const char* title;
    Pairs pairs;
    std::size_t files;
  };
  const std::vector<Rule> rules = all_rules(options, learned);
  for (const Table& table : {Table{"Same commit twice, one file a side", Pairs::same_commit, 1},
                             Table{"Far from any step, one file a side", Pairs::far_from_steps, 1},
                             Table{"Far from any step, three files a side", Pairs::far_from_steps, 3},
                             Table{"At obvious steps, three files a side", Pairs::at_steps, 3}}) {
    const bool of_steps = table.pairs == Pairs::at_steps;
    fmt::print("\n## {}\n\n| source | rule | {}\n|---|---|--:|--:|--:|{}\n", table.title,
               of_steps ? "steps of 10 %: case called | or in an event of the suite | of 20 %: case called | or in an "
                          "event of the suite |"
                        : "pairs with any case called | with exit 3 | cases called |",
               of_steps ? "--:|" : "");
    std::vector<CompareCounts> all;
    for (const Source& source : sources) {
      const std::span<const Rule> judged = show ? std::span(rules).first(2) : std::span(rules);
      const auto counts = count_comparisons(source, table.pairs, table.files, most_pairs, judged, show);
      if (counts.front().pairs == 0) continue;
      print_counts(source.name, counts, of_steps);
      add(all, counts);
    }
    if (!all.empty()) print_counts("**all**", all, of_steps);
  }
}

}  // namespace kernelgate::real_histories
