#include "bench/studies/real_histories/compare_table.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bench/studies/real_histories/shifts.h"
#include "harness/history/learn/learn_suite.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/learned.h"
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

/// +1 slower, -1 faster, 0 neither; of each case, and of the suite where it was said to have moved as one.
struct Calls {
  std::map<std::string, int> cases;
  int suite = 0;
};

Calls calls_of(const Comparison& comparison) {
  Calls calls;
  std::vector<double> ratios;
  for (const CaseVerdict& one : comparison.cases) {
    calls.cases[one.name] = one.verdict == Verdict::slower ? 1 : one.verdict == Verdict::faster ? -1 : 0;
    if (one.ratio) ratios.push_back(*one.ratio);
  }
  if (!comparison.environment_shift.empty() || !comparison.suite_shift.empty())
    calls.suite = median(ratios) > 1 ? 1 : -1;
  return calls;
}

/// A rule on the medians, or all, of each side's values.
Calls simple_rule(const Side& base, const Side& fresh,
                  const std::function<int(std::span<const double>, std::span<const double>)>& rule) {
  Calls calls;
  std::map<std::string, const SideCase*> before;
  for (const SideCase& one : base.cases) before.emplace(one.name, &one);
  for (const SideCase& now : fresh.cases) {
    const auto found = before.find(now.name);
    if (found == before.end()) continue;
    std::vector<double> a, b;
    for (const RunSummary& run : found->second->runs) a.push_back(run.median_s);
    for (const RunSummary& run : now.runs) b.push_back(run.median_s);
    calls.cases[now.name] = rule(a, b);
  }
  return calls;
}

int beyond(std::span<const double> a, std::span<const double> b, double share) {
  const double ratio = median(b) / median(a);
  return ratio > 1 + share ? 1 : ratio < 1 / (1 + share) ? -1 : 0;
}

/// Mann and Whitney's at 5 %, one-sided each way, exact by counting all ways to part the values.
int mann_whitney(std::span<const double> a, std::span<const double> b) {
  if (a.size() + b.size() > 12) return 0;
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const auto larger = [&](unsigned mask) {
    double count = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < all.size(); ++j)
        if ((mask >> i & 1U) == 0 && (mask >> j & 1U) == 1) count += all[j] > all[i] ? 1 : all[j] == all[i] ? 0.5 : 0;
    return count;
  };
  unsigned own = 0;
  for (std::size_t i = a.size(); i < all.size(); ++i) own |= 1U << i;
  const double seen = larger(own);
  double ways = 0, as_large = 0, as_small = 0;
  for (unsigned mask = 0; mask < 1U << all.size(); ++mask) {
    if (static_cast<std::size_t>(__builtin_popcount(mask)) != b.size()) continue;
    ++ways;
    as_large += larger(mask) >= seen ? 1 : 0;
    as_small += larger(mask) <= seen ? 1 : 0;
  }
  return as_large / ways <= 0.05 ? 1 : as_small / ways <= 0.05 ? -1 : 0;
}

struct Rule {
  std::string name;
  std::function<Calls(const Source&, std::size_t at, const Side& base, const Side& fresh)> judge;
};

