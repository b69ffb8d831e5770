#pragma once
// Figures of this very GPU, as a file that `kernelgate predict --gpu FILE` reads.

#include <string>
#include <vector>

#include "bench/silicon/gpu_here.h"
#include "bench/silicon/measure/microbenchmark.h"

namespace kernelgate::silicon {

/// That of the GPU that is most like it, of those that come with the program, with what was measured in place of what
/// was published. What the model has no key for is left out: it is among the readings.
///
/// `date`: "2026-11-22". Errors  HarnessError (usage): none of them is of this compute capability.
std::string gpu_file(const GpuHere& gpu, const std::vector<Figure>& figures, const std::string& date);

/// The name of the GPU that it begins from: "h200-sxm"; empty: none is like it.
std::string most_alike(const Device& gpu);

/// How far each measured figure is from that file's.
struct Moved {
  std::string key;
  double assumed = 0, measured = 0;
};
std::vector<Moved> moved(const std::string& like, const std::vector<Figure>& figures);

}  // namespace kernelgate::silicon
