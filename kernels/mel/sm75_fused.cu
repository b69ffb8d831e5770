// Audio to log-mel features in one kernel, and a second, short one where the clip's maximum is needed.
//
// A block takes a tile of frames of one clip. The audio under them is staged once in shared memory (frames
// overlap), and three frames go to each warp, ten lanes a frame. A real frame of N samples is transformed as
// N/2 complex values z[n] = x[2n] + i x[2n+1], N/2 = 20 x COLUMNS: each lane transforms columns of 20 in
// registers, exchanges them once through shared memory, and takes rows k1 and 20 - k1, so that bins k and
// N/2 - k, which are unpacked together, meet in one lane. The power of the tile then lies in shared memory,
// and each thread sums filters of one frame after the other; the lanes of a warp store neighbouring frames.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <span>
#include <vector>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/register_fft.cuh"
#include "kernels/op/memory.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using mel::Complex;

/// What a preset's kernel is compiled for.
template <int N, int HOP_, int NUM_WARPS>
struct Config {
  static constexpr int N_FFT = N, HOP = HOP_;
  static constexpr int threads = 32 * NUM_WARPS;
  static constexpr int LANES = 10, FRAMES_PER_WARP = 3;  // 30 of 32 lanes work
  static constexpr int TILE = FRAMES_PER_WARP * NUM_WARPS;
  static constexpr int ROWS = 20, COLUMNS = N / 2 / ROWS;  // n = COLUMNS * row + column, k = k1 + ROWS * k2
  static constexpr int COLUMNS_PER_LANE = COLUMNS / LANES;
  static constexpr int BINS = N / 2 + 1;
  static constexpr int SPAN = (TILE - 1) * HOP + N;
  static constexpr int EXCHANGE_STRIDE = ROWS + 1;  // odd: a column's lanes fall on different banks
  static constexpr int EXCHANGE = COLUMNS * EXCHANGE_STRIDE;
  static constexpr int POWER_STRIDE = TILE + 1;
  // The exchange is over when the power is written: they share memory.
  static constexpr int WORK = TILE * EXCHANGE > BINS* POWER_STRIDE ? TILE* EXCHANGE : BINS* POWER_STRIDE;
  static constexpr int smem_bytes = 4 * (SPAN + WORK);
  static_assert(N == 2 * ROWS * COLUMNS && COLUMNS % LANES == 0 && HOP % 2 == 0 && SPAN % 2 == 0);
  static_assert(smem_bytes <= simt::default_shared_bytes, "what every GPU gives without asking");
};

using Config400 = Config<400, 160, 7>;
using Config800 = Config<800, 200, 6>;

struct Params {
  const float* audio;
  float* features;
  std::int64_t samples, frames;
  unsigned tiles;  // of a clip
  int n_mels;
  bool power;
  float preemphasis, log2_scale, log_offset, lowest, highest;
  float dynamic_range;  // 0: each tile is done by itself
  // Tables on the device.
  const float* window;
  const Complex* stage_twiddle;   // [ROWS][COLUMNS]: exp(-2 pi i k1 column / (N/2))
  const Complex* unpack_twiddle;  // [N/2]: exp(-2 pi i k / N)
  const int* first_bin;
  const int* offset;
  const float* weights;
  // Of each tile, its largest and least feature before the clip's maximum is applied.
  float* tile_highest;
  float* tile_lowest;
};

SIMT_DEVICE float sample(const Params& p, const float* clip, std::int64_t position) {
  const std::int64_t at = reflect_index(position, p.samples);
  const float x = simt::load_global(clip + at);
  if (p.preemphasis == 0 || at == 0) return x;
  return simt::fma(-p.preemphasis, simt::load_global(clip + at - 1), x);
}

/// Bins k and N/2 - k of the real transform from values k and N/2 - k of the packed one, twice as large as
/// they should be: the filters' weights make up for it.
template <class C>
SIMT_DEVICE void unpack(const Params& p, Complex z, Complex mirror, int k, float* power) {
  const Complex even{z.re + mirror.re, z.im - mirror.im};
  const Complex odd = Complex{z.im + mirror.im, mirror.re - z.re} * simt::load_global(p.unpack_twiddle + k);
  const Complex a = even + odd, b = even - odd;
  const float power_a = simt::fma(a.re, a.re, a.im * a.im), power_b = simt::fma(b.re, b.re, b.im * b.im);
  simt::store_shared(&power[k * C::POWER_STRIDE], p.power ? power_a : simt::sqrt(power_a));
  simt::store_shared(&power[(C::N_FFT / 2 - k) * C::POWER_STRIDE], p.power ? power_b : simt::sqrt(power_b));
}

