#pragma once
// One run of a probe on one device, and what two of them have in common.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/silicon/probe.h"

namespace kernelgate::silicon {

/// Why this GPU can't run it; empty: it can.
std::string why_not(const Needs& needs, const Device& gpu);

/// What the probe writes for the inputs of this seed, where `device` is of its kind.
///
/// Errors  simt::Fault, DeviceError; Error: it wrote outside its outputs.
std::vector<std::byte> run_probe(const Probe& probe, const Device& device, std::uint64_t seed);

/// Where two runs differ first.
///
/// Units  at: bytes from the beginning of the outputs.
struct Difference {
  std::size_t elements = 0;  ///< that differ
  std::size_t of = 0;        ///< all
  std::size_t at = 0;
  std::string executor, gpu;  ///< that element as bits and, of floats, as a number
};

/// Nothing where they agree as the probe asks.
std::optional<Difference> compare(const Probe& probe, std::span<const std::byte> executor,
                                  std::span<const std::byte> gpu);

}  // namespace kernelgate::silicon
