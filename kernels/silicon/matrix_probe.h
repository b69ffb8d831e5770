#pragma once
// Kernels that show ldmatrix, stmatrix and mma: registers to registers, by way of the layout that is asked about.

#include <bit>
#include <cstdint>

#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"
#include "kernels/simt/simt.h"

namespace kernelgate::silicon {
inline namespace SIMT_SIDE {

/// Where row `lane` of a warp's 32 rows of 16 bytes lies: all over 1 KiB, each row once for each half.
SIMT_DEVICE unsigned scattered_row(unsigned lane) { return (lane * 21 + 7) % 64 * 16; }

inline constexpr unsigned matrices_bytes = 1024;

/// `Load::of(registers, row)` of MATRICES; in: the 64 rows.
template <class Load, int MATRICES>
SIMT_KERNEL(32)
void load_matrix(const std::uint32_t* in, std::uint32_t* out) {
  auto* rows = simt::dynamic_shared<char>();
  copy_to_shared(rows, in, matrices_bytes);
  simt::sync_threads();
  std::uint32_t r[MATRICES];
  // The upper lanes' addresses are not used by x1 and x2, and must be good ones.
  Load::of(r, rows + scattered_row(simt::lane_idx() % (8 * MATRICES)));
  for (int i = 0; i < MATRICES; ++i) simt::store_global(out + 32 * i + simt::lane_idx(), r[i]);
}

template <class Load, int MATRICES>
Probe load_matrix_probe(const char* name) {
  return {name,
          {},
          Inputs::bits,
          matrices_bytes,
          Outputs::bits,
          MATRICES * 128,
          {},
          [](const void* in, void* out, Stream stream) {
            simt::launch(load_matrix<Load, MATRICES>, {{1}, {32}, matrices_bytes, "load_matrix"}, stream,
                         static_cast<const std::uint32_t*>(in), static_cast<std::uint32_t*>(out));
          }};
}

/// `Store::of(row, registers)`; out: the 64 rows, which were 0x55.
template <class Store, int MATRICES>
SIMT_KERNEL(32)
void store_matrix(const std::uint32_t* in, std::uint32_t* out) {
  auto* rows = simt::dynamic_shared<char>();
  fill_shared(rows, matrices_bytes, 0x55555555u);
  simt::sync_threads();
  std::uint32_t r[MATRICES];
  for (int i = 0; i < MATRICES; ++i) r[i] = simt::load_global(in + 32 * i + simt::lane_idx());
  Store::of(rows + scattered_row(simt::lane_idx() % (8 * MATRICES)), r);
  simt::sync_threads();
  copy_from_shared(out, rows, matrices_bytes);
}

template <class Store, int MATRICES>
Probe store_matrix_probe(const char* name) {
  return {name,
          {90},
          Inputs::bits,
          MATRICES * 128,
          Outputs::bits,
          matrices_bytes,
          {},
          [](const void* in, void* out, Stream stream) {
            simt::launch(store_matrix<Store, MATRICES>, {{1}, {32}, matrices_bytes, "store_matrix"}, stream,
                         static_cast<const std::uint32_t*>(in), static_cast<std::uint32_t*>(out));
          }};
}

/// Products of a warp: the registers of a, b and c are the inputs, those of d the outputs, after one product and after
/// three.
template <class Multiply, int A, int B>
SIMT_KERNEL(32)
void multiply_matrix(const std::uint32_t* in, std::uint32_t* out) {
  const unsigned lane = simt::lane_idx();
  std::uint32_t a[A], b[B];
  for (int i = 0; i < A; ++i) a[i] = simt::load_global(in + 32 * i + lane);
  for (int i = 0; i < B; ++i) b[i] = simt::load_global(in + 32 * (A + i) + lane);
  float d[4];
  for (int i = 0; i < 4; ++i) d[i] = Multiply::number(simt::load_global(in + 32 * (A + B + i) + lane));
  Multiply::of(d, a, b);
  for (int i = 0; i < 4; ++i) simt::store_global(out + 32 * i + lane, std::bit_cast<std::uint32_t>(d[i]));
  Multiply::of(d, a, b);
  Multiply::of(d, a, b);
  for (int i = 0; i < 4; ++i) simt::store_global(out + 128 + 32 * i + lane, std::bit_cast<std::uint32_t>(d[i]));
}

/// How far sums of `terms` products of reals may be apart: each of the additions errs by at most 2^-22 of the largest
/// sum that there can be, on a GPU, which truncates.
///
/// Source  kernels/simt/mma.h: the order and the truncation are not documented; inputs are at most 4.
constexpr Tolerance sums_of(int terms) { return {terms * 0x1p-22 * (16.0 * terms + 4), 0}; }

template <class Multiply, int A, int B>
Probe multiply_probe(const char* name, Needs needs, Inputs inputs, Tolerance tolerance = {}) {
  return {name,
          needs,
          inputs,
          (A + B + 4) * 128,
          Outputs::f32,
          8 * 128,
          tolerance,
          [](const void* in, void* out, Stream stream) {
            simt::launch(multiply_matrix<Multiply, A, B>, {{1}, {32}, 0, "multiply_matrix"}, stream,
                         static_cast<const std::uint32_t*>(in), static_cast<std::uint32_t*>(out));
          }};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon
