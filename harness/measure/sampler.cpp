#include "harness/measure/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "harness/base/process/interrupt.h"
#include "harness/measure/honest_time.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int samples_a_turn = 3;  // few, so that turns alternate often
constexpr int precision_checked_every = 10;
constexpr double dearest_look = 0.05;   // share of the time budget; what costs more is looked at once, at the end
constexpr double looks_at_the_end = 2;  // what they take, about, by those before

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The loop's own bookkeeping of one contestant.
struct Progress {
  double measured_s = 0;
  double wall_s = 0;
  double looked_s = 0;  ///< not in `wall_s`
  int taken = 0;        ///< samples, the discarded ones too
  bool done = false;
  bool warmed_again = false;
  std::set<int> checks;  ///< which of the first samples are checked, counted by `taken`
};

constexpr const char* left_running =
    "one of the implementations of this problem left something running, which disturbs what is measured";

/// Which samples are checked. Of the first ones as many as are needed; of the later ones each with the same chance, so
/// that a long measurement is watched to its end.
class CheckPlan {
 public:
  explicit CheckPlan(const SamplingPolicy& policy) : policy_(policy), random_(policy.secret) {}

  std::set<int> first_checks() {
    // The wall cap may end it after the fewest.
    const auto among = static_cast<std::uint64_t>(std::clamp(policy_.fewest_samples, 1, first()));
    std::set<int> drawn;
    while (drawn.size() < std::min(static_cast<std::size_t>(policy_.first_checks), among))
      drawn.insert(static_cast<int>(random_() % among));
    return drawn;
  }
  bool check(const Progress& progress) {
    // A look costs some four launches.
    const double launch_s = progress.taken > 0 ? progress.measured_s / progress.taken : 0;
    if (4 * launch_s > dearest_look * policy_.time_s) return false;
    if (progress.taken < first()) return progress.checks.contains(progress.taken);
    if (progress.looked_s > policy_.looks_share * progress.wall_s) return false;
    return static_cast<double>(random_() >> 11) * 0x1p-53 < policy_.check_share;
  }

  /// 1 or 2.
  int runs() { return 1 + static_cast<int>(random_() % 2); }

 private:
  int first() const { return std::max(policy_.min_samples, 1); }

  const SamplingPolicy& policy_;
  std::mt19937_64 random_;
};

/// Half of the median's interval, relative: from the quartiles, so that stragglers don't count.
double relative_precision(const std::vector<double>& samples) {
  const Summary summary = summarize(samples);
  // The interquartile range is 1.35 sigma; the median's standard error is 1.25 sigma / sqrt(n).
  const double sigma = (summary.q3 - summary.q1) / 1.349;
  return 1.96 * 1.2533 * sigma / std::sqrt(static_cast<double>(summary.count)) / summary.median;
}

/// Discarded samples count too: a clock that only ever fails must not hold the loop for ever.
bool wall_cap_hit(const Progress& progress, const SamplingPolicy& policy) {
  return progress.wall_s >= policy.wall_cap_s && progress.taken >= policy.fewest_samples;
}

bool enough(const Contestant& contestant, const Progress& progress, const SamplingPolicy& policy) {
  const int count = static_cast<int>(contestant.samples_s.size());
  if (wall_cap_hit(progress, policy) || count >= policy.max_samples) return true;
  if (count < policy.min_samples) return false;
  // Looks are within the budget, so that a run takes no longer for them.
  if (progress.measured_s + (1 + looks_at_the_end) * progress.looked_s >= policy.time_s) return true;
  return count % precision_checked_every == 0 && relative_precision(contestant.samples_s) <= policy.precision;
}

/// Runs until `warm_up_s` have passed, and finds how many launches a region needs.
void warm_up(Stopwatch& stopwatch, Contestant& contestant, const SamplingPolicy& policy) {
  const auto begin = Clock::now();
  double shortest = 1e9;
  do {
    shortest = std::min(shortest, stopwatch.time({.work = contestant.work}).seconds);
  } while (seconds_since(begin) < policy.warm_up_s && !interrupted());
  contestant.launches_per_sample =
      static_cast<int>(std::clamp(std::ceil(stopwatch.shortest_region_s() / std::max(shortest, 1e-9)), 1.0, 10000.0));
}

