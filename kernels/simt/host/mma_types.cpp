#include "kernels/simt/host/mma_types.h"

#include <bit>

#include "kernels/op/e4m3.h"
#include "kernels/simt/host/matrix_multiply.h"
#include "kernels/simt/host/warp_operation.h"

namespace kernelgate::simt::executor {
namespace {

template <class D>
struct Arguments {
  D* d;
  const std::uint32_t* a;
  const std::uint32_t* b;
};

struct DoubleArguments {
  double* d;
  double a, b;
};

/// Rows of A are g and g + 8, columns of D 2t and 2t + 1.
struct Place {
  explicit Place(unsigned lane) : g(lane / 4), t(lane % 4) {}
  unsigned g, t;
};

template <class D>
void gather_sums(void* const* arguments, D (&d)[16][8]) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    const Place at(lane);
    const auto& mine = *static_cast<const Arguments<D>*>(arguments[lane]);
    for (unsigned i = 0; i < 4; ++i) d[at.g + i / 2 * 8][2 * at.t + i % 2] = mine.d[i];
  }
}

template <class D>
void scatter_sums(void* const* arguments, const D (&d)[16][8]) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    const Place at(lane);
    const auto& mine = *static_cast<const Arguments<D>*>(arguments[lane]);
    for (unsigned i = 0; i < 4; ++i) mine.d[i] = d[at.g + i / 2 * 8][2 * at.t + i % 2];
  }
}

/// A multiplication and its addition are two.
void note(Block& block, unsigned rows, unsigned columns, unsigned depth) {
  if (BlockCounters* counters = block.counters()) counters->values.tensor_flop += 2u * rows * columns * depth;
}

float from_tf32(std::uint32_t bits) { return std::bit_cast<float>(bits & 0xffffe000u); }

void perform_tf32(Block& block, unsigned, const Operation&, void* const* arguments) {
  note(block, 16, 8, 8);
  alignas(32) float a[16][8], b[8][8], d[16][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const Place at(lane);
    const auto& mine = *static_cast<const Arguments<float>*>(arguments[lane]);
    for (unsigned i = 0; i < 4; ++i) a[at.g + i % 2 * 8][at.t + i / 2 * 4] = from_tf32(mine.a[i]);
    for (unsigned i = 0; i < 2; ++i) b[at.t + i * 4][at.g] = from_tf32(mine.b[i]);
  }
  gather_sums(arguments, d);
  multiply(&a[0][0], &b[0][0], &d[0][0], {16, 8, 8}, true);
  scatter_sums(arguments, d);
}

/// A: 16x32 and B: 32x8 of bytes, each made a number by `widen`.
template <class D, class Number, class Widen>
void gather_bytes(void* const* arguments, Number (&a)[16][32], Number (&b)[32][8], Widen widen) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    const Place at(lane);
    const auto& mine = *static_cast<const Arguments<D>*>(arguments[lane]);
    const auto byte = [&](std::uint32_t bits, unsigned i) { return widen(static_cast<std::uint8_t>(bits >> 8 * i)); };
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned part = 0; part < 4; ++part)
        a[at.g + part % 2 * 8][part / 2 * 16 + 4 * at.t + i] = byte(mine.a[part], i);
      for (unsigned part = 0; part < 2; ++part) b[part * 16 + 4 * at.t + i][at.g] = byte(mine.b[part], i);
    }
  }
}

void perform_s8(Block& block, unsigned, const Operation&, void* const* arguments) {
  note(block, 16, 8, 32);
  std::int32_t a[16][32], b[32][8], d[16][8];
  gather_bytes<std::int32_t>(arguments, a, b, [](std::uint8_t bits) { return (bits ^ 128) - 128; });
  gather_sums(arguments, d);
  for (int m = 0; m < 16; ++m)
    for (int n = 0; n < 8; ++n) {
      auto sum = static_cast<std::uint32_t>(d[m][n]);
      for (int k = 0; k < 32; ++k) sum += static_cast<std::uint32_t>(a[m][k] * b[k][n]);
      d[m][n] = static_cast<std::int32_t>(sum);
    }
  scatter_sums(arguments, d);
}

void perform_e4m3(Block& block, unsigned, const Operation&, void* const* arguments) {
  note(block, 16, 8, 32);
  alignas(32) float a[16][32], b[32][8], d[16][8];
  gather_bytes<float>(arguments, a, b, [](std::uint8_t bits) { return to_float(e4m3{bits}); });
  gather_sums(arguments, d);
  multiply(&a[0][0], &b[0][0], &d[0][0], {16, 8, 32}, true);
  scatter_sums(arguments, d);
}

void perform_f64(Block& block, unsigned, const Operation&, void* const* arguments) {
  note(block, 8, 8, 4);
  const auto of = [&](unsigned lane) -> const DoubleArguments& {
    return *static_cast<const DoubleArguments*>(arguments[lane]);
  };
  for (unsigned lane = 0; lane < 32; ++lane) {
    const Place at(lane);
    for (unsigned i = 0; i < 2; ++i)
      for (unsigned k = 0; k < 4; ++k) of(lane).d[i] += of(4 * at.g + k).a * of(4 * (2 * at.t + i) + k).b;
  }
}

}  // namespace

void mma_tf32(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b) {
  Arguments<float> mine{d, a, b};
  warp_operation(operation, &mine, perform_tf32);
}

void mma_s8(const Operation& operation, std::int32_t* d, const std::uint32_t* a, const std::uint32_t* b) {
  Arguments<std::int32_t> mine{d, a, b};
  warp_operation(operation, &mine, perform_s8);
}

void mma_e4m3(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b) {
  Arguments<float> mine{d, a, b};
  warp_operation(operation, &mine, perform_e4m3);
}

void mma_f64(const Operation& operation, double* d, double a, double b) {
  DoubleArguments mine{d, a, b};
  warp_operation(operation, &mine, perform_f64);
}

}  // namespace kernelgate::simt::executor
