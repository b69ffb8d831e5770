#pragma once
// What wgmma multiplies on the host, and the place of each of its elements in the threads' registers.

#include <cstdint>

#include "kernels/simt/wgmma_form.h"

namespace kernelgate::simt::executor {

constexpr int wgmma_rows = 64;
constexpr int wgmma_depth = 16;
constexpr unsigned warpgroup_threads = 128;

/// Where thread t of the warpgroup keeps its first two elements of D; two more are 8 rows below, and so on each 8
/// columns.
///
/// Source  PTX ISA, "Register Fragments and Shared Memory Matrix Layouts" of wgmma, D.
constexpr int row_of_thread(unsigned t) { return static_cast<int>(t / 32 * 16 + t % 32 / 4); }
constexpr int column_of_thread(unsigned t) { return static_cast<int>(t % 4 * 2); }

/// 16-bit elements as f32, exactly.
void widen(WgmmaInput input, bool negate, const std::uint16_t* from, float* to, int count);

}  // namespace kernelgate::simt::executor