/// The spectra of the tile's frames, from `smem_audio` to `smem_work` as [bin][frame].
template <class C>
SIMT_DEVICE void transform(const Params& p, const float* smem_audio, float* smem_work) {
  const int lane_idx = static_cast<int>(simt::lane_idx());
  const bool active = lane_idx < C::LANES * C::FRAMES_PER_WARP;
  const int frame = static_cast<int>(simt::warp_idx()) * C::FRAMES_PER_WARP + (active ? lane_idx / C::LANES : 0);
  const int t = lane_idx % C::LANES;

  Complex z[C::COLUMNS_PER_LANE][C::ROWS];
  if (active) {
    SIMT_UNROLL
    for (int c = 0; c < C::COLUMNS_PER_LANE; ++c) {
      const int column = t + C::LANES * c;
      SIMT_UNROLL
      for (int row = 0; row < C::ROWS; ++row) {
        const int n = 2 * (C::COLUMNS * row + column);
        const Complex x = simt::load_shared(reinterpret_cast<const Complex*>(smem_audio + frame * C::HOP + n));
        const Complex w = simt::load_global(reinterpret_cast<const Complex*>(p.window + n));
        z[c][row] = {x.re * w.re, x.im * w.im};
      }
      mel::dft(z[c]);
      SIMT_UNROLL
      for (int k1 = 1; k1 < C::ROWS; ++k1)
        z[c][k1] = z[c][k1] * simt::load_global(p.stage_twiddle + k1 * C::COLUMNS + column);
    }
  }

  // Rows k1 = t and 20 - t, for t = 0 rows 0 and 10. Real parts first, then imaginary: half the memory.
  Complex a[C::COLUMNS], b[C::COLUMNS];
  const int row_a = t, row_b = t == 0 ? C::ROWS / 2 : C::ROWS - t;
  float* exchange = smem_work + frame * C::EXCHANGE;
  SIMT_UNROLL
  for (int part = 0; part < 2; ++part) {
    if (active) {
      SIMT_UNROLL
      for (int c = 0; c < C::COLUMNS_PER_LANE; ++c) SIMT_UNROLL
      for (int k1 = 0; k1 < C::ROWS; ++k1)
        simt::store_shared(&exchange[(t + C::LANES * c) * C::EXCHANGE_STRIDE + k1],
                           part == 0 ? z[c][k1].re : z[c][k1].im);
    }
    simt::sync_warp();
    if (active) {
      SIMT_UNROLL
      for (int column = 0; column < C::COLUMNS; ++column) {
        (part == 0 ? a[column].re : a[column].im) = simt::load_shared(&exchange[column * C::EXCHANGE_STRIDE + row_a]);
        (part == 0 ? b[column].re : b[column].im) = simt::load_shared(&exchange[column * C::EXCHANGE_STRIDE + row_b]);
      }
    }
    simt::sync_warp();
  }
  simt::sync_threads();  // the power overwrites other warps' exchange
  if (!active) return;
  mel::dft(a);
  mel::dft(b);
  float* power = smem_work + frame;
  if (t != 0) {
    SIMT_UNROLL
    for (int k2 = 0; k2 < C::COLUMNS; ++k2) unpack<C>(p, a[k2], b[C::COLUMNS - 1 - k2], t + C::ROWS * k2, power);
  } else {  // rows 0 and 10 are their own mirrors
    SIMT_UNROLL
    for (int k2 = 0; k2 <= C::COLUMNS / 2; ++k2)
      unpack<C>(p, a[k2], a[(C::COLUMNS - k2) % C::COLUMNS], C::ROWS * k2, power);
    SIMT_UNROLL
    for (int k2 = 0; k2 < C::COLUMNS / 2; ++k2)
      unpack<C>(p, b[k2], b[C::COLUMNS - 1 - k2], C::ROWS / 2 + C::ROWS * k2, power);
  }
}

/// The largest and the least value of all threads, in thread 0; NaN if any is.
template <int THREADS>
SIMT_DEVICE void reduce_block(float& highest, float& lowest, float* smem_scratch) {
  for (unsigned mask = 16; mask > 0; mask /= 2) {
    highest = simt::max_propagating_nan(highest, simt::shuffle_xor(highest, mask));
    lowest = simt::min_propagating_nan(lowest, simt::shuffle_xor(lowest, mask));
  }
  if (simt::lane_idx() == 0) {
    simt::store_shared(&smem_scratch[2 * simt::warp_idx()], highest);
    simt::store_shared(&smem_scratch[2 * simt::warp_idx() + 1], lowest);
  }
  simt::sync_threads();
  if (simt::linear_thread_idx() == 0)
    for (int warp_idx = 1; warp_idx < THREADS / 32; ++warp_idx) {
      highest = simt::max_propagating_nan(highest, simt::load_shared(&smem_scratch[2 * warp_idx]));
      lowest = simt::min_propagating_nan(lowest, simt::load_shared(&smem_scratch[2 * warp_idx + 1]));
    }
}

