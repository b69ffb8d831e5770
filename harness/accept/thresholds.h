#pragma once
// What a GPU must reach to be accepted: data with a source, multiplied by what this GPU says of itself.

#include <string>
#include <string_view>
#include <vector>

namespace kernelgate::accept {

struct Threshold {
  std::string id, unit, text, source;
  double value = 0;
};

/// All of harness/accept/data/thresholds.json, in its order.
const std::vector<Threshold>& thresholds();

/// Errors  std::out_of_range: there is none of that id.
const Threshold& threshold(std::string_view id);

/// What a PCIe link carries in one direction before packets and flow control.
///
/// Units   bytes per second; 0 for a generation that is not known.
/// Source  PCI Express Base Specification: 2.5, 5, 8, 16, 32, 64 GT/s a lane; 8b/10b, from generation 3 on 128b/130b,
/// and
///         of generation 6, which sends flits, all bits.
double pcie_bytes_per_s(int generation, int width);

/// Units   hertz, bits. Two transfers a clock, as all memories of GPUs that NVML reports so.
double memory_bytes_per_s(double clock_hz, int bus_bits);

}  // namespace kernelgate::accept
