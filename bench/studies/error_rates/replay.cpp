// What the rules make of recorded noise.

#include <algorithm>
#include <cmath>
#include <random>

#include "bench/studies/error_rates/corpus.h"
#include "bench/studies/error_rates/other_rules.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/confirm/night_verdicts.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::error_rates {
namespace {

void slow_down(SideCase& one, double change) {
  for (RunSummary& run : one.runs)
    for (double* time : {&run.median_s, &run.q1_s, &run.q3_s}) *time *= std::exp(change);
}

void count(ReplayCounts& counts, const Comparison& comparison, std::size_t altered, double change) {
  bool any_false = false;
  for (std::size_t k = 0; k < comparison.cases.size(); ++k) {
    const Verdict verdict = comparison.cases[k].verdict;
    if (change != 0 && k == altered) {
      ++counts.altered;
      counts.found += verdict == Verdict::slower;
      continue;
    }
    ++counts.cases;
    counts.false_slower += verdict == Verdict::slower;
    counts.false_faster += verdict == Verdict::faster;
    counts.same += verdict == Verdict::same;
    counts.inconclusive += verdict == Verdict::inconclusive;
    any_false = any_false || verdict == Verdict::slower || verdict == Verdict::faster;
  }
  ++counts.suites;
  counts.suites_with_false += any_false;
}

/// Pairs of neighbouring runs of the second half's sessions, but for their first.
class RecordedBlocks : public BlockSource {
 public:
  RecordedBlocks(const Corpus& corpus, std::size_t altered, double change, std::uint64_t seed)
      : corpus_(corpus),
        noise_(device_class(corpus.device_kind).noise),
        altered_(altered),
        change_(change),
        random_(seed) {
    for (std::size_t s = corpus.sessions.size() / 2; s < corpus.sessions.size(); ++s)
      for (std::size_t r = 1; r + 1 < corpus.sessions[s].cases.front().runs.size(); r += 2) pairs_.emplace_back(s, r);
    std::ranges::shuffle(pairs_, random_);
  }

  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
    std::vector<std::vector<Block>> taken(cases.size());
    for (int b = 0; b < blocks; ++b) {
      const auto [session, run] = pairs_[next_++ % pairs_.size()];
      const bool swapped = std::bernoulli_distribution()(random_);
      for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& runs = corpus_.sessions[session].cases[cases[i]].runs;
        const double d = run_value(runs[run + 1], noise_) - run_value(runs[run], noise_);
        taken[i].push_back({(swapped ? -d : d) + (cases[i] == altered_ ? change_ : 0)});
      }
    }
    return taken;
  }

 private:
  const Corpus& corpus_;
  Noise noise_;
  std::size_t altered_;
  double change_;
  std::mt19937_64 random_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
  std::size_t next_ = 0;
};

}  // namespace

ReplayCounts replay_two_files(const Corpus& corpus, double change) {
  ReplayCounts counts;
  const std::size_t cases = corpus.sessions.front().cases.size();
  for (std::size_t s = 0; s + 1 < corpus.sessions.size(); s += 2)
    for (std::size_t altered = 0; altered < (change == 0 ? 1 : cases); ++altered) {
      Side fresh = corpus.sessions[s + 1];
      slow_down(fresh.cases[altered], change);
      count(counts, compare(corpus.sessions[s], fresh, {}), altered, change);
    }
  return counts;
}

ReplayCounts replay_two_stages(const Corpus& corpus, double change) {
  ReplayCounts counts;
  const std::size_t half = corpus.sessions.size() / 2, cases = corpus.sessions.front().cases.size();
  Side base = corpus.sessions.front();
  for (SideCase& one : base.cases) one.runs.clear();
  for (std::size_t s = 0; s < half; ++s)
    for (std::size_t k = 0; k < cases; ++k)
      for (RunSummary run : corpus.sessions[s].cases[k].runs) {
        run.night = "session " + std::to_string(s);
        base.cases[k].runs.push_back(run);
      }
  for (std::size_t s = half; s < corpus.sessions.size(); ++s)
    for (std::size_t altered = 0; altered < (change == 0 ? 1 : cases); ++altered) {
      Side fresh = corpus.sessions[s];
      for (SideCase& one : fresh.cases) one.runs.resize(1);
      slow_down(fresh.cases[altered], change);
      RecordedBlocks blocks(corpus, altered, change, s * cases + altered);
      count(counts, compare_with_blocks(base, fresh, blocks, {}, s), altered, change);
    }
  return counts;
}

std::vector<std::pair<std::string, Score>> replay_other_rules(const Corpus& corpus, double change) {
  constexpr std::size_t most_samples = 100, fewest_samples = 10;
  std::vector<std::pair<std::string, Score>> scores;
  for (const OtherRule& rule : other_rules()) scores.emplace_back(rule.name, Score{});
  double comparisons = 0;
  const auto first_run = [&](std::size_t session, std::size_t k, double by) {
    std::vector<double> samples = corpus.samples[session][k].front();
    samples.resize(std::min(samples.size(), most_samples));
    for (double& sample : samples) sample *= std::exp(by);
    return samples;
  };
  for (std::size_t s = 0; s + 1 < corpus.sessions.size(); s += 2)
    for (std::size_t k = 0; k < corpus.sessions[s].cases.size(); ++k) {
      Observed same{first_run(s, k, 0), first_run(s + 1, k, 0), {}};
      if (std::min(same.base.size(), same.fresh.size()) < fewest_samples) continue;
      for (std::size_t past = 0; past < corpus.sessions.size(); ++past)
        if (past != s && past != s + 1) same.history.push_back(summarize(first_run(past, k, 0)).mean);
      Observed slower = same;
      slower.fresh = first_run(s + 1, k, change);
      ++comparisons;
      for (std::size_t r = 0; r < scores.size(); ++r) {
        scores[r].second.false_slower += other_rules()[r].slower(same);
        scores[r].second.found += other_rules()[r].slower(slower);
      }
    }
  for (auto& [name, score] : scores) {
    score.false_slower /= comparisons;
    score.found /= comparisons;
  }
  return scores;
}

RecordedSpread recorded_spread(const Corpus& corpus) {
  const Noise noise = device_class(corpus.device_kind).noise;
  std::vector<double> sample, run, session;
  for (std::size_t k = 0; k < corpus.sessions.front().cases.size(); ++k) {
    std::vector<double> of_samples, means;
    double squares = 0, df = 0;
    for (const Side& one : corpus.sessions) {
      std::vector<double> values;
      for (const RunSummary& r : one.cases[k].runs) {
        values.push_back(run_value(r, noise));
        of_samples.push_back(std::log(r.q3_s / r.q1_s) / 1.349);
      }
      const Summary of_runs = summarize(values);
      squares += of_runs.stddev * of_runs.stddev * static_cast<double>(of_runs.count - 1);
      df += static_cast<double>(of_runs.count - 1);
      means.push_back(of_runs.mean);
    }
    const double run_variance = df > 0 ? squares / df : 0;
    const double runs = static_cast<double>(corpus.sessions.front().cases[k].runs.size());
    const double between = std::pow(summarize(means).stddev, 2) - run_variance / runs;
    sample.push_back(median(of_samples));
    run.push_back(std::sqrt(run_variance));
    session.push_back(std::sqrt(std::max(0.0, between)));
  }
  return {median(sample), median(run), median(session)};
}

}  // namespace kernelgate::error_rates
