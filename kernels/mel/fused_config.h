#pragma once
// How a frame's transform is cut among lanes, and where its values lie in shared memory.

namespace kernelgate::mel {

/// A frame of N real samples is N / 2 = ROWS x COLUMNS complex values z[n] = x[2n] + i x[2n+1], n = COLUMNS * row +
/// column. LANES lanes take COLUMNS / LANES columns each, and then each lane takes rows t and ROWS - t of the
/// exchanged values (rows 0 and ROWS / 2 for lane 0); or, if LANES is ROWS, row t alone, and its mirror comes by
/// shuffles. HOP 0: any.
///
/// Every distance below is chosen so that the lanes of a half-warp, which ask for 8 bytes each, meet different banks;
/// verify --counters shows what is left.
///
/// TABLES_SHARED: window, roots and weights are copied to shared memory, where all frames of a tile read them. Not
/// where that leaves too little of it.
template <int N, int HOP_, int ROWS_, int COLUMNS_, int LANES_, int MAX_TILE_, int TILE_STRIDE,
          bool TABLES_SHARED_ = HOP_ != 0>
struct FusedConfig {
  static constexpr int N_FFT = N, HALF = N / 2, HOP = HOP_;
  static constexpr int ROWS = ROWS_, COLUMNS = COLUMNS_, LANES = LANES_;
  static constexpr int FRAMES_PER_WARP = 32 / LANES;
  static constexpr int COLUMNS_PER_LANE = COLUMNS / LANES;
  static constexpr bool MIRROR_BY_SHUFFLE = LANES == ROWS;
  static constexpr int BINS = HALF + 1;
  static constexpr int MAX_TILE = MAX_TILE_;
  static constexpr int max_threads = 32 * MAX_TILE / FRAMES_PER_WARP;
  /// Where a tile is small there are more warps than frames need: they stage and filter.
  static constexpr int threads(int tile) {
    const int least = max_threads < 320 ? max_threads : 320;
    const int own = 32 * ((tile + FRAMES_PER_WARP - 1) / FRAMES_PER_WARP);
    return own > least ? own : least;
  }
  static constexpr int min_blocks = max_threads > 320 ? 1 : 2;  // of a multiprocessor: its registers, without spills
  static_assert(N == 2 * ROWS * COLUMNS && COLUMNS % LANES == 0 && MAX_TILE % FRAMES_PER_WARP == 0);
  static_assert(ROWS % 2 == 0 && COLUMNS % 2 == 0 && (LANES == ROWS || LANES == ROWS / 2));

  // Audio: each hop of samples is followed by a gap, so that the frames of a warp begin 20 or 16 banks apart.
  static constexpr int HOP_BANKS = LANES == 10 ? 20 : LANES == 8 ? 16 : 0;
  static constexpr int GAP = HOP == 0 || HOP_BANKS == 0 || HOP % 4 != 0 ? 0 : (HOP_BANKS - HOP % 32 + 32) % 32;
  // Else a row could have a gap within.
  static_assert(GAP == 0 || (HOP % (2 * COLUMNS) == 0 && GAP % 4 == 0));

  // Exchange, in units of 8 bytes. Ten columns that start at 0, 21, 41, 62, 82, 103, 123, 148, 173, 198, and a row past
  // the middle counted from the end, put the 30 lanes of a warp on different banks in writing and in reading (found by
  // search).
  static constexpr int column_of_ten(int column) {
    const int c = column % 10;
    return (c <= 6 ? (41 * c + 1) / 2 : 25 * c - 27) + 218 * (column / 10);
  }
  static constexpr int column_begin(int column) { return LANES == 10 ? column_of_ten(column) : (ROWS + 1) * column; }
  static constexpr int row_at(int row) { return LANES != 10 || row <= ROWS / 2 ? row : ROWS + ROWS / 2 - row; }
  static constexpr int FRAME_STRIDE =
      LANES == 10 ? (COLUMNS == 10 ? 218 : 442) : (ROWS + 1) * COLUMNS + (LANES == 8 ? 8 : 0);
  static constexpr int EXCHANGE_FLOATS = 2 * FRAME_STRIDE * FRAMES_PER_WARP;  // of a warp

  // Power: [bin][frame]. Of 16 lanes that sum a filter's bins, 16 others take every second: a tile and the row behind
  // it, TILE_STRIDE later, must then meet different banks.
  static constexpr int POWER_STRIDE = TILE_STRIDE;
  static constexpr int POWER_FLOATS = (BINS * POWER_STRIDE + 3) / 4 * 4;
  static_assert(POWER_STRIDE >= MAX_TILE);

  /// Samples that a tile shares with the one behind it, whole hops, so that gaps stay where they are. 0: kept by none.
  static constexpr int OVERLAP = HOP == 0 || HOP % 4 != 0 ? 0 : (N - HOP) / HOP * HOP;

  /// Audio under `tile` frames, gaps included. A multiple of 4 floats.
  static constexpr int span_floats(int tile, int hop) {
    const int samples = (tile - 1) * hop + N;
    return (samples + (GAP == 0 ? 0 : samples / hop * GAP) + 7) / 4 * 4;
  }
  static constexpr bool TABLES_SHARED = TABLES_SHARED_;
  static constexpr int TABLE_BYTES = TABLES_SHARED ? (4 * N + 8 * HALF + 2 * 8 * BINS + 15) / 16 * 16 : 0;

  /// The exchange is over when the power is written: they share memory.
  static constexpr int work_floats(int tile) {
    const int exchange = (tile + FRAMES_PER_WARP - 1) / FRAMES_PER_WARP * EXCHANGE_FLOATS;
    return exchange > POWER_FLOATS ? exchange : POWER_FLOATS;
  }
  static constexpr int shared_bytes(int tile, int hop, int n_mels, bool frame_major) {
    return TABLE_BYTES + 4 * (span_floats(tile, hop) + work_floats(tile) + (frame_major ? tile * (n_mels | 1) : 0));
  }
};

using Hop160Of400 = FusedConfig<400, 160, 20, 10, 10, 30, 35>;
using Hop200Of400 = FusedConfig<400, 200, 20, 10, 10, 30, 35>;
using AnyHopOf400 = FusedConfig<400, 0, 20, 10, 10, 30, 35>;
using Hop160Of512 = FusedConfig<512, 160, 16, 16, 8, 32, 36>;
using AnyHopOf512 = FusedConfig<512, 0, 16, 16, 8, 32, 36>;
using Hop200Of800 = FusedConfig<800, 200, 20, 20, 10, 21, 29>;
using SmallHop200Of800 = FusedConfig<800, 200, 20, 20, 10, 12, 29, false>;
using AnyHopOf800 = FusedConfig<800, 0, 20, 20, 10, 12, 29>;
using Hop256Of1024 = FusedConfig<1024, 256, 32, 16, 16, 14, 18>;
using AnyHopOf1024 = FusedConfig<1024, 0, 32, 16, 16, 14, 18>;
using Hop512Of2048 = FusedConfig<2048, 512, 32, 32, 32, 15, 17>;
using SmallHop512Of2048 = FusedConfig<2048, 512, 32, 32, 32, 8, 9, false>;
using AnyHopOf2048 = FusedConfig<2048, 0, 32, 32, 32, 8, 9>;

}  // namespace kernelgate::mel
