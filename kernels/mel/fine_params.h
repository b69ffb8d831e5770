#pragma once
// What the fine kernel is told besides FusedParams.

#include "kernels/mel/fused_params.h"

namespace kernelgate::mel {

struct FineParams {
  const float* tables;                                 ///< FineTables::all
  int table_fours;                                     ///< of it, 16 bytes each
  int window_at, twiddles_at, filters_at, weights_at;  ///< in it, in floats
  int frame_lanes_log2;                                ///< of FusedParams::frame_lanes
  int quad_lanes_log2;  ///< threads that a filter has side by side, one for four frames each: not less than a tile's
  /// A clip is one cluster's: its blocks tell each other their largest feature, and store none before they know it.
  bool clip_in_cluster;
};

}  // namespace kernelgate::mel