std::vector<Rule> rules(const CompareOptions& options) {
  const auto share = [](double limit) {
    return [limit](const Source&, std::size_t, const Side& base, const Side& fresh) {
      return simple_rule(base, fresh, [limit](auto a, auto b) { return beyond(a, b, limit); });
    };
  };
  return {
      {"**kernelgate, files alone**", [options](const Source&, std::size_t, const Side& base,
                                                const Side& fresh) { return calls_of(compare(base, fresh, options)); }},
      {"**kernelgate, learned history**",
       [options](const Source& source, std::size_t at, const Side&, const Side& fresh) {
         return calls_of(compare_with_learned(history::learn_from(series_of(source, at)), fresh, options));
       }},
      {"5 %", share(0.05)},
      {"10 %", share(0.1)},
      {"150 % (github-action-benchmark alerts at 1.5)", share(0.5)},
      {"200 % (its default)", share(1)},
      {"Mann-Whitney, 5 %", [](const Source&, std::size_t, const Side& base, const Side& fresh) {
         return simple_rule(base, fresh, mann_whitney);
       }}};
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
                                             std::size_t most_pairs, const CompareOptions& options) {
  const auto cases = cases_of(source);
  const std::vector<Rule> all = rules(options);
  std::vector<CompareCounts> counts(all.size());
  for (std::size_t r = 0; r < all.size(); ++r) counts[r].rule = all[r].name;
  for (std::size_t at : places(source, cases, pairs, files, most_pairs)) {
    const Side base = side_of(source, at - files, at), fresh = side_of(source, at, at + files);
    for (std::size_t r = 0; r < all.size(); ++r) {
      const Calls calls = all[r].judge(source, at, base, fresh);
      CompareCounts& count = counts[r];
      int called = 0, slower = 0;
      for (const auto& [name, one] : cases) {
        const auto found = calls.cases.find(name);
        const int call = found == calls.cases.end() ? 0 : found->second;
        for (const Shift& step : one.steps) {
          if (step.at != at || pairs != Pairs::at_steps || found == calls.cases.end()) continue;
          const int sign = step.change > 0 ? 1 : -1;
          const bool right = call == sign, in_event = call == 0 && calls.suite == sign;
          if (std::fabs(step.change) >= std::log(1.1))
            ++count.ten, count.ten_found += right, count.ten_in_event += in_event;
          if (std::fabs(step.change) >= std::log(1.2))
            ++count.twenty, count.twenty_found += right, count.twenty_in_event += in_event;
        }
        if (found == calls.cases.end() || (pairs != Pairs::same_commit && !is_far(one, at))) continue;
        ++count.cases;
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

namespace {

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

void print_counts(const std::string& source, const std::vector<CompareCounts>& counts, bool of_steps) {
  const auto share = [](int some, int of) {
    return of > 0 ? fmt::format("{} of {} ({:.1f} %)", some, of, 100.0 * some / of) : std::string("none");
  };
  for (const CompareCounts& one : counts) {
    if (of_steps)
      fmt::print("| {} | {} | {} | {} | {} | {} |\n", source, one.rule, share(one.ten_found, one.ten), one.ten_in_event,
                 share(one.twenty_found, one.twenty), one.twenty_in_event);
    else
      fmt::print("| {} | {} | {} | {} | {} |\n", source, one.rule, share(one.pairs_called, one.pairs),
                 share(one.pairs_red, one.pairs), share(one.cases_called, one.cases));
  }
  std::fflush(stdout);
}

}  // namespace

void print_compare_tables(std::span<const Source> sources, std::size_t most_pairs, const CompareOptions& options) {
  struct Table {
    const char* title;
    Pairs pairs;
    std::size_t files;
  };
  for (const Table& table : {Table{"Same commit twice, one file a side", Pairs::same_commit, 1},
                             Table{"Far from any step, one file a side", Pairs::far_from_steps, 1},
                             Table{"Far from any step, three files a side", Pairs::far_from_steps, 3},
                             Table{"At obvious steps, three files a side", Pairs::at_steps, 3}}) {
    const bool of_steps = table.pairs == Pairs::at_steps;
    fmt::print("\n## {}\n\n| source | rule | {}\n|---|---|--:|--:|{}\n", table.title,
               of_steps ? "steps of 10 % found | in an event of the suite | of 20 % | in an event |"
                        : "pairs with any case called | with exit 3 | cases called |",
               of_steps ? "--:|--:|" : "--:|");
    std::vector<CompareCounts> all;
    for (const Source& source : sources) {
      const auto counts = count_comparisons(source, table.pairs, table.files, most_pairs, options);
      if (counts.front().pairs == 0) continue;
      print_counts(source.name, counts, of_steps);
      add(all, counts);
    }
    if (!all.empty()) print_counts("**all**", all, of_steps);
  }
}

}  // namespace kernelgate::real_histories
