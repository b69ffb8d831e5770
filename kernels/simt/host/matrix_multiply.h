#pragma once
// The arithmetic of mma and wgmma on the host.

namespace kernelgate::simt::executor {

/// `rows` is a multiple of 4, `columns` one of 8.
struct MatrixShape {
  int rows;
  int columns;
  int depth;
};

/// d = a b + d, or a b: a [rows][depth], b [depth][columns], d [rows][columns], row by row. Added in the order of k,
/// each step rounded.
void multiply(const float* a, const float* b, float* d, MatrixShape shape, bool add);

}  // namespace kernelgate::simt::executor
