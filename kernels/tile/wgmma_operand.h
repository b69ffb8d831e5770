#pragma once
// A tile of A or B as TMA brings it to shared memory and wgmma reads it there.

#include <array>
#include <cstdint>

#include "kernels/op/type.h"
#include "kernels/simt/simt.h"

namespace kernelgate::tile {

/// How large the boxes are that such a tile is loaded in, and how they are swizzled: what its tensor map must say.
///
/// Units   elements; `columns` are what is contiguous in memory.
struct OperandBox {
  std::uint32_t columns, rows;
  simt::Swizzle swizzle;
};

/// What wgmma is to take a matrix's elements for.
constexpr simt::WgmmaInput wgmma_input(Type type) {
  return type == Type::bf16 ? simt::WgmmaInput::bf16 : simt::WgmmaInput::f16;
}

inline namespace SIMT_SIDE {

/// MN x K elements, MN being M for A and N for B, in the order that they have in global memory: rows of K (MAJOR k) or
/// rows of MN (MAJOR mn). It lies in boxes one behind the other, each as wide as its swizzle: 64 elements, or as many
/// as MN has where that is what runs fastest and is less.
///
/// PARTS: how many blocks of a cluster load the tile together. Each brings a part of every box's rows to all of them.
template <int MN, int K, simt::Major MAJOR, int PARTS = 1>
struct WgmmaOperand {
  static constexpr bool k_major = MAJOR == simt::Major::k;
  static constexpr int box_columns = k_major || MN >= 64 ? 64 : MN, row_bytes = box_columns * 2;
  static constexpr int box_rows = k_major ? MN : K;
  static constexpr int box_bytes = box_rows * row_bytes;
  static constexpr int num_boxes = (k_major ? K : MN) / box_columns;
  static constexpr int smem_bytes = num_boxes * box_bytes;
  static constexpr simt::Swizzle swizzle = box_columns == 64   ? simt::Swizzle::bytes_128
                                           : box_columns == 32 ? simt::Swizzle::bytes_64
                                                               : simt::Swizzle::bytes_32;
  static constexpr OperandBox box{box_columns, box_rows / PARTS, swizzle};

  static_assert(K % 64 == 0 && (MN % 64 == 0 || MN == 32 || MN == 16), "whole boxes, each a whole swizzled row wide");
  static_assert(box.rows <= 256, "what TMA can do");
  static_assert(box_rows % (8 * PARTS) == 0, "a part must be whole repetitions of the swizzle");

  /// By one thread. Loads the elements from (mn, k) of the batch's matrix `item` on; `smem` at a multiple of 1024.
  /// Where the tile has parts, the rows of block `part` of the cluster, for all its blocks.
  ///
  /// Errors  host: those of tma_load_3d.
  SIMT_DEVICE static void load(unsigned char* smem, const simt::TensorMap& map, simt::Mbarrier* full, int mn, int k,
                               int item, unsigned part = 0, simt::CacheHint hint = simt::CacheHint::evict_normal,
                               simt::Where where = simt::Where::current()) {
    const int first_row = static_cast<int>(part) * (box_rows / PARTS);
    const int column = k_major ? k : mn, row = (k_major ? mn : k) + first_row;
    SIMT_UNROLL
    for (int i = 0; i < num_boxes; ++i) {
      unsigned char* const to = smem + i * box_bytes + first_row * row_bytes;
      if constexpr (PARTS == 1) {
        simt::tma_load_3d(to, map, full, column + i * box_columns, row, item, hint, where);
      } else {
        simt::tma_load_multicast_3d(to, map, full, (1 << PARTS) - 1, column + i * box_columns, row, item, hint, where);
      }
    }
  }

  /// Of the rows of A, or columns of B, from `mn` on, a multiple of 64: the first 16 k.
  ///
  /// Errors  host: those of smem_descriptor.
  SIMT_DEVICE static simt::SmemDescriptor descriptor(const unsigned char* smem, int mn,
                                                     simt::Where where = simt::Where::current()) {
    const int from = k_major ? mn * row_bytes : mn / box_columns * box_bytes;
    return simt::smem_descriptor(smem + from, swizzle, 8 * row_bytes, k_major ? 0 : box_bytes, 0, where);
  }

  /// The 16 k from `k` on.
  SIMT_DEVICE static simt::SmemDescriptor at_k(simt::SmemDescriptor first, int k) {
    const int bytes = k_major ? k / 64 * box_bytes + k % 64 * 2 : k * row_bytes;
    return simt::advance(first, static_cast<unsigned>(bytes));
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
