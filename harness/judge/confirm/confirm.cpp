#include "harness/judge/confirm/confirm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/multiplicity.h"

namespace kernelgate {
namespace {

constexpr double early_level = 0.01;  ///< of the level, for deciding before all blocks are in
constexpr std::size_t sign_flip_most = 12;
constexpr double sign_flip_level = 0.05;  ///< a guard against one wild block, not a second test
constexpr int most_needed = 10000;

/// A mean with its standard error.
struct Location {
  double mean = 0, se = 0, df = 0;
};

/// The mean; or trimmed by a share at each end, with the winsorised variance.
///
/// Source  Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61 (1974), for one sample.
Location located(std::vector<double> values, double trim) {
  const std::size_t n = values.size(), cut = static_cast<std::size_t>(trim * static_cast<double>(n));
  std::ranges::sort(values);
  double mean = 0;
  for (std::size_t i = cut; i < n - cut; ++i) mean += values[i];
  const double kept = static_cast<double>(n - 2 * cut);
  mean /= kept;
  for (std::size_t i = 0; i < cut; ++i) {
    values[i] = values[cut];
    values[n - 1 - i] = values[n - 1 - cut];
  }
  const double count = static_cast<double>(n);
  const double middle = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (double x : values) squares += (x - middle) * (x - middle);
  const double sd = std::sqrt(squares / (count - 1));
  return {mean, sd * std::sqrt(count) / kept, kept - 1};
}

/// One candidate's blocks and what they say so far. Means are turned so that the looked-for change is positive.
class Trial {
 public:
  Trial(const Candidate& candidate, double level, const ConfirmOptions& options)
      : candidate_(candidate),
        level_(level),
        options_(options),
        target_(std::max(options.target, 2 * candidate.threshold)),
        planned_(options.pilot) {}

  std::size_t index() const { return candidate_.index; }
  /// How many blocks it wants next; 0: it has enough.
  int wanted() const {
    return stopped_ ? 0 : std::min(planned_ - asked_, asked_ == 0 ? options_.pilot : options_.batch);
  }

  void add(std::span<const Block> blocks) {
    asked_ += static_cast<int>(blocks.size());
    for (const Block& block : blocks) {
      if (!std::isfinite(block.seconds)) {
        ++lost_;
        continue;
      }
      d_.push_back(block.seconds);
      if (block.cycles) cycles_.push_back(*block.cycles);
    }
    look();
  }

  double p() const { return p_; }
  int direction() const { return direction_; }
  Confirmed conclude(bool rejected) const;

 private:
  double count() const { return static_cast<double>(d_.size()); }
  double df() const { return df_; }

  void look() {
    if (d_.size() < 3) {  // of so few no spread can be told; a source that loses more than it gives ends here
      stopped_ = asked_ >= 2 * options_.pilot;
      planned_ = std::min(options_.cap, asked_ + options_.batch);
      return;
    }
    const Location at = located(d_, options_.trim);
    if (candidate_.direction == 0) direction_ = at.mean < 0 ? -1 : 1;
    mean_ = direction_ * at.mean;
    df_ = at.df;
    own_se_ = at.se;
    sd_ = at.se * std::sqrt(count());
    if (asked_ <= options_.pilot) pilot_sd_ = sd_;
    // A pilot that varied much bought more blocks, a second chance that one which varied little never needed: with its
    // own spread as the floor, no case gains by it.
    sd_ = std::max(sd_, pilot_sd_);
    se_ = sd_ / std::sqrt(count());
    const double beyond = mean_ - candidate_.threshold;
    p_ = se_ > 0 ? student_t_upper_tail(beyond / se_, df()) : (beyond > 0 ? 0 : 1);
    if (candidate_.direction == 0) p_ = std::min(1.0, 2 * p_);  // the direction was chosen by the data
    if (asked_ <= options_.pilot) plan();
    const bool hopeless = mean_ + options_.futility * se_ < target_;
    stopped_ = asked_ >= planned_ || hopeless || p_ <= early_level * level_;
  }

  /// Stein's rule. The number is even, for whole ABBAs.
  void plan() {
    const double q = student_t_upper_quantile(level_, df()) + student_t_quantile(options_.power, df());
    const double blocks = std::ceil(std::pow(q * sd_ / (target_ - candidate_.threshold), 2));
    planned_ = blocks >= options_.cap ? options_.cap : std::max(static_cast<int>(blocks), options_.pilot);
    planned_ = std::min(planned_ + planned_ % 2, std::max(options_.cap, options_.pilot));
  }

  bool in_cycles_too() const {
    if (cycles_.size() != d_.size()) return true;  // not known in every block
    const double mean = std::accumulate(cycles_.begin(), cycles_.end(), 0.0) / count();
    return direction_ * mean >= corroborated_share * mean_;
  }

  int blocks_for(double effect) const {
    const double gap = effect - candidate_.threshold;
    if (gap <= 0) return 0;
    const double q = student_t_upper_quantile(level_, 30) + student_t_quantile(options_.power, 30);
    const double blocks = std::ceil(std::pow(q * sd_ / gap, 2));
    return blocks <= most_needed ? static_cast<int>(blocks) : 0;
  }