double share_done(const std::vector<Contestant>& contestants, const std::vector<Progress>& progress,
                  const SamplingPolicy& policy) {
  double sum = 0;
  for (std::size_t i = 0; i < contestants.size(); ++i)
    sum +=
        progress[i].done
            ? 1
            : std::min(1.0, std::max(progress[i].measured_s / policy.time_s, progress[i].wall_s / policy.wall_cap_s));
  return contestants.empty() ? 1 : sum / static_cast<double>(contestants.size());
}

/// False where something still runs that nobody waits for.
bool settles(Stopwatch& stopwatch) { return !std::isinf(stopwatch.settle()); }

bool given_up(const Contestant& contestant) { return !contestant.wrong.empty() || !contestant.left_running.empty(); }

/// What is looked at of one contestant, and how.
struct Look {
  bool new_inputs = true;
  bool thoroughly = false;
};

/// Takes a sample whose output is looked at. Another number of launches is not timed before it each time, lest a work
/// that counts knows which one is looked at.
void take_checked(Stopwatch& stopwatch, Contestant& contestant, CacheState state, CheckPlan& plan, Look how) {
  SampleCheck& check = *contestant.check;
  check.begin(how.new_inputs);
  // Hot: what was made ready went through the caches.
  const int runs = plan.runs() - (state == CacheState::hot ? 0 : 1);
  for (int run = 0; run < runs; ++run) stopwatch.run(contestant.work);
  // What these would still do must not meet the new inputs.
  if (!settles(stopwatch)) {
    contestant.left_running = left_running;
    return;
  }
  const Sample taken = stopwatch.time({.work = contestant.work,
                                       .launches = contestant.launches_per_sample,
                                       .state = state,
                                       .slowdown = contestant.slowdown,
                                       .before = [&check](CUstream_st* stream) { check.before(stream); },
                                       .after = [&check](CUstream_st* stream) { check.after(stream); }});
  if (taken.seconds > 0) (how.new_inputs ? contestant.checked_s : contestant.unchanged_s).push_back(taken.seconds);
  if (how.new_inputs) contestant.wrong = check.judge(how.thoroughly);
  if (how.thoroughly && !settles(stopwatch)) contestant.left_running = left_running;
}

/// Twice as many launches as a sample has, in the hot state: what comes second is hot. Once, unless that looks wrong;
/// then again and again beside a sample, since a library's threads are quick in one spell and slow in another.
void take_doubled(Stopwatch& stopwatch, Contestant& contestant) {
  const auto time = [&](int launches, std::vector<double>& kept) {
    const Sample taken = stopwatch.time(
        {.work = contestant.work, .launches = launches, .state = CacheState::hot, .slowdown = contestant.slowdown});
    if (taken.seconds > 0) kept.push_back(taken.seconds);
    return taken.seconds > 0;
  };
  const int launches = contestant.launches_per_sample;
  bool timed = time(2 * launches, contestant.doubled_s);
  while (timed && quicker_when_doubled(contestant) && contestant.single_s.size() < enough_pairs && !interrupted())
    timed = time(launches, contestant.single_s) && time(2 * launches, contestant.doubled_s);
}

/// At a contestant's end: nobody knows before which sample is the last. What looks suspicious by then is looked at
/// until it can be no accident.
void look_at_last(Stopwatch& stopwatch, Contestant& contestant, CacheState state, CheckPlan& plan) {
  take_checked(stopwatch, contestant, state, plan, {.thoroughly = true});
  while (!given_up(contestant) && slower_when_new(contestant) && contestant.unchanged_s.size() < enough_pairs &&
         !interrupted()) {
    take_checked(stopwatch, contestant, state, plan, {.new_inputs = false});
    if (contestant.checked_s.size() < enough_pairs) take_checked(stopwatch, contestant, state, plan, {});
  }
  if (!given_up(contestant) && state == CacheState::hot) take_doubled(stopwatch, contestant);
}

