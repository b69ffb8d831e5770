#include "kernels/simt/host/fragments.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/op/unchecked.h"
#include "kernels/simt/host/matrix_multiply.h"
#include "kernels/simt/host/warp_operation.h"

namespace kernelgate::simt::executor {
namespace {

static_assert(std::endian::native == std::endian::little, "a register's lower half is the smaller address");

struct LdmatrixArguments {
  std::uint32_t* r;
  const void* row;
  int matrices;
  bool transposed;
};

void check_row(Block& block, unsigned warp, unsigned lane, const Operation& operation, const LdmatrixArguments& mine) {
  const SharedMemory& shared = block.shared();
  const Thread& thread = block.thread(warp * 32 + lane);
  const char* why = static_cast<int>(lane) < 8 * mine.matrices ? "" : " (unused by sm_80 and on, undefined on sm_75)";
  if (!shared.contains(mine.row, 16))
    fault(thread, operation, fmt::format("out of bounds: its row of 16 bytes is {}{}", shared.locate(mine.row), why));
  if (reinterpret_cast<std::uintptr_t>(mine.row) % 16 != 0)
    fault(thread, operation,
          fmt::format("misaligned: its row is {}, must be a multiple of 16{}", shared.locate(mine.row), why));
}

void perform_ldmatrix(Block& block, unsigned warp, const Operation& operation, void* const* arguments) {
  const auto lane_arguments = [&](unsigned lane) -> const LdmatrixArguments& {
    return *static_cast<const LdmatrixArguments*>(arguments[lane]);
  };
  for (unsigned lane = 0; lane < 32; ++lane) check_row(block, warp, lane, operation, lane_arguments(lane));
  if (BlockCounters* counters = block.counters()) {
    std::array<const void*, 32> rows;
    for (unsigned lane = 0; lane < 32; ++lane) rows[lane] = lane_arguments(lane).row;
    counters->note_ldmatrix(warp, operation,
                            std::span(rows).first(8 * static_cast<std::size_t>(lane_arguments(0).matrices)));
  }
  for (unsigned m = 0; m < static_cast<unsigned>(lane_arguments(0).matrices); ++m) {
    std::uint16_t matrix[8][8];
    for (unsigned i = 0; i < 8; ++i) std::memcpy(matrix[i], lane_arguments(8 * m + i).row, 16);
    for (unsigned lane = 0; lane < 32; ++lane) {
      const unsigned g = lane / 4, t = lane % 4;
      const LdmatrixArguments& mine = lane_arguments(lane);
      const std::uint32_t low = mine.transposed ? matrix[2 * t][g] : matrix[g][2 * t];
      const std::uint32_t high = mine.transposed ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
      mine.r[m] = low | high << 16;
    }
  }
}

struct StmatrixArguments {
  std::byte* row;
  const std::uint32_t* r;
  int matrices;
  bool transposed;
};

void perform_stmatrix(Block& block, unsigned warp, const Operation& operation, void* const* arguments) {
  const auto lane_arguments = [&](unsigned lane) -> const StmatrixArguments& {
    return *static_cast<const StmatrixArguments*>(arguments[lane]);
  };
  const auto rows = 8 * static_cast<unsigned>(lane_arguments(0).matrices);
  for (unsigned lane = 0; lane < rows; ++lane) {
    const std::byte* row = lane_arguments(lane).row;
    const Thread& thread = block.thread(warp * 32 + lane);
    if (!block.shared().contains(row, 16))
      fault(thread, operation, fmt::format("out of bounds: its row of 16 bytes is {}", block.shared().locate(row)));
    if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0)
      fault(thread, operation,
            fmt::format("misaligned: its row is {}, must be a multiple of 16", block.shared().locate(row)));
  }
  if (BlockCounters* counters = block.counters()) {
    std::array<const void*, 32> addresses;
    for (unsigned lane = 0; lane < rows; ++lane) addresses[lane] = lane_arguments(lane).row;
    counters->note_stmatrix(warp, operation, std::span(addresses).first(rows));
  }
  for (unsigned m = 0; m < rows / 8; ++m) {
    std::uint16_t matrix[8][8];
    for (unsigned lane = 0; lane < 32; ++lane) {
      const unsigned g = lane / 4, t = lane % 4;
      const StmatrixArguments& mine = lane_arguments(lane);
      (mine.transposed ? matrix[2 * t][g] : matrix[g][2 * t]) = static_cast<std::uint16_t>(mine.r[m] & 0xffffu);
      (mine.transposed ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1]) = static_cast<std::uint16_t>(mine.r[m] >> 16);
    }
    for (unsigned i = 0; i < 8; ++i) {
      std::byte* row = lane_arguments(8 * m + i).row;
      std::memcpy(row, matrix[i], 16);
      block.proxies().generic_write(block.thread(warp * 32 + 8 * m + i), operation, row, 16);
    }
  }
}

