#pragma once
// The inputs of a probe: the same for the same seed, on every machine.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/silicon/probe.h"

namespace kernelgate::silicon {

std::vector<std::byte> make_inputs(Inputs kind, std::size_t bytes, std::uint64_t seed);

}  // namespace kernelgate::silicon