template <class C>
SIMT_KERNEL(C::threads)
void mel_tile(Params p) {
  float* smem_audio = simt::dynamic_shared<float>();
  float* smem_work = smem_audio + C::SPAN;
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  const unsigned tile = simt::block_idx().x % p.tiles;
  const std::int64_t clip = simt::block_idx().x / p.tiles;
  const std::int64_t first_frame = static_cast<std::int64_t>(tile) * C::TILE;

  const std::int64_t begin = first_frame * C::HOP - C::N_FFT / 2;
  for (int i = thread_idx; i < C::SPAN; i += C::threads)
    simt::store_shared(&smem_audio[i], sample(p, p.audio + clip * p.samples, begin + i));
  simt::sync_threads();
  transform<C>(p, smem_audio, smem_work);
  simt::sync_threads();

  float* features = p.features + clip * p.n_mels * p.frames + first_frame;
  const int valid = p.frames - first_frame < C::TILE ? static_cast<int>(p.frames - first_frame) : C::TILE;
  float highest = p.lowest, lowest = p.highest;
  for (int i = thread_idx; i < p.n_mels * C::TILE; i += C::threads) {
    const int m = i / C::TILE, frame = i % C::TILE;
    if (frame >= valid) continue;
    const int begin_tap = simt::load_global(p.offset + m), end_tap = simt::load_global(p.offset + m + 1);
    const float* power = smem_work + simt::load_global(p.first_bin + m) * C::POWER_STRIDE + frame;
    float sum = 0;
    for (int tap = begin_tap; tap < end_tap; ++tap, power += C::POWER_STRIDE)
      sum = simt::fma(simt::load_global(p.weights + tap), simt::load_shared(power), sum);
    float v = simt::fma(p.log2_scale, simt::log2_approx(sum), p.log_offset);
    v = simt::min_propagating_nan(simt::max_propagating_nan(v, p.lowest), p.highest);
    simt::store_global(features + m * p.frames + frame, v);
    highest = simt::max_propagating_nan(highest, v);
    lowest = simt::min_propagating_nan(lowest, v);
  }
  if (p.dynamic_range == 0) return;
  reduce_block<C::threads>(highest, lowest, smem_audio);  // the audio has been read
  if (thread_idx == 0) {
    simt::store_global(p.tile_highest + simt::block_idx().x, highest);
    simt::store_global(p.tile_lowest + simt::block_idx().x, lowest);
  }
}

constexpr int clamp_threads = 256;

/// Raises what is below the clip's maximum less the dynamic range, in `tiles_per_block` tiles. Most speech
/// has none such outside its pauses: tiles with nothing to raise are not read.
template <class C>
SIMT_KERNEL(clamp_threads)
void mel_clamp(Params p, unsigned tiles_per_block) {
  float* smem_scratch = simt::dynamic_shared<float>();
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  const unsigned blocks = (p.tiles + tiles_per_block - 1) / tiles_per_block;  // of a clip
  const std::int64_t clip = simt::block_idx().x / blocks;
  const unsigned begin = simt::block_idx().x % blocks * tiles_per_block;
  const float* tile_highest = p.tile_highest + clip * p.tiles;

  float highest = p.lowest, unused = 0;
  for (unsigned tile = static_cast<unsigned>(thread_idx); tile < p.tiles; tile += clamp_threads)
    highest = simt::max_propagating_nan(highest, simt::load_global(tile_highest + tile));
  reduce_block<clamp_threads>(highest, unused, smem_scratch);
  simt::sync_threads();  // thread 0 has read the scratch
  if (thread_idx == 0) simt::store_shared(smem_scratch, highest);
  simt::sync_threads();
  const float floor = simt::load_shared(smem_scratch) - p.dynamic_range;

  for (unsigned tile = begin; tile < p.tiles && tile < begin + tiles_per_block; ++tile) {
    if (simt::load_global(p.tile_lowest + clip * p.tiles + tile) >= floor) continue;  // false for NaN
    const std::int64_t first_frame = static_cast<std::int64_t>(tile) * C::TILE;
    float* features = p.features + clip * p.n_mels * p.frames + first_frame;
    for (int i = thread_idx; i < p.n_mels * C::TILE; i += clamp_threads) {
      const int m = i / C::TILE, frame = i % C::TILE;
      if (first_frame + frame >= p.frames) continue;
      float* at = features + m * p.frames + frame;
      if (!(*at >= floor)) simt::store_global(at, floor);  // a NaN in the clip has made `floor` NaN
    }
  }
}

