#pragma once
// ldmatrix, stmatrix and mma on the host: fragments of all 32 lanes are gathered, computed and scattered at once.

#include <cstdint>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

/// `matrices` registers are written to r.
void ldmatrix(const Operation& operation, std::uint32_t* r, const void* row, int matrices, bool transposed);

/// The converse: `matrices` registers of r are written to shared memory.
void stmatrix(const Operation& operation, void* row, const std::uint32_t* r, int matrices, bool transposed);

/// d += a b of m16n8k<depth>, depth 8 or 16.
void mma(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b, int depth);
void mma_bf16(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b, int depth);

}  // namespace kernelgate::simt::executor
