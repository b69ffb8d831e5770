// The transform as a product with a matrix of cosines and sines, on Tensor Cores: what they buy against an FFT.
//
// mel_fold pads, pre-emphasises and windows, and folds each frame: x[n] + x[N-n] is all that cosines see, x[n] - x[N-n]
// all that sines see, so that half the products are left. Each value, scaled by a power of two of its frame, is split
// into two f16, and so is the basis; mel_dft_gemm adds three of the four products (low times low is below f32). Sums
// over 32 samples are added in f32 outside the Tensor Cores, which truncate. The steps behind it are sm75_unfused's.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/unfused_steps.cuh"
#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/thread_map.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate {
namespace {

using namespace mel;

struct DftGrid : tile::WarpGrid<64, 64, 2, 2> {  // frames by bins
  static constexpr int BLOCK_K = 32;
  static constexpr int num_stages = 2;
  using Tile = tile::OperandTile<BLOCK_M, BLOCK_K, simt::Major::k>;
  static_assert(BLOCK_M == BLOCK_N, "frames and basis have one kind of tile");
  using Map = tile::ThreadMap<Tile, threads>;
  static constexpr int stage_bytes = 8 * Tile::smem_bytes;
};

constexpr int fold_threads = 128;
constexpr int most_n_fft = 4096;
constexpr float basis_scale = 256;  // what is left of a cosine, too, is then a normal f16

/// Four matrices each, rows of `depth`: those for cosines, high and low halves, then those for sines.
struct DftOperands {
  f16* frames;
  const f16* basis;
  float* unscale;  // [frames]: what a frame's sums are to be multiplied by
  std::int64_t frame_rows, basis_rows;
  std::int64_t count;  // frames of all clips
  std::int64_t frames_of_clip;
  int n_fft, bins, depth;
};

int round_up(std::int64_t value, int step) { return static_cast<int>((value + step - 1) / step * step); }

/// 2^14 over the power of two that `most` reaches; 1 where there is none.
SIMT_DEVICE float frame_scale(float most) {
  const unsigned exponent = std::bit_cast<std::uint32_t>(most) >> 23 & 0xffu;
  if (exponent == 0xffu) return 1;
  return std::bit_cast<float>((exponent < 14 ? 254u : 268u - exponent) << 23);
}

SIMT_DEVICE float magnitude(float value) { return value < 0 ? -value : value; }

SIMT_DEVICE float largest_of_block(float most, float* smem_scratch) {
  for (unsigned mask = 16; mask > 0; mask /= 2) most = simt::max_propagating_nan(most, simt::shuffle_xor(most, mask));
  if (simt::lane_idx() == 0) simt::store_shared(smem_scratch + simt::warp_idx(), most);
  simt::sync_threads();
  for (int warp = 0; warp < fold_threads / 32; ++warp)
    most = simt::max_propagating_nan(most, simt::load_shared(smem_scratch + warp));
  return most;
}

/// A block takes a frame.
SIMT_KERNEL(fold_threads, 1)
void mel_fold(const SIMT_GRID_CONSTANT FusedParams p, DftOperands o) {
  float* smem_even = simt::dynamic_shared<float>();
  float *smem_odd = smem_even + o.depth, *smem_scratch = smem_odd + o.depth;
  const std::int64_t frame = simt::block_idx().x, clip_idx = frame / o.frames_of_clip;
  const std::int64_t begin = frame % o.frames_of_clip * p.hop - p.lead;
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  Clip clip = p.clip;
  clip.audio += clip_idx * clip.samples;
  const auto windowed = [&](int n) {
    const int within = n - p.window_begin;
    if (within < 0 || within >= p.window_length) return 0.0f;  // what no weight is on may be a NaN
    return simt::load_global(p.tables.window + n) * padded_sample(p, clip, begin + n);
  };
  float most = 0;
  for (int n = thread_idx; n < o.depth; n += fold_threads) {
    const bool alone = n == 0 || n == o.n_fft / 2;
    const float x = n < o.bins ? windowed(n) : 0, mirror = n < o.bins && !alone ? windowed(o.n_fft - n) : 0;
    const float even = x + mirror, odd = alone ? 0 : x - mirror;
    simt::store_shared(smem_even + n, even);
    simt::store_shared(smem_odd + n, odd);
    most = simt::max_propagating_nan(most, simt::max_propagating_nan(magnitude(even), magnitude(odd)));
  }
  const float scale = frame_scale(largest_of_block(most, smem_scratch));
  // The filters' weights expect a spectrum twice too large.
  if (thread_idx == 0) simt::store_global(o.unscale + frame, 2 / basis_scale / scale);
  const std::int64_t matrix = o.frame_rows * o.depth;
  const auto split = [&](float value, f16* to) {
    const f16 high = simt::to_f16_rn(value);
    simt::store_global(to, high);
    simt::store_global(to + matrix, simt::to_f16_rn(value - simt::to_float(high)));
  };
  for (int n = thread_idx; n < o.depth; n += fold_threads) {
    f16* to = o.frames + frame * o.depth + n;
    split(simt::load_shared(smem_even + n) * scale, to);
    split(simt::load_shared(smem_odd + n) * scale, to + 2 * matrix);
  }
}

SIMT_DEVICE void start_stage(const DftOperands& o, unsigned char* smem, std::int64_t m_begin, std::int64_t n_begin,
                             int k) {
  using Tile = DftGrid::Tile;
  using Map = DftGrid::Map;
  const unsigned thread_idx = simt::linear_thread_idx();
  const int row = Map::row(thread_idx), chunk = Map::chunk(thread_idx);
  unsigned char* to = smem + Tile::offset(row, chunk);
  const auto copy = [&](const f16* from) {
    SIMT_UNROLL
    for (int pass = 0; pass < Map::passes; ++pass)
      simt::cp_async<16>(to + pass * Map::step_bytes, from + pass * Map::row_step * o.depth);
    to += Tile::smem_bytes;
  };
  SIMT_UNROLL
  for (int matrix = 0; matrix < 4; ++matrix)
    copy(o.frames + (matrix * o.frame_rows + m_begin + row) * o.depth + k + chunk * 8);
  SIMT_UNROLL
  for (int matrix = 0; matrix < 4; ++matrix)
    copy(o.basis + (matrix * o.basis_rows + n_begin + row) * o.depth + k + chunk * 8);
}

/// PART 0: the cosines' sums of a stage, 1: the sines'.
template <int PART>
SIMT_DEVICE void add_products(tile::Accumulators<DftGrid>& sums, const unsigned char* smem, int warp_m, int warp_n) {
  using Tile = DftGrid::Tile;
  const unsigned lane_idx = simt::lane_idx();
  const unsigned char *const smem_frames = smem + 2 * PART * Tile::smem_bytes, *const smem_basis =
                                                                                   smem_frames + 4 * Tile::smem_bytes;
  tile::Accumulators<DftGrid> stage;
  stage.clear();
  SIMT_UNROLL
  for (int k = 0; k < DftGrid::BLOCK_K; k += 16) {
    std::uint32_t high[DftGrid::WARP_M / 16][4], low[DftGrid::WARP_M / 16][4];
    SIMT_UNROLL
    for (int i = 0; i < DftGrid::WARP_M / 16; ++i) {
      Tile::load_a(high[i], smem_frames, warp_m + 16 * i, k, lane_idx);
      Tile::load_a(low[i], smem_frames + Tile::smem_bytes, warp_m + 16 * i, k, lane_idx);
    }
    SIMT_UNROLL
    for (int j = 0; j < DftGrid::WARP_N / 16; ++j) {
      std::uint32_t basis_high[4], basis_low[4];
      Tile::load_b(basis_high, smem_basis, warp_n + 16 * j, k, lane_idx);
      Tile::load_b(basis_low, smem_basis + Tile::smem_bytes, warp_n + 16 * j, k, lane_idx);
      SIMT_UNROLL
      for (int i = 0; i < DftGrid::WARP_M / 16; ++i) {
        stage.multiply(i, j, low[i], basis_high);
        stage.multiply(i, j, high[i], basis_low);
        stage.multiply(i, j, high[i], basis_high);
      }
    }
  }
  SIMT_UNROLL
  for (int i = 0; i < DftGrid::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < DftGrid::WARP_N / 8; ++j) {
      SIMT_UNROLL
      for (int e = 0; e < 4; ++e) sums.d[i][j][e] += stage.d[i][j][e];
    }
  }
}

