#!/usr/bin/env python3
"""Breaks one line of the measuring at a time and expects the tests to see it.

    scripts/mutate_measuring.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA; the
working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.
"""
import sys

import mutants

# name, file, the line as it is, the line as it must not be
MUTANTS = [
    ("a launch too few", "stopwatch_cpu.cpp", "for (int i = 0; i < region.launches; ++i) region.work(nullptr);", "for (int i = 1; i < region.launches; ++i) region.work(nullptr);"),
    ("cold with warm caches", "stopwatch_cpu.cpp", "if (region.state == CacheState::cold) evict_ ? evict_() : evict();", ""),
    ("new inputs left in the caches", "stopwatch_cpu.cpp", "if (region.before) region.before(nullptr); if (region.state == CacheState::cold) evict_ ? evict_() : evict();", "if (region.state == CacheState::cold) evict_ ? evict_() : evict(); if (region.before) region.before(nullptr);"),
    ("the processor's time of all launches", "stopwatch_cpu.cpp", "processor_s * region.slowdown / region.launches", "processor_s * region.slowdown"),
    ("a hot turn without its untimed run", "sampler.cpp", "if (state == CacheState::hot && !hot) stopwatch.run(contestant.work);", ""),
    ("a cold turn with an untimed run", "sampler.cpp", "if (state == CacheState::hot && !hot) stopwatch.run(contestant.work);", "if (!hot) stopwatch.run(contestant.work);"),
    ("turns in one order", "sampler.cpp", "std::ranges::reverse(order);", ""),
    ("fewer samples than any median needs", "sampler.cpp", "return progress.wall_s >= policy.wall_cap_s && progress.taken >= policy.fewest_samples;", "return progress.wall_s >= policy.wall_cap_s;"),
    ("a time of nothing is kept", "sampler.cpp", "if (!(taken.seconds > 0) || !std::isfinite(taken.seconds))", "if (false)"),
    ("clocks that stand beside the wrong samples", "sampler.cpp", "if (beside->size() != contestant.samples_s.size()) beside->clear();", ""),
    ("no control beside a turn", "sampler.cpp", "if (const double control = stopwatch.control(); control > 0) contestant.control_s.push_back(control);", ""),
    ("a look that sees nothing", "sampler.cpp", "if (how.new_inputs) contestant.wrong = check.judge(how.thoroughly);", ""),
    ("no look at the end", "sampler.cpp", "if (contestant.check != nullptr && progress.done && !given_up(contestant))", "if (false)"),
    ("looks whose place is known", "sampler.cpp", "drawn.insert(static_cast<int>(random_() % among));", "drawn.insert(static_cast<int>(drawn.size()));"),
    ("looks in the first samples alone", "sampler.cpp", "return static_cast<double>(random_() >> 11) * 0x1p-53 < policy_.check_share;", "return false;"),
    ("looks at any price", "sampler.cpp", "if (progress.looked_s > policy_.looks_share * progress.wall_s) return false;", ""),
    ("looks that cost nothing", "sampler.cpp", "progress.looked_s += looked_s;", ""),
    ("threads that began later", "process_threads.cpp", "folder.st_nlink != threads_.size() + 2", "false"),
    ("threads in place of others", "process_threads.cpp", "clock_gettime(clock_of(thread), &used) == 0; });", "clock_gettime(clock_of(thread), &used) <= 0; });"),
    ("what still runs meets the new inputs", "sampler.cpp", "if (!settles(stopwatch)) { contestant.left_running = left_running; return; }", ""),
    ("inputs that it has seen before", "honest_time.cpp", "if (contestant.unchanged_s.size() >= enough_pairs && slower_when_new(contestant))", "if (false)"),
    ("suspicion is enough", "honest_time.cpp", "if (contestant.unchanged_s.size() >= enough_pairs && slower_when_new(contestant))", "if (slower_when_new(contestant))"),
    ("slow with the old inputs too", "honest_time.cpp", "(contestant.unchanged_s.empty() || fastest_s > 1.5 * std::ranges::max(contestant.unchanged_s))", "true"),
    ("launches that do nothing", "honest_time.cpp", "if (contestant.single_s.size() >= enough_pairs && quicker_when_doubled(contestant))", "if (false)"),
    ("twice the work in once the time", "honest_time.cpp", "std::ranges::max(contestant.doubled_s) < 0.7 * fastest_s", "std::ranges::max(contestant.doubled_s) < 0.4 * fastest_s"),
    ("work behind the end", "honest_time.cpp", "late_s > std::max(5e-6, 0.2 * region_s)", "late_s > std::max(5e-6, 2 * region_s)"),
    ("regions too short for the timer", "honest_time.cpp", "median(contestant.samples_s) * contestant.launches_per_sample < 0.25 * shortest_region_s", "median(contestant.samples_s) * contestant.launches_per_sample < 0.0"),
    ("faster than the device", "honest_time.cpp", "if (samples.median < contestant.floor_s)", "if (false)"),
    ("memory that is not read", "honest_time.cpp", "bytes_per_s > 0 && state == CacheState::cold ?", "bytes_per_s > 0 ?"),
]

if __name__ == "__main__":
    sys.exit(mutants.main(MUTANTS, "harness", "judge_tests", "Stopwatch*:Sampler*:HonestTime*:Floor*:Controls*:ProcessThreads*"))
