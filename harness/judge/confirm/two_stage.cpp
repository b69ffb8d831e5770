#include "harness/judge/confirm/two_stage.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "harness/statistics/distributions.h"

namespace kernelgate {
namespace {

constexpr double found_with = 0.90;  // what "detectable" means
const double half_a_percent = std::log1p(0.005);

double threshold_of(const TwoStageOptions& options, std::size_t k) {
  return k < options.thresholds.size() ? options.thresholds[k] : half_a_percent;
}

/// Which cases get blocks, and which way each looks.
std::vector<Candidate> candidates_of(const ScreenReport& screened, bool shifted, const TwoStageOptions& options) {
  const std::size_t count = screened.cases.size();
  constexpr int none = 2;
  std::vector<int> direction(count, none);
  for (std::size_t k = 0; k < count; ++k) {
    const Screened& one = screened.cases[k];
    if (one.slower || one.faster) direction[k] = one.slower ? 1 : -1;
  }
  if (shifted) {
    // Thousands of blocks would tell of one shift; a sample tells too.
    std::mt19937_64 random(options.seed);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, random);
    order.resize(std::min(count, static_cast<std::size_t>(options.shifted_sample)));
    if (!screened.relative) std::ranges::fill(direction, none);
    for (std::size_t k : order)
      if (direction[k] == none) direction[k] = screened.cases[k].effect > 0 ? 1 : -1;
  }
  // Without nights to screen against, blocks are all there is.
  for (std::size_t k = 0; k < count; ++k)
    if (screened.cases[k].df == 0) direction[k] = 0;
  std::vector<Candidate> candidates;
  for (std::size_t k = 0; k < count; ++k)
    if (direction[k] != none) candidates.push_back({k, direction[k], threshold_of(options, k)});
  return candidates;
}

/// Many cases flagged one way, though no common mode was taken off or it hides behind its own spread.
bool many_one_way(const ScreenReport& screened, double share) {
  const auto known = std::ranges::count_if(screened.cases, [](const Screened& one) { return one.df > 0; });
  const auto slower = std::ranges::count_if(screened.cases, &Screened::slower);
  const auto faster = std::ranges::count_if(screened.cases, &Screened::faster);
  return static_cast<double>(std::max(slower, faster)) > share * static_cast<double>(known) && known >= 5;
}

/// Counts what is really taken.
class Counted : public BlockSource {
 public:
  explicit Counted(BlockSource& source) : source_(source) {}
  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
    count += static_cast<int>(cases.size()) * blocks;
    return source_.take(cases, blocks);
  }
  int count = 0;

 private:
  BlockSource& source_;
};

/// That the blocks find a change: averaged over what the pilot may make of the spread.
double found_by_blocks(double change, double block_sd, double threshold, double level, const ConfirmOptions& options) {
  if (block_sd <= 0) return change > threshold ? 1 : 0;
  const double target = std::max(options.target, 2 * threshold);
  const double pilot_df = options.pilot - 1;
  const double q = student_t_upper_quantile(level, pilot_df) + student_t_quantile(options.power, pilot_df);
  constexpr int steps = 16;
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double sd = block_sd * std::sqrt(chi_squared_quantile((i + 0.5) / steps, pilot_df) / pilot_df);
    const double planned = std::clamp(std::ceil(std::pow(q * sd / (target - threshold), 2)),
                                      static_cast<double>(options.pilot), static_cast<double>(options.cap));
    const double blocks = std::min(planned + std::fmod(planned, 2), static_cast<double>(options.cap));
    // The pilot's spread is part of the final one, and its floor: given the pilot, what is left is the mean.
    const double later = blocks - options.pilot;
    const double final_sd = std::sqrt((pilot_df * sd * sd + later * block_sd * block_sd) / (pilot_df + later));
    const double limit = student_t_upper_quantile(level, blocks - 1) * std::max(sd, final_sd);
    const double found = normal_cdf(((change - threshold) * std::sqrt(blocks) - limit) / block_sd);
    // Given up at the first look, where the upper limit is most often below the target by chance.
    const double kept =
        student_t_cdf((change - target) / (block_sd / std::sqrt(options.pilot)) + options.futility, pilot_df);
    // Both look at the same blocks, the fewer there are the more so: between independent and one within the other.
    const double shared = std::sqrt(options.pilot / blocks);
    sum += std::pow(found * kept, 1 - shared) * std::pow(std::min(found, kept), shared);
  }
  return sum / steps;
}

}  // namespace

TwoStageReport judge_night(std::span<const ScreenInput> cases, BlockSource& source, const TwoStageOptions& options) {
  TwoStageReport report;
  report.screened = screen(cases, options.screen);
  report.shifted = report.screened.shifted != 0 || many_one_way(report.screened, options.shifted_share);
  const std::vector<Candidate> candidates = candidates_of(report.screened, report.shifted, options);
  Counted counted(source);
  report.confirmed = confirm(candidates, counted, options.confirm);
  report.blocks = counted.count;
  return report;
}

double detectable_change(double se, double df, double block_sd, double threshold, double rivals,
                         const TwoStageOptions& options) {
  const double level = options.confirm.alpha / std::max(rivals, 1.0);
  const double screen_limit = student_t_upper_quantile(options.screen.alpha, df);
  const auto power = [&](double change) {
    const double flagged = se > 0 ? non_central_t_upper_tail(screen_limit, df, change / se) : 1;
    return flagged * found_by_blocks(change, block_sd, threshold, level, options.confirm);
  };
  double low = threshold, high = 2 * threshold;
  while (power(high) < found_with && high < 10) high *= 2;
  for (int i = 0; i < 30; ++i) {
    const double middle = 0.5 * (low + high);
    (power(middle) < found_with ? low : high) = middle;
  }
  return high;
}

}  // namespace kernelgate