struct MmaArguments {
  float* d;
  const std::uint32_t* a;
  const std::uint32_t* b;
};

void widen(const f16* from, float* to, std::size_t count, bool from_bf16) {
  if (!from_bf16) return to_float(from, to, count);
  for (std::size_t i = 0; i < count; ++i) to[i] = to_float(bf16{from[i].bits});
}

// mma.h's types say how many registers each lane gives.
template <int depth, bool bf16>
KERNELGATE_UNCHECKED void perform_mma(Block& block, unsigned, const Operation&, void* const* arguments) {
  if (BlockCounters* counters = block.counters()) counters->note_mma(depth);
  // The layouts of mma.h, gathered into a: [16][depth] and b: [depth][8].
  std::uint32_t a_pairs[16][depth / 2];
  f16 b_halves[depth][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const auto& mine = *static_cast<const MmaArguments*>(arguments[lane]);
    for (unsigned part = 0; part < depth / 8; ++part) {
      a_pairs[g][4 * part + t] = mine.a[2 * part];
      a_pairs[g + 8][4 * part + t] = mine.a[2 * part + 1];
      b_halves[8 * part + 2 * t][g].bits = static_cast<std::uint16_t>(mine.b[part] & 0xffffu);
      b_halves[8 * part + 2 * t + 1][g].bits = static_cast<std::uint16_t>(mine.b[part] >> 16);
    }
  }
  f16 a_halves[16][depth];
  std::memcpy(a_halves, a_pairs, sizeof a_halves);
  alignas(32) float a[16][depth];
  alignas(32) float b[depth][8];
  widen(&a_halves[0][0], &a[0][0], 16 * depth, bf16);
  widen(&b_halves[0][0], &b[0][0], depth * 8, bf16);

  alignas(32) float d[16][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const auto& mine = *static_cast<const MmaArguments*>(arguments[lane]);
    for (unsigned i = 0; i < 4; ++i) d[g + i / 2 * 8][2 * t + i % 2] = mine.d[i];
  }
  multiply(&a[0][0], &b[0][0], &d[0][0], {16, 8, depth}, true);
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const auto& mine = *static_cast<const MmaArguments*>(arguments[lane]);
    for (unsigned i = 0; i < 4; ++i) mine.d[i] = d[g + i / 2 * 8][2 * t + i % 2];
  }
}

}  // namespace

void ldmatrix(const Operation& operation, std::uint32_t* r, const void* row, int matrices, bool transposed) {
  LdmatrixArguments mine{r, row, matrices, transposed};
  warp_operation(operation, &mine, perform_ldmatrix);
}

void stmatrix(const Operation& operation, void* row, const std::uint32_t* r, int matrices, bool transposed) {
  StmatrixArguments mine{static_cast<std::byte*>(row), r, matrices, transposed};
  warp_operation(operation, &mine, perform_stmatrix);
}

void mma(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b, int depth) {
  MmaArguments mine{d, a, b};
  warp_operation(operation, &mine, depth == 16 ? perform_mma<16, false> : perform_mma<8, false>);
}

void mma_bf16(const Operation& operation, float* d, const std::uint32_t* a, const std::uint32_t* b, int depth) {
  MmaArguments mine{d, a, b};
  warp_operation(operation, &mine, depth == 16 ? perform_mma<16, true> : perform_mma<8, true>);
}

}  // namespace kernelgate::simt::executor
