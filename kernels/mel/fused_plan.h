#pragma once
// What the fused mel kernel's launch is made of: tables on the device, and how a batch is cut into tiles.

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/mel/fine_params.h"
#include "kernels/mel/fine_tables.h"
#include "kernels/mel/fused_params.h"
#include "kernels/mel/mel.h"
#include "kernels/op/memory.h"

namespace kernelgate::mel {

/// How a frame's transform is cut, as FusedConfig has it, and what a tile may be.
struct FusedCut {
  int rows, columns;
  int tile;              ///< frames that a block has in hand
  unsigned cluster = 1;  ///< blocks of a clip that finish it together; a clip's tiles are a multiple
  int threads = 32;      ///< of a block
};

class FusedPlan {
 public:
  FusedPlan(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers, const FusedCut& cut);

  /// Blocks of the launch, a multiple of `cluster`: as few as take no round more than one for each place would.
  /// `resident`: that a multiprocessor holds at once. `overlap`: samples that a tile can keep for the next.
  unsigned cut_rounds(const Device& device, unsigned cluster, unsigned resident, int overlap);

  /// Tables of the fine kernel, which the plan keeps.
  FineParams add_fine(const Device& device, const FineTables& tables, bool clip_in_cluster);

  FusedParams params{};
  FilterTable filters{};
  const Memory& state() const { return memories_.at(state_); }

 private:
  template <class T>
  T* add(const Device& device, const std::vector<T>& values);
  void add_tables(const Device& device, const Mel::Problem& problem, const FusedCut& cut);
  void add_clips(const Device& device, const Mel::Problem& problem, const FusedCut& cut);

  std::vector<Memory> memories_;
  std::size_t state_ = 0;
};

/// Frames of a block: enough blocks for twice the multiprocessors before larger tiles, a multiple of `step`.
int fused_tile(const Device& device, const Mel::Problem& problem, int step, int most);

/// Blocks that finish a clip together: where a GPU has clusters, and a clip has blocks enough; else 1. The host
/// executor does both, by the clip's length.
unsigned fused_cluster(const Device& device, const Mel::Problem& problem, int tile);

struct FineCut {
  int tile = 1;
  unsigned cluster = 1;
  bool clip_in_cluster = false;  ///< see FineParams
};
/// `most`: frames of a tile.
FineCut cut_fine(const Device& device, const Mel::Problem& problem, int most);

}  // namespace kernelgate::mel
