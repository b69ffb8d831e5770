#pragma once
// How a diagnosis words what it saw.

#include <string>
#include <vector>

#include "harness/check/check_options.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

/// "cuInit returned 802", or why there is no code.
std::string cuda_evidence(const Environment& environment);
/// "GPU 0: making a context returned 46"; the child's end, when it hung or crashed; empty: nothing failed.
std::string trial_evidence(const Environment& environment, const CheckOptions& options);
std::string nvml_evidence(const Environment& environment);
/// "kernel module 580.65.06 (open)"
std::string module_evidence(const Environment& environment);
/// "GPU 0 NVIDIA H200 (0000:01:00.0)"
std::string gpu_label(const Gpu& gpu);
/// The version in a driver library's file name: "580.65.06" of ".../libcuda.so.580.65.06"; empty: none.
std::string version_suffix(const std::string& library_path);
/// Those that CUDA sees; all of them when it sees none.
std::vector<const Gpu*> relevant_gpus(const Environment& environment);

}  // namespace kernelgate
