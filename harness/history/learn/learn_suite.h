#pragma once
// What a new result can be judged by: the earlier runs of its kind of machine.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/history/store/sources.h"
#include "harness/judge/compare/learned.h"
#include "harness/sides/side.h"

namespace kernelgate::history {

struct Learned {
  LearnedSuite suite;
  Found found;  ///< what was read, and what could not be
};

/// Reads folders, files and stores, and takes what was measured before the new side, in an environment that differs in
/// nothing but what `vary` declares. What the new side itself is made of is left out. Steps and drift are found and
/// taken out, as `history` does. Errors  HarnessError(refused): nothing was measured in this environment, with what
/// differs; HarnessError(usage): nothing to read, or `vary` names what no environment has.
Learned learn_suite(const std::vector<std::filesystem::path>& places, const Side& fresh,
                    const std::vector<std::string>& vary);

/// The same of series at hand, all of which are earlier, and of the new side's environment.
LearnedSuite learn_from(const std::vector<Series>& all);

/// A side's runs as the present level, in place of the history's last nights.
void take_as_level(LearnedSuite& suite, const Side& base);

}  // namespace kernelgate::history
