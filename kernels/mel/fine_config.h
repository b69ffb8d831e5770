#pragma once
// How a frame's transform is cut into small ones for many threads, and where its values lie in shared memory.

#include <cstdint>

namespace kernelgate::mel {

/// A frame of N real samples is N / 2 = 20 rows by COLUMNS complex values z[n] = x[2n] + i x[2n+1], n = COLUMNS * row +
/// column. Columns of 20 are transformed as 4 x 5, then rows of 10 as 2 x 5, or of 20 as 4 x 5: a thread takes one
/// transform of 4 or 5 values, and all exchange through shared memory between two steps. So a frame keeps a hundred
/// threads busy with little to do for each, where FusedConfig has ten lanes with much.
///
/// Every distance is chosen so that the lanes of a half-warp, which ask for 8 bytes each, meet different banks; units
/// of 8 bytes where nothing else is said.
template <int N, int HOP_>
struct FineConfig {
  static constexpr int N_FFT = N, HALF = N / 2, HOP = HOP_;
  static constexpr int ROWS = 20, COLUMNS = HALF / ROWS;
  static constexpr int BINS = HALF + 1, PAIRS = HALF / 2 + 1;
  static_assert(COLUMNS == 10 || COLUMNS == 20);
  static constexpr int threads = 512, warps = threads / 32;
  static constexpr int min_blocks = 2;
  static constexpr int MAX_TILE = COLUMNS == 10 ? 24 : 12;

  // Samples, in floats: rows of 40 are 42 apart, since a thread's rows are four apart.
  static constexpr int AUDIO_ROW = 2 * COLUMNS, AUDIO_STRIDE = COLUMNS == 10 ? 20 : 42;
  static constexpr int AUDIO_HOP = HOP / AUDIO_ROW * AUDIO_STRIDE;
  static_assert(HOP % AUDIO_ROW == 0);
  static constexpr int audio_at(int sample) {
    return AUDIO_STRIDE == AUDIO_ROW ? sample : sample + sample / AUDIO_ROW * (AUDIO_STRIDE - AUDIO_ROW);
  }
  static constexpr int span(int tile) { return (tile - 1) * HOP + N; }
  static constexpr int audio_floats(int tile) { return (audio_at(span(tile)) + 3) / 4 * 4; }
  static constexpr int AUDIO_ROUNDS = (span(MAX_TILE) / 4 + threads - 1) / threads;
  static constexpr int OVERLAP = (N - HOP) / HOP * HOP;  ///< samples that a tile shares with the next; whole rows

  // Work of a frame: transforms of 4, of columns; transforms of 5.
  static constexpr int FOURS = 5 * COLUMNS, FIVES = 4 * COLUMNS;
  // Behind the transforms of 4: [c][b][column].
  static constexpr int FOUR_STRIDE = COLUMNS == 10 ? 58 : 100;
  // Behind those of 5: rows in the order d * 4 + c of their Chinese remainders, k = 5 c + 16 d (mod 20), so that what
  // neighbouring threads write lies side by side.
  static constexpr int row_shift(int d) { return COLUMNS == 10 ? (d < 2 ? 0 : d < 4 ? 1 : 9) : (d < 4 ? d : 3); }
  static constexpr int row_at(int slot) { return slot * COLUMNS + row_shift(slot / 4); }
  // Two regions of a frame that take turns.
  static constexpr int FIRST_FRAME = COLUMNS == 10 ? 232 : 400, SECOND_FRAME = COLUMNS == 10 ? 210 : 404;
  // The spectrum, of 10 columns in the first region, of 20 in the second.
  static constexpr int SPECTRUM_FRAME = COLUMNS == 10 ? 212 : 404;
  static_assert(SPECTRUM_FRAME % 16 == 4 && SPECTRUM_FRAME <= (COLUMNS == 10 ? FIRST_FRAME : SECOND_FRAME));

  static constexpr int order20(int k) { return k % 5 * 4 + k % 4; }
  static constexpr int order10(int k) { return k % 5 * 2 + k % 2; }
  /// Where value k of the packed spectrum lies.
  static constexpr int spectrum_at(int k) {
    const int column = k / ROWS;
    return (COLUMNS == 10 ? order10(column) : order20(column)) * ROWS + order20(k % ROWS);
  }

  /// Frames of a tile by fours. Power: [quad][bin][4 frames]; features: [filter][frame], a stride that meets all banks.
  static constexpr int quads(int tile) { return (tile + 3) / 4; }
  static constexpr int feature_stride(int tile) { return 4 * (quads(tile) | 1); }
  static constexpr int PADDED_PAIRS = (PAIRS + 3) / 4 * 4;

  static constexpr int region_floats(int tile, int n_mels, bool first) {
    const int own = 2 * tile * (first ? FIRST_FRAME : SECOND_FRAME);
    const bool has_power = first == (COLUMNS == 20);
    const int other = has_power ? 4 * quads(tile) * BINS : n_mels * feature_stride(tile);
    return ((own > other ? own : other) + 3) / 4 * 4;
  }
  /// What a cluster's blocks tell each other, and what says that a clip is over: two turns of a value for each warp.
  static constexpr int SCRATCH_FLOATS = 2 * 8 * warps;
  static constexpr std::int64_t shared_bytes(int tile, int n_mels, int table_floats) {
    return 4 * (std::int64_t{SCRATCH_FLOATS} + table_floats + audio_floats(tile) + region_floats(tile, n_mels, true) +
                region_floats(tile, n_mels, false));
  }
};

}  // namespace kernelgate::mel
