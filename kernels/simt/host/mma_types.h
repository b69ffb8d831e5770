#pragma once
// mma of tf32, int8, e4m3 and f64 on the host: the layouts are those of kernels/simt/mma_types.h.

#include <cstdint>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void mma_tf32(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b);
void mma_s8(const Operation& operation, std::int32_t* d, const std::uint32_t* a, const std::uint32_t* b);
void mma_e4m3(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b);
void mma_f64(const Operation& operation, double* d, double a, double b);

}  // namespace kernelgate::simt::executor
