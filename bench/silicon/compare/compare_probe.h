#pragma once
// One probe on both sides, and what is said of it: a line of JSON.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "kernels/silicon/probe.h"

namespace kernelgate::silicon {

/// A probe as the host executor runs it, and as the GPU does.
struct ProbePair {
  Probe executor, other;
};

/// What both devices have, the least known first: what one architecture alone has, then by architecture, then by name.
/// A rehearsal has the executor on both sides.
std::vector<ProbePair> probe_pairs(bool rehearsal);

/// {"probe", "outcome", ...}. Outcomes: same; different ("at", "executor", "gpu", "elements", "of"); gpu_error,
/// executor_error ("text").
///
/// `usable`: whether this process can go on with the GPU.
nlohmann::ordered_json compare_probe(const ProbePair& pair, const Device& device, std::uint64_t seed, bool& usable);

}  // namespace kernelgate::silicon
