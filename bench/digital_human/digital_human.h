#pragma once
// What suite digital-human says beyond its cases: frames a second, a cold start, 4K, and the claims' answers.

#include <cstdio>
#include <string>

#include "harness/result/result.h"
#include "kernels/op/device.h"

namespace kernelgate {

inline constexpr const char* digital_human_suite = "digital-human";

/// Starts processes for what no case measures: the cold starts, and larger tiles on the CPU. `why_no_gpu`: where
/// `device` is none.
void print_digital_human(const Result& result, const Device& device, const std::string& why_no_gpu, std::FILE* stream);

}  // namespace kernelgate