/// A block takes 64 frames by 64 bins.
SIMT_KERNEL(DftGrid::threads, 1)
void mel_dft_gemm(DftOperands o, bool squared, float* power) {
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const auto tiles_n = static_cast<unsigned>(o.basis_rows / DftGrid::BLOCK_N);
  const std::int64_t m_begin = std::int64_t{simt::block_idx().x / tiles_n} * DftGrid::BLOCK_M;
  const std::int64_t n_begin = std::int64_t{simt::block_idx().x % tiles_n} * DftGrid::BLOCK_N;
  const unsigned lane_idx = simt::lane_idx(), warp_idx = simt::warp_idx();
  const int warp_m = DftGrid::warp_m(warp_idx), warp_n = DftGrid::warp_n(warp_idx);
  tile::Accumulators<DftGrid> re, im;
  re.clear();
  im.clear();
  const int stages = o.depth / DftGrid::BLOCK_K;
  start_stage(o, smem, m_begin, n_begin, 0);
  simt::cp_async_commit();
  for (int stage = 0; stage < stages; ++stage) {
    const unsigned char* smem_stage = smem + stage % DftGrid::num_stages * DftGrid::stage_bytes;
    if (stage + 1 < stages)
      start_stage(o, smem + (stage + 1) % DftGrid::num_stages * DftGrid::stage_bytes, m_begin, n_begin,
                  (stage + 1) * DftGrid::BLOCK_K);
    simt::cp_async_commit();  // an empty group too, so that the count below stays right
    simt::cp_async_wait<1>();
    simt::sync_threads();
    add_products<0>(re, smem_stage, warp_m, warp_n);
    add_products<1>(im, smem_stage, warp_m, warp_n);
    simt::sync_threads();  // the next round overwrites it
  }
  SIMT_UNROLL
  for (int i = 0; i < DftGrid::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const std::int64_t frame = m_begin + warp_m + tile::Accumulators<DftGrid>::row(i, half, lane_idx);
      if (frame >= o.count) continue;
      const float unscale = simt::load_global(o.unscale + frame);
      const std::int64_t clip = frame / o.frames_of_clip, t = frame - clip * o.frames_of_clip;
      float* to = power + clip * o.bins * o.frames_of_clip + t;
      SIMT_UNROLL
      for (int j = 0; j < DftGrid::WARP_N / 8; ++j) {
        SIMT_UNROLL
        for (int side = 0; side < 2; ++side) {
          const std::int64_t bin = n_begin + warp_n + tile::Accumulators<DftGrid>::column(j, lane_idx) + side;
          if (bin >= o.bins) continue;
          const float x = re.d[i][j][2 * half + side] * unscale, y = im.d[i][j][2 * half + side] * unscale;
          const float v = simt::fma(x, x, y * y);
          simt::store_global(to + bin * o.frames_of_clip, squared ? v : simt::sqrt_approx(v));
        }
      }
    }
  }
}