void take(Stopwatch& stopwatch, Contestant& contestant, CacheState state, Progress& progress) {
  const Sample taken = stopwatch.time({.work = contestant.work,
                                       .launches = contestant.launches_per_sample,
                                       .state = state,
                                       .slowdown = contestant.slowdown});
  if (!(taken.seconds > 0) || !std::isfinite(taken.seconds)) {
    ++contestant.discarded["not a positive time"];
    return;
  }
  contestant.samples_s.push_back(taken.seconds);
  if (taken.sm_clock_hz > 0) contestant.sm_clock_hz.push_back(taken.sm_clock_hz);
  if (taken.processor_s > 0) contestant.processor_s.push_back(taken.processor_s);
  contestant.preempted += taken.preempted;
  contestant.late_s.push_back(taken.late_s);
  progress.measured_s += taken.seconds * contestant.launches_per_sample;
}

/// Its warm-up was disturbed, or deceived: it is far shorter than it seemed then.
void begin_again(Stopwatch& stopwatch, Contestant& contestant, const SamplingPolicy& policy, Progress& progress) {
  for (auto* taken : {&contestant.samples_s, &contestant.sm_clock_hz, &contestant.processor_s, &contestant.late_s,
                      &contestant.checked_s, &contestant.unchanged_s})
    taken->clear();
  contestant.preempted = 0;
  warm_up(stopwatch, contestant, policy);
  progress.warmed_again = true;
  progress.done = false;
  progress.measured_s = 0;
}

/// A few samples of one contestant, and a control after them. The time of looks is not the contestant's.
void take_turn(Stopwatch& stopwatch, Contestant& contestant, CacheState state, const SamplingPolicy& policy,
               CheckPlan& plan, Progress& progress) {
  const auto begin = Clock::now();
  double looked_s = 0;
  bool hot = false;  // whether its data and code are where the last run of it left them
  for (int s = 0; s < samples_a_turn && !progress.done; ++s) {
    if (contestant.check != nullptr && plan.check(progress)) {
      const auto looking = Clock::now();
      take_checked(stopwatch, contestant, state, plan, {});
      looked_s += seconds_since(looking);
      hot = false;
      progress.done = given_up(contestant);
      if (progress.done) break;
    }
    // The others ran in between: bring this one's data and code back before a hot sample.
    if (state == CacheState::hot && !hot) stopwatch.run(contestant.work);
    hot = true;
    take(stopwatch, contestant, state, progress);
    ++progress.taken;
    progress.done = enough(contestant, progress, policy);
  }
  if (!progress.warmed_again && progress.taken >= policy.fewest_samples &&
      too_short(contestant, stopwatch.shortest_region_s()))
    begin_again(stopwatch, contestant, policy, progress);
  if (const double control = stopwatch.control(); control > 0) contestant.control_s.push_back(control);
  progress.wall_s += seconds_since(begin) - looked_s;
  progress.looked_s += looked_s;
  progress.done = progress.done || wall_cap_hit(progress, policy);
  if (contestant.check != nullptr && progress.done && !given_up(contestant))
    look_at_last(stopwatch, contestant, state, plan);
}

}  // namespace

bool sample(Stopwatch& stopwatch, std::vector<Contestant>& contestants, CacheState state, const SamplingPolicy& policy,
            const std::function<void(double)>& turn) {
  for (auto& contestant : contestants) {
    if (interrupted()) return false;
    warm_up(stopwatch, contestant, policy);
  }
  stopwatch.control();  // its threads start, its memory is touched
  CheckPlan plan(policy);
  std::vector<Progress> progress(contestants.size());
  for (Progress& one : progress) one.checks = plan.first_checks();
  std::vector<std::size_t> order(contestants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  while (std::ranges::any_of(progress, [](const Progress& p) { return !p.done; })) {
    for (std::size_t i : order) {
      if (interrupted()) return false;
      if (progress[i].done) continue;
      take_turn(stopwatch, contestants[i], state, policy, plan, progress[i]);
      if (!contestants[i].left_running.empty()) {
        // Whoever did it, it was found in the turn of this one.
        for (Contestant& other : contestants) other.left_running = left_running;
        return true;
      }
      turn(share_done(contestants, progress, policy));
    }
    std::ranges::reverse(order);
  }
  // A clock that was read for some samples only can't stand beside each of them.
  for (auto& contestant : contestants)
    for (auto* beside : {&contestant.sm_clock_hz, &contestant.processor_s})
      if (beside->size() != contestant.samples_s.size()) beside->clear();
  return true;
}

}  // namespace kernelgate