  Candidate candidate_;
  int direction_ = candidate_.direction == 0 ? 1 : candidate_.direction;
  double level_;
  ConfirmOptions options_;
  double target_;
  int planned_;
  int asked_ = 0, lost_ = 0;
  bool stopped_ = false;
  std::vector<double> d_, cycles_;
  double mean_ = 0, sd_ = 0, pilot_sd_ = 0, own_se_ = 0, se_ = 0, df_ = 0, p_ = 1;
};

Confirmed Trial::conclude(bool rejected) const {
  Confirmed out;
  out.index = candidate_.index;
  out.direction = direction_;
  out.blocks = static_cast<int>(d_.size());
  out.lost = lost_;
  out.p = p_;
  if (d_.size() < 3) {
    out.verdict = Verdict::invalid;
    out.reason = fmt::format("{} of {} blocks gave no valid time of both builds", lost_, asked_);
    return out;
  }
  const double half = student_t_quantile(0.975, df()) * own_se_;
  out.se = se_;
  out.effect = direction_ * mean_;
  out.low = out.effect - half;
  out.high = out.effect + half;
  const std::string seen = fmt::format("{} in {} blocks, between {} and {}", show_log_change(out.effect, 2), out.blocks,
                                       show_log_change(out.low, 2), show_log_change(out.high, 2));

  // Of a trimmed mean a wild block is no part.
  if (rejected && options_.trim == 0 && d_.size() <= sign_flip_most) {
    std::vector<double> beyond = d_;
    for (double& x : beyond) x = direction_ * x - candidate_.threshold;
    rejected = sign_flip_p(beyond) <= sign_flip_level;
  }
  if (rejected && in_cycles_too()) {
    out.verdict = direction_ > 0 ? Verdict::slower : Verdict::faster;
    out.reason = seen;
    return out;
  }
  if (rejected) {
    out.clocks = true;
    out.reason = seen + ", but not in clock cycles: clocks, power or heat; lock the clocks";
    return out;
  }
  const double equal = student_t_quantile(equivalence_confidence, df()) * se_;
  const double margin = std::max(options_.equivalence, candidate_.threshold);
  if (std::fabs(mean_) + equal < margin) {
    out.verdict = Verdict::same;
    out.reason = fmt::format("{}: within {:.1f} %", seen, 100 * std::expm1(margin));
    return out;
  }
  out.blocks_needed = blocks_for(mean_);
  out.reason = seen;
  if (mean_ <= candidate_.threshold)
    out.reason += fmt::format("; not beyond the threshold of {:.1f} %", 100 * std::expm1(candidate_.threshold));
  else if (out.blocks_needed > 0)
    out.reason += fmt::format("; about {} blocks would decide", out.blocks_needed);
  else
    out.reason += "; too near the threshold for blocks to decide";
  return out;
}

}  // namespace

std::vector<bool> new_goes_first(int blocks, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<bool> order;
  while (static_cast<int>(order.size()) < blocks) {
    std::array four{true, true, false, false};
    std::ranges::shuffle(four, random);
    order.insert(order.end(), four.begin(), four.end());
  }
  order.resize(static_cast<std::size_t>(blocks));
  return order;
}

std::vector<Confirmed> confirm(std::span<const Candidate> candidates, BlockSource& source,
                               const ConfirmOptions& options) {
  const auto in_direction = [&](int direction) {
    return std::ranges::count_if(candidates, [=](const Candidate& c) { return c.direction * direction >= 0; });
  };
  std::vector<Trial> trials;
  for (const Candidate& one : candidates)
    trials.emplace_back(one, options.alpha / static_cast<double>(in_direction(one.direction == 0 ? 1 : one.direction)),
                        options);

  while (true) {
    // All that go on are measured in the same process runs; the smallest wish is everybody's.
    std::vector<Trial*> active;
    std::vector<std::size_t> cases;
    int blocks = options.pilot;
    for (Trial& trial : trials) {
      if (trial.wanted() == 0) continue;
      active.push_back(&trial);
      cases.push_back(trial.index());
      blocks = std::min(blocks, trial.wanted());
    }
    if (active.empty()) break;
    const std::vector<std::vector<Block>> taken = source.take(cases, blocks);
    for (std::size_t i = 0; i < active.size(); ++i) active[i]->add(taken.at(i));
  }

  std::vector<Confirmed> results(trials.size());
  for (int direction : {1, -1}) {
    // Candidates of both directions count in both families, and are judged in that of their effect.
    std::vector<std::size_t> family;
    std::vector<double> p;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (candidates[i].direction * direction < 0) continue;
      family.push_back(i);
      p.push_back(trials[i].direction() == direction ? trials[i].p() : 1);
    }
    const std::vector<bool> rejected = holm(p, options.alpha);
    for (std::size_t i = 0; i < family.size(); ++i)
      if (trials[family[i]].direction() == direction) results[family[i]] = trials[family[i]].conclude(rejected[i]);
  }
  return results;
}

double sign_flip_p(std::span<const double> differences) {
  if (differences.empty() || differences.size() > sign_flip_most)
    throw std::invalid_argument(fmt::format("the sign-flip test is of 1 to {} blocks", sign_flip_most));
  const double seen = std::accumulate(differences.begin(), differences.end(), 0.0);
  const unsigned patterns = 1u << differences.size();
  unsigned as_large = 0;
  for (unsigned pattern = 0; pattern < patterns; ++pattern) {
    double sum = 0;
    for (std::size_t j = 0; j < differences.size(); ++j) sum += (pattern >> j & 1u) ? -differences[j] : differences[j];
    // The data's own pattern must count whatever its rounding.
    as_large += sum >= seen - 1e-12 * std::fabs(seen);
  }
  return static_cast<double>(as_large) / patterns;
}

}  // namespace kernelgate