/// [4][rows][depth]: cosines and sines times basis_scale, high and low halves.
std::vector<f16> basis_of(const DftOperands& o) {
  const std::int64_t matrix = o.basis_rows * o.depth;
  std::vector<f16> basis(static_cast<std::size_t>(4 * matrix));
  const auto put = [&](std::int64_t at, double value) {
    const f16 high = to_f16(static_cast<float>(value));
    basis[static_cast<std::size_t>(at)] = high;
    basis[static_cast<std::size_t>(at + matrix)] = to_f16(static_cast<float>(value - to_float(high)));
  };
  for (std::int64_t k = 0; k < o.bins; ++k)
    for (std::int64_t n = 0; n < o.bins; ++n) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * n % o.n_fft) / o.n_fft;
      put(k * o.depth + n, basis_scale * std::cos(angle));
      put(2 * matrix + k * o.depth + n, basis_scale * std::sin(angle));
    }
  return basis;
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  const MelPreset& preset = problem.preset;
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, FusedCut{0, 0, 1});
  DftOperands o{};
  o.n_fft = preset.n_fft;
  o.bins = preset.bins();
  o.depth = round_up(o.bins, DftGrid::BLOCK_K);
  o.frames_of_clip = problem.frames();
  o.count = problem.clips * o.frames_of_clip;
  o.basis_rows = round_up(o.bins, DftGrid::BLOCK_N);
  o.frame_rows = (o.count + DftGrid::BLOCK_M - 1) / DftGrid::BLOCK_M * DftGrid::BLOCK_M;
  const auto memory = std::make_shared<std::vector<Memory>>();
  const auto allocate = [&](std::int64_t bytes) {
    return memory->emplace_back(device, static_cast<std::size_t>(bytes)).data();
  };
  o.frames = reinterpret_cast<f16*>(allocate(4 * o.frame_rows * o.depth * std::int64_t{sizeof(f16)}));
  const std::vector<f16> basis = basis_of(o);
  o.basis = reinterpret_cast<const f16*>(allocate(std::ssize(basis) * std::int64_t{sizeof(f16)}));
  memory->back().upload(0, std::as_bytes(std::span(basis)));
  o.unscale = reinterpret_cast<float*>(allocate(o.count * std::int64_t{sizeof(float)}));
  auto* power = reinterpret_cast<float*>(allocate(o.count * o.bins * std::int64_t{sizeof(float)}));

  const auto fold_bytes = static_cast<std::size_t>(4 * (2 * o.depth + fold_threads / 32));
  const simt::LaunchShape fold{{static_cast<unsigned>(o.count)}, {fold_threads}, fold_bytes, "mel_fold"};
  const std::int64_t blocks = o.frame_rows / DftGrid::BLOCK_M * (o.basis_rows / DftGrid::BLOCK_N);
  const simt::LaunchShape gemm{
      {static_cast<unsigned>(blocks)}, {DftGrid::threads}, DftGrid::num_stages * DftGrid::stage_bytes, "mel_dft_gemm"};
  const bool squared = preset.power;
  const Launch features = features_of_spectra(plan, problem, {power, o.frames_of_clip, o.bins});
  return [=](Stream stream) {
    simt::launch(mel_fold, fold, stream, plan->params, o);
    simt::launch(mel_dft_gemm, gemm, stream, o, squared, power);
    features(stream);
    static_cast<void>(memory);  // lives as long as the launch
  };
}

Support supports(const Device& device, const Mel::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (const Support steps = supports_steps(problem); !steps) return steps;
  if (problem.preset.n_fft > most_n_fft) return Support::no("n_fft 4096 at most");
  if (device.shared_bytes_per_block < DftGrid::num_stages * DftGrid::stage_bytes)
    return Support::no("needs 64 KiB of shared memory");
  const std::int64_t tiles = round_up(problem.preset.bins(), DftGrid::BLOCK_N) / DftGrid::BLOCK_N;
  if (problem.clips * problem.frames() > 0x7fffffff / tiles) return Support::no("more frames than a grid has blocks");
  return {};
}

const Register<Mel> registered{{"sm75_gemm_dft", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