/// Tables and scratch on the device, alive as long as the launch.
class Tables {
 public:
  template <class T>
  T* add(const Device& device, const std::vector<T>& values) {
    auto& memory = memories_.emplace_back(device, values.size() * sizeof(T));
    memory.upload(0, std::as_bytes(std::span(values)));
    return reinterpret_cast<T*>(memory.data());
  }

 private:
  std::vector<Memory> memories_;
};

/// exp(-2 pi i turns / size)
Complex root(std::int64_t turns, std::int64_t size) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(turns % size) / static_cast<double>(size);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

template <class C>
Launch prepare_as(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  const MelPreset& preset = problem.preset;
  const auto tables = std::make_shared<Tables>();
  Params p{};
  p.audio = buffers.audio;
  p.features = buffers.features;
  p.samples = problem.samples;
  p.frames = problem.frames();
  p.tiles = static_cast<unsigned>((p.frames + C::TILE - 1) / C::TILE);
  p.n_mels = preset.n_mels;
  p.power = preset.power;
  p.preemphasis = static_cast<float>(preset.preemphasis);
  p.log2_scale = static_cast<float>(preset.log_scale * std::log10(2.0));
  p.log_offset = static_cast<float>(preset.log_offset);
  p.lowest = static_cast<float>(preset.lowest);
  p.highest = static_cast<float>(preset.highest);
  p.dynamic_range = static_cast<float>(preset.dynamic_range);

  const auto window = mel_window(preset);
  p.window = tables->add(device, std::vector<float>(window.begin(), window.end()));
  std::vector<Complex> stage, unpack;
  for (int k1 = 0; k1 < C::ROWS; ++k1)
    for (int column = 0; column < C::COLUMNS; ++column) stage.push_back(root(k1 * column, C::N_FFT / 2));
  for (int k = 0; k < C::N_FFT / 2; ++k) unpack.push_back(root(k, C::N_FFT));
  p.stage_twiddle = tables->add(device, stage);
  p.unpack_twiddle = tables->add(device, unpack);
  MelFilterbank bank = mel_filterbank(preset);
  for (float& weight : bank.weights) weight *= preset.power ? 0.25f : 0.5f;  // see unpack; exact
  p.first_bin = tables->add(device, bank.first_bin);
  p.offset = tables->add(device, bank.offset);
  p.weights = tables->add(device, bank.weights);

  const auto blocks = static_cast<unsigned>(problem.clips * p.tiles);
  const simt::LaunchShape tile_shape{{blocks}, {C::threads}, C::smem_bytes, "mel_tile"};
  if (preset.dynamic_range == 0)
    return [p, tile_shape, tables](Stream stream) { simt::launch(mel_tile<C>, tile_shape, stream, p); };

  p.tile_highest = tables->add(device, std::vector<float>(blocks));
  p.tile_lowest = tables->add(device, std::vector<float>(blocks));
  // Every block reads the maxima of all tiles of its clip: keep the blocks of a long clip few.
  const unsigned tiles_per_block = std::max(2u, (p.tiles + 127) / 128);
  const auto clamp_blocks = static_cast<unsigned>(problem.clips * ((p.tiles + tiles_per_block - 1) / tiles_per_block));
  const simt::LaunchShape clamp_shape{{clamp_blocks}, {clamp_threads}, 2 * 4 * clamp_threads / 32, "mel_clamp"};
  return [p, tile_shape, clamp_shape, tiles_per_block, tables](Stream stream) {
    simt::launch(mel_tile<C>, tile_shape, stream, p);
    simt::launch(mel_clamp<C>, clamp_shape, stream, p, tiles_per_block);
  };
}

template <class C>
bool fits(const MelPreset& preset) {
  return preset.n_fft == C::N_FFT && preset.hop == C::HOP;
}

Support supports(const Device& device, const Mel::Problem& problem) {
  if (device.kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (!fits<Config400>(problem.preset) && !fits<Config800>(problem.preset))
    return Support::no("needs n_fft 400 with hop 160, or n_fft 800 with hop 200");
  if (problem.clips * (problem.frames() / Config800::TILE + 1) > 0x7fffffff)
    return Support::no("more tiles than a grid has blocks");
  return {};
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  return fits<Config400>(problem.preset) ? prepare_as<Config400>(device, problem, buffers)
                                         : prepare_as<Config800>(device, problem, buffers);
}

const Register<Mel> registered{{"sm75_fused", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
