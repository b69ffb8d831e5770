#pragma once
// What a process run draws anew: the order of its cases, and where in their allocations tensors begin. So what comes of
// placement is part of how runs differ, instead of a bias that all of them share.

#include <cstdint>
#include <vector>

#include "bench/run/cases.h"

namespace kernelgate {

/// Of process run `run` under the user's seed; never 0, which stands for the tables' order and no offsets. 32 bits: a
/// reader of JSON may hold numbers as doubles.
std::uint64_t layout_seed(std::uint64_t seed, int run);

/// Brings the groups (a problem's cases) into a random order, and the cases within each; the cases of a group stay
/// together, for they are measured together. The same on every machine. Seed 0: as they are.
std::vector<std::size_t> run_order(const std::vector<Case>& cases, std::uint64_t seed);

}  // namespace kernelgate
