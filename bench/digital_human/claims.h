#pragma once
// What a guide to digital-human servers claims of GPUs, each answered in a sentence by this machine's own figures.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/digital_human/cold_start.h"
#include "bench/digital_human/tiles.h"

namespace kernelgate {

/// A batch that was measured: the quickest implementation of one device.
struct BatchTime {
  std::int64_t frames = 0;
  double seconds = 0;  ///< of the batch
  std::string implementation;
  double frames_per_second() const { return static_cast<double>(frames) / seconds; }
};

struct DigitalHumanFigures {
  std::vector<BatchTime> gpu, cpu;  ///< by frames; empty: not measured
  ColdStart gpu_start, cpu_start;   ///< of one frame at a time
  std::vector<TilePlan> tiles;
  bool on_gpu = false;  ///< the run was on one
  std::string why_no_gpu = "no GPU";
};

struct Claim {
  std::string claim;   ///< as the guide says it
  std::string answer;  ///< one plain sentence with figures, or "not measured here: no GPU"
};

/// Four: a minute of video, the first call, batches, 4K.
std::vector<Claim> answer_claims(const DigitalHumanFigures& figures);

std::string show(const std::vector<Claim>& claims);
/// Frames a second by batch, and the time to the first frame.
std::string show_batches(const DigitalHumanFigures& figures);

}  // namespace kernelgate
