#!/usr/bin/env python3
"""Breaks one line of the statistics at a time and expects the tests to see it.

    scripts/mutate_statistics.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA; the
working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.
"""
import os
import sys

import mutants

# name, file, the line as it is, the line as it must not be
MUTANTS = [
    ("ddof of the screen", "screen.cpp", "m.variance / static_cast<double>(m.count - 1)", "m.variance / static_cast<double>(m.count)"),
    ("prediction factor of the screen", "screen.cpp", "variance * (1 + 1 / static_cast<double>(usual[k].count))", "variance"),
    ("tail of the screen", "screen.cpp", "one.p_slower = student_t_upper_tail(one.beyond / one.se, one.df)", "one.p_slower = student_t_upper_tail(-one.beyond / one.se, one.df)"),
    ("common mode left on", "screen.cpp", "cases[k].tonight - (report.relative ? common.back() : 0)", "cases[k].tonight"),
    ("suite's variance left out", "screen.cpp", "(suite_prior_df * typical + own_df * usual[k].variance) / one.df", "usual[k].variance"),
    ("ddof of the blocks", "confirm.cpp", "std::sqrt(squares / (count - 1))", "std::sqrt(squares / count)"),
    ("winsorised variance", "confirm.cpp", "sd * std::sqrt(count) / kept, kept - 1", "sd / std::sqrt(count), count - 1"),
    ("threshold of the blocks", "confirm.cpp", "const double beyond = mean_ - candidate_.threshold;", "const double beyond = mean_;"),
    ("tail of the blocks", "confirm.cpp", "student_t_upper_tail(beyond / se_, df())", "student_t_upper_tail(-beyond / se_, df())"),
    ("two directions, one tail", "confirm.cpp", "p_ = std::min(1.0, 2 * p_)", "p_ = std::min(1.0, p_)"),
    ("pilot's spread as the floor", "confirm.cpp", "sd_ = std::max(sd_, pilot_sd_);", ""),
    ("early decisions at the full level", "confirm.cpp", "constexpr double early_level = 0.01;", "constexpr double early_level = 1;"),
    ("Holm's order", "multiplicity.cpp", "std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });", "std::ranges::stable_sort(order, {}, [&](std::size_t i) { return -p[i]; });"),
    ("Holm's divisor", "multiplicity.cpp", "alpha / static_cast<double>(left)", "alpha"),
    ("Benjamini's rank", "multiplicity.cpp", "rate * static_cast<double>(rank) / count", "rate / count"),
    ("swapped sides of blocks", "night_verdicts.cpp", "set_interval(verdict, blocks.effect, blocks.low, blocks.high)", "set_interval(verdict, -blocks.effect, blocks.low, blocks.high)"),
    ("swapped sides of files", "decision.cpp", "out.effect = out.new_level - out.base_level;", "out.effect = out.base_level - out.new_level;"),
    ("swapped sides of cycles", "decision.cpp", "return location(fresh, noise) - location(base, noise);", "return location(base, noise) - location(fresh, noise);"),
    ("faster without its threshold", "decision.cpp", "student_t_upper_tail((-one.effect - one.threshold) / w.se, w.df)", "student_t_upper_tail(-one.effect / w.se, w.df)"),
    ("half of a probability", "decision.cpp", "p_slower.push_back(student_t_upper_tail(", "p_slower.push_back(0.5 * student_t_upper_tail("),
    ("tail of two files", "decision.cpp", "student_t_upper_tail((one.effect - one.threshold) / w.se, w.df)", "student_t_upper_tail((one.threshold - one.effect) / w.se, w.df)"),
    ("threshold of two files", "decision.cpp", "student_t_upper_tail((one.effect - one.threshold) / w.se, w.df)", "student_t_upper_tail(one.effect / w.se, w.df)"),
    ("the night between two files", "decision.cpp", "2 * device.night_sd * device.night_sd : 0", "0 : 0"),
    ("the suite's scatter", "decision.cpp", "if (scatter.df > 0 && scatter.sd > scatter.by_chance * one.se)", "if (false)"),
    ("Holm over the files' cases", "decision.cpp", "slower = holm(p_slower, alpha)", "slower = holm(p_slower, 1.0)"),
    ("the boots' floor", "decision.cpp", "if (unit == Unit::boot && std::min(base.size(), fresh.size()) < fewest_boots)", "if (false)"),
    ("power of the detectable change", "decision.cpp", "one.threshold + (limit + table(detectable_power, w.df)) * w.se", "one.threshold + limit * w.se"),
    ("equivalence without its interval", "decision.cpp", "std::fabs(one.effect) + table(equivalence_confidence, w.df) * se < margin", "std::fabs(one.effect) < margin"),
    ("tolerance factor's confidence", "fleet.cpp", "non_central_t_quantile(confidence, count - 1", "non_central_t_quantile(0.5, count - 1"),
    ("rank of the fleet's limit", "fleet.cpp", "return sorted[rank - 1];", "return sorted[rank];"),
    ("nights as one", "units.cpp", "return nights_in(base) > 1 || nights_in(fresh) > 1 ? Unit::night : Unit::run;", "return Unit::run;"),
]

if __name__ == "__main__":
    os.environ["KERNELGATE_THOROUGH"] = "1"  # the quick forms of the tests of rates see less
    filters = "-Diagnose*:Codegen*:Ptxas*:ChildProcess*:*WhatIsSaidToBeDetectable*/t3:*WhatIsSaidToBeDetectable*/hot"
    sys.exit(mutants.main(MUTANTS, "harness", "judge_tests", filters))
