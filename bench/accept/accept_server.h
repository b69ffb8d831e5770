#pragma once
// Measures all GPUs of a machine: the links one GPU after the other, then all at once, each in a process of its own.

#include <chrono>
#include <string>
#include <vector>

#include "bench/accept/worker.h"
#include "harness/accept/measured.h"
#include "harness/check/machine/facts.h"

namespace kernelgate::accept {

struct ServerOptions {
  std::vector<int> gpus;                                       ///< as CUDA counts
  WorkerOptions worker;                                        ///< of each; `gpu` is set for it
  std::chrono::milliseconds limit = std::chrono::seconds(60);  ///< from one word of a process to the next
};

/// A process that dies or hangs is that GPU's; the others go on. Says on stderr how far it is.
std::vector<Measured> measure_server(const ServerOptions& options, const Environment& environment);

/// What the check knows of a GPU, so that the sheet names it.
Measured named(int gpu, const Environment& environment);

}  // namespace kernelgate::accept
