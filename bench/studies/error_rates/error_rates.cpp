// Prints how often the verdicts err: the tables of docs/verdicts.md. `scripts/error_rates` builds and runs it.

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "bench/studies/error_rates/corpus.h"
#include "bench/studies/error_rates/head_to_head.h"
#include "bench/studies/error_rates/suite_night.h"
#include "harness/statistics/clopper_pearson.h"

namespace kernelgate::error_rates {
namespace {

struct Arguments {
  std::vector<std::string> corpora;
  bool simulate = true;
  int nights = 1000;
  std::uint64_t seed = 1;
};

/// One-sided 95 %: the upper end of the two-sided 90 %.
double upper_limit(int seen, int of) { return clopper_pearson(seen, of, 0.90).high; }

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

void print_two_stages(const Arguments& a) {
  fmt::print("## A night of 200 cases, 14 nights of 3 runs before it, archived build at hand (simulated)\n\n");
  fmt::print("| noise | nights with any alarm | at most (95 %) | blocks | intervals of 95 % hold |");
  constexpr double changes[] = {0.01, 0.015, 0.02, 0.03, 0.05};
  for (double change : changes) fmt::print(" {:g} % |", 100 * change);
  fmt::print(" at the printed MDE | at the threshold |\n|---|--:|--:|--:|--:|");
  for ([[maybe_unused]] double change : changes) fmt::print("--:|");
  fmt::print("--:|--:|\n");
  for (const NoiseModel& model : noise_models()) {
    SimulatedNoise noise(model, a.seed);
    int alarms = 0, intervals = 0, covered = 0;
    double blocks = 0;
    for (int night = 0; night < a.nights; ++night) {
      const NightOutcome outcome = simulate_night(noise, {}, 0, 0);
      alarms += outcome.false_slower + outcome.false_faster > 0;
      intervals += outcome.intervals;
      covered += outcome.covered;
      blocks += outcome.blocks;
    }
    fmt::print("| {} | {}/{} | {} | {:.0f} | {} |", model.name, alarms, a.nights,
               percent(upper_limit(alarms, a.nights)), blocks / a.nights,
               percent(static_cast<double>(covered) / intervals));
    const int altered_nights = std::max(1, a.nights / 10);
    for (double change : changes) {
      double found = 0, altered = 0;
      for (int night = 0; night < altered_nights; ++night) {
        const NightOutcome outcome = simulate_night(noise, {}, 10, std::log1p(change));
        found += outcome.found;
        altered += outcome.altered;
      }
      fmt::print(" {:.0f} % |", 100 * found / altered);
      std::fflush(stdout);
    }
    double found = 0, altered = 0;
    for (int night = 0; night < altered_nights; ++night) {
      const NightOutcome outcome = simulate_detectable(noise, {}, 10);
      found += outcome.found;
      altered += outcome.altered;
    }
    const double threshold = std::log1p(0.005);
    const std::vector<double> at_threshold(10, threshold);
    std::vector<Candidate> candidates;
    for (std::size_t k = 0; k < at_threshold.size(); ++k) candidates.push_back({k, 1, threshold});
    int called = 0;
    for (int night = 0; night < 3 * a.nights; ++night) {
      SimulatedBlocks source(noise, at_threshold);
      bool any = false;
      for (const Confirmed& one : confirm(candidates, source)) any = any || one.verdict == Verdict::slower;
      called += any;
    }
    fmt::print(" {:.0f} % | {} |\n", 100 * found / altered, percent(called / (3.0 * a.nights)));
    std::fflush(stdout);
  }
  fmt::print(
      "\nThe columns of changes: share of ten slower cases in a night that are called SLOWER. MDE: the change that the "
      "report\nsays would be found 9 times in 10. At the threshold: nights with any SLOWER among ten cases slower by "
      "exactly 0.5 %.\nBlocks: a process run of each build; of a night with no change.\n\n");
}

void print_head_to_head(const Arguments& a) {
  const char* shown[] = {"quiet", "typical", "noisy", "bimodal"};
  std::vector<HeadToHead> tables;
  for (const char* model : shown)
    tables.push_back(
        head_to_head(noise_model(model), {.comparisons = 4 * a.nights, .nights = std::max(1, a.nights / 10)}, a.seed));
  fmt::print("## Beside other tools' rules (simulated)\n\n| rule |");
  for (const char* model : shown) fmt::print(" false SLOWER, {} |", model);
  for (const char* model : shown) fmt::print(" finds 2 %, {} |", model);
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < 2 * std::size(shown); ++i) fmt::print("--:|");
  fmt::print("\n");
  const auto row = [&](const std::string& name, auto score_of) {
    fmt::print("| {} |", name);
    for (const HeadToHead& table : tables) fmt::print(" {} |", percent(score_of(table).false_slower));
    for (const HeadToHead& table : tables) fmt::print(" {:.0f} % |", 100 * score_of(table).found);
    fmt::print("\n");
  };
  row("**kernelgate, two stages**", [](const HeadToHead& table) { return table.ours; });
  for (std::size_t r = 0; r < tables.front().others.size(); ++r)
    row(tables.front().others[r].first, [r](const HeadToHead& table) { return table.others[r].second; });
  fmt::print(
      "\nA comparison of one case. The others see one process run of 100 iterations a side, each in a night of its "
      "own, "
      "and\nwhere they want it a history of nights; ours sees the night as above.\n\n");
}

void print_recorded(const std::string& file) {
  const Corpus corpus = read_corpus(file);
  const RecordedSpread spread = recorded_spread(corpus);
  const std::size_t cases = corpus.sessions.front().cases.size();
  fmt::print(
      "## Recorded: {}\n\n{} cases, {} sessions of {} process runs; standard deviations of log time, median over "
      "cases: "
      "{:.2f} % of a sample, {:.2f} % between runs of a session, {:.2f} % between sessions.\n\n",
      corpus.about, cases, corpus.sessions.size(), corpus.sessions.front().cases.front().runs.size(),
      100 * spread.sample, 100 * spread.run, 100 * spread.session);
  fmt::print(
      "| rule | false SLOWER or FASTER, a case | at most (95 %) | suites with any | finds 5 % | finds 10 % | finds 20 "
      "% |\n"
      "|---|--:|--:|--:|--:|--:|--:|\n");
  const auto ours = [&](const char* name, ReplayCounts (*replay)(const Corpus&, double)) {
    const ReplayCounts same = replay(corpus, 0);
    const int called = same.false_slower + same.false_faster;
    fmt::print("| {} | {}/{} | {} | {}/{} |", name, called, same.cases, percent(upper_limit(called, same.cases)),
               same.suites_with_false, same.suites);
    for (double change : {0.05, 0.10, 0.20}) {
      const ReplayCounts slower = replay(corpus, std::log1p(change));
      fmt::print(" {:.0f} % |", 100.0 * slower.found / slower.altered);
    }
    fmt::print("\n");
  };
  ours("**kernelgate, two stages**", replay_two_stages);
  ours("**kernelgate, two files of three runs**", replay_two_files);
  const auto five = replay_other_rules(corpus, std::log1p(0.05)), ten = replay_other_rules(corpus, std::log1p(0.10)),
             twenty = replay_other_rules(corpus, std::log1p(0.20));
  for (std::size_t r = 0; r < five.size(); ++r)
    fmt::print("| {} | {} (SLOWER alone) | | | {:.0f} % | {:.0f} % | {:.0f} % |\n", five[r].first,
               percent(five[r].second.false_slower), 100 * five[r].second.found, 100 * ten[r].second.found,
               100 * twenty[r].second.found);
  fmt::print("\n");
}

int main(std::span<char*> words) {
  Arguments arguments;
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    if (std::strcmp(words[i], "--nights") == 0) arguments.nights = std::max(10, std::atoi(words[i + 1]));
    if (std::strcmp(words[i], "--corpus") == 0) arguments.corpora.emplace_back(words[i + 1]);
    if (std::strcmp(words[i], "--simulate") == 0) arguments.simulate = std::strcmp(words[i + 1], "no") != 0;
    if (std::strcmp(words[i], "--seed") == 0) arguments.seed = std::strtoull(words[i + 1], nullptr, 10);
  }
  if (arguments.simulate) {
    print_two_stages(arguments);
    print_head_to_head(arguments);
  }
  for (const std::string& corpus : arguments.corpora) print_recorded(corpus);
  return 0;
}

}  // namespace
}  // namespace kernelgate::error_rates

int main(int argc, char** argv) {
  return kernelgate::error_rates::main(std::span(argv, static_cast<std::size_t>(argc)));
}
