// Audio to log-mel features in one launch.
//
// A block takes a tile of frames of one clip. The audio under them is staged once in shared memory (frames overlap), as
// are the preset's tables, and 8 to 32 lanes take a frame. Blocks stay where there are more tiles than places for them.
// A real frame of N samples is transformed as N/2 complex values, rows by columns: each lane transforms columns in
// registers, exchanges them once through shared memory, and takes the two rows whose bins are unpacked together
// (FusedConfig). The power of the tile then lies in shared memory, and lanes, one a frame, sum the filters. Where a
// preset looks at the largest feature of the clip, each block starts from the largest so far, and the last of the
// clip's blocks, or of its clusters where a GPU has them, raises what was written before it was known.
#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/mel/fine_kernel.cuh"
#include "kernels/mel/fine_tables.h"
#include "kernels/mel/fused_kernel.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/fused_stream.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/stream_position.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using namespace mel;

constexpr int row_threads = 256;

/// The sum of all threads' values, in every thread, always in the same order. `smem_scratch`: one value a warp, used
/// for nothing else.
SIMT_DEVICE float sum_of_block(float sum, float* smem_scratch) {
  for (unsigned mask = 16; mask > 0; mask /= 2) sum += simt::shuffle_xor(sum, mask);
  if (simt::lane_idx() == 0) simt::store_shared(smem_scratch + simt::warp_idx(), sum);
  simt::sync_threads();
  sum = 0;
  for (int warp = 0; warp < row_threads / 32; ++warp) sum += simt::load_shared(smem_scratch + warp);
  return sum;
}

/// A block takes one filter's features of one clip, and makes their mean 0 and their deviation 1. Distances from the
/// first are summed: of equal values, as of silence, mean and deviation are then exact.
SIMT_KERNEL(row_threads)
void mel_standardise(const SIMT_GRID_CONSTANT FusedParams p) {
  float* smem_scratch = simt::dynamic_shared<float>();
  const unsigned row = simt::block_idx().x, n_mels = static_cast<unsigned>(p.n_mels);
  const Clip clip = clip_at(p, row / n_mels);
  const std::int64_t frames = clip.frames, m = row % n_mels, step = p.frame_major ? n_mels : 1;
  if (frames == 0) return;
  float* features = static_cast<float*>(p.features) + clip.features + (p.frame_major ? m : m * frames);
  const float first = simt::load_global_written(features), count = static_cast<float>(frames);
  const auto of_each = [&](auto&& take) {
    constexpr int at_once = 8;  // so that their loads are under way together
    for (std::int64_t from = simt::linear_thread_idx(); from < frames; from += at_once * row_threads) {
      float v[at_once] = {};
      SIMT_UNROLL
      for (int i = 0; i < at_once; ++i)
        if (const std::int64_t t = from + i * row_threads; t < frames)
          v[i] = simt::load_global_written(features + t * step);
      SIMT_UNROLL
      for (int i = 0; i < at_once; ++i)
        if (const std::int64_t t = from + i * row_threads; t < frames) take(v[i] - first, features + t * step);
    }
  };
  float sum = 0, square = 0;
  of_each([&](float distance, float*) { sum += distance; });
  const float mean = simt::divide_approx(sum_of_block(sum, smem_scratch), count);
  of_each([&](float distance, float*) { square = simt::fma(distance - mean, distance - mean, square); });
  square = sum_of_block(square, smem_scratch + row_threads / 32);
  const float variance = simt::divide_approx(square, frames > 1 ? count - 1 : 1);
  const float scale = simt::divide_approx(1, simt::sqrt_approx(variance) + 1e-5f);
  of_each([&](float distance, float* to) { simt::store_global(to, (distance - mean) * scale); });
}

constexpr unsigned copy_threads = 256;

/// A stream's samples: what is kept of the old ones, and the new ones behind. ELEMENT: as wide as a sample.
template <class ELEMENT>
SIMT_KERNEL(copy_threads)
void mel_append(const ELEMENT* kept, std::int64_t kept_count, const ELEMENT* added, std::int64_t count, ELEMENT* to) {
  const std::int64_t i = std::int64_t{simt::block_idx().x} * copy_threads + simt::linear_thread_idx();
  if (i < kept_count)
    simt::store_global(to + i, simt::load_global(kept + i));
  else if (i < kept_count + count)
    simt::store_global(to + i, simt::load_global(added + i - kept_count));
}

constexpr int raise_threads = 128;

/// The features of a stream that has ended, when the highest of them is known. A warp takes a tile.
SIMT_KERNEL(raise_threads)
void mel_raise(const SIMT_GRID_CONSTANT FusedParams p) {
  const std::int64_t frames = p.clip.frames;
  const std::int64_t first = (std::int64_t{simt::block_idx().x} * (raise_threads / 32) + simt::warp_idx()) * p.tile;
  if (first >= frames) return;
  const std::int64_t left = frames - first;
  raise_tile(p, static_cast<int>(simt::lane_idx()), 0, frames, first, static_cast<int>(left < p.tile ? left : p.tile),
             clip_floor(p, simt::load_global_written(&p.state->highest)));
}

/// Frames that a block can have in hand; 0: its shared memory holds not even a warp's.
template <class C>
int largest_tile(const Device& device, const MelPreset& preset) {
  int tile = C::MAX_TILE;
  const auto fits = [&] {
    return C::shared_bytes(tile, preset.hop, preset.n_mels, preset.frame_major) <=
           static_cast<std::int64_t>(device.shared_bytes_per_block);
  };
  while (tile > 0 && !fits()) tile -= C::FRAMES_PER_WARP;
  return tile;
}

void append(const StreamStep& step, const FusedPlan& plan, const std::vector<Memory>& buffers, Stream stream) {
  const std::int64_t count = step.kept + step.added;
  const simt::LaunchShape shape{
      {static_cast<unsigned>((count + copy_threads - 1) / copy_threads)}, {copy_threads}, 0, "mel_append"};
  const auto launch_as = [&]<class ELEMENT>(ELEMENT) {
    auto* from = reinterpret_cast<const ELEMENT*>(buffers[static_cast<std::size_t>(1 - step.buffer)].data());
    auto* to = reinterpret_cast<ELEMENT*>(buffers[static_cast<std::size_t>(step.buffer)].data());
    simt::launch(mel_append<ELEMENT>, shape, stream, from + step.dropped, step.kept,
                 static_cast<const ELEMENT*>(plan.params.audio) + step.added_at, step.added, to);
  };
  plan.params.audio_i16 ? launch_as(std::int16_t{}) : launch_as(float{});
}

/// One clip in pieces, as a live source brings them: each is appended to what is kept of those before, and the frames
/// that it completes are computed from that.
///
/// `launch_piece(grid, stream, params)`: the kernel.
template <class LaunchPiece>
Launch prepare_stream(const Device& device, const Mel::Problem& problem, const std::shared_ptr<FusedPlan>& plan,
                      simt::LaunchShape shape, const LaunchPiece& launch_piece) {
  const auto steps = std::make_shared<std::vector<StreamStep>>(stream_steps(problem));
  const auto buffers = std::make_shared<std::vector<Memory>>();
  const std::int64_t most = StreamPosition::most_kept(problem.preset, problem.chunk);
  for (int i = 0; i < 2; ++i) buffers->emplace_back(device, static_cast<std::size_t>(most) * size_of(problem.input));
  const std::int64_t tiles = (problem.frames() + plan->params.tile - 1) / plan->params.tile;
  const auto raise_blocks = static_cast<unsigned>((tiles + raise_threads / 32 - 1) / (raise_threads / 32));
  const simt::LaunchShape raise_shape{{raise_blocks}, {raise_threads}, 0, "mel_raise"};
  return [plan, steps, buffers, shape, raise_shape, launch_piece](Stream stream) {
    if (plan->params.limits_range) plan->state().fill(0, stream);
    for (const StreamStep& step : *steps) {
      if (step.added > 0) append(step, *plan, *buffers, stream);
      if (step.end_frame == step.first_frame) continue;
      FusedParams p = plan->params;
      p.audio = (*buffers)[static_cast<std::size_t>(step.buffer)].data();
      if (!step.last) p.clip.samples = StreamPosition::unknown;
      p.audio_begin = step.begin;
      p.first_frame = step.first_frame;
      p.end_frame = step.end_frame;
      auto grid = shape;
      p.tiles = static_cast<unsigned>((step.end_frame - step.first_frame + p.tile - 1) / p.tile);
      p.clip.tiles = p.tiles;
      p.rounds = 1;
      p.keeps_overlap = false;
      grid.grid = {p.tiles};
      launch_piece(grid, stream, p);
    }
    if (plan->params.limits_range) simt::launch(mel_raise, raise_shape, stream, plan->params);
  };
}

/// Behind `features`, where a preset asks for it.
Launch standardised(const Mel::Problem& problem, const std::shared_ptr<FusedPlan>& plan, const Launch& features) {
  if (!problem.preset.per_feature) return features;
  const auto rows = static_cast<unsigned>(problem.clips * problem.preset.n_mels);
  const simt::LaunchShape row_shape{{rows}, {row_threads}, 2 * 4 * row_threads / 32, "mel_standardise"};
  return [plan, features, row_shape](Stream stream) {
    features(stream);
    simt::launch(mel_standardise, row_shape, stream, plan->params);
  };
}

template <class C>
Launch prepare_as(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  static_assert(C::threads(C::FRAMES_PER_WARP) <= FilterTable::most_groups);
  const MelPreset& preset = problem.preset;
  const int tile = fused_tile(device, problem, C::FRAMES_PER_WARP, largest_tile<C>(device, preset));
  const unsigned cluster = fused_cluster(device, problem, tile);
  const FusedCut cut{C::ROWS, C::COLUMNS, tile, cluster, C::threads(tile)};
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, cut);
  const auto shared = static_cast<std::size_t>(C::shared_bytes(tile, preset.hop, preset.n_mels, preset.frame_major));
  const auto resident = std::min<std::size_t>(C::min_blocks, (device.shared_bytes_per_block + 1024) / (shared + 1024));
  const unsigned blocks = plan->cut_rounds(device, cluster, static_cast<unsigned>(resident), C::OVERLAP);
  const simt::LaunchShape shape{{blocks}, {static_cast<unsigned>(cut.threads)}, shared, "mel_fused", {cluster}};
  const auto launch_piece = [plan](const simt::LaunchShape& grid, Stream stream, const FusedParams& p) {
    simt::launch(mel_fused<C>, grid, stream, p, plan->filters);
  };
  Launch features = [plan, shape, launch_piece](Stream stream) { launch_piece(shape, stream, plan->params); };
  if (problem.chunk > 0) features = prepare_stream(device, problem, plan, shape, launch_piece);
  return standardised(problem, plan, features);
}

/// Whether the fine kernel takes it: whole windows, no frame by itself, features filter by filter, and no filter that
/// nearly all bins feed.
template <class C>
bool is_fine(const MelPreset& preset) {
  if (preset.n_fft != C::N_FFT || preset.hop != C::HOP || preset.window_length() != preset.n_fft ||
      preset.frame_by_frame || preset.frame_major)
    return false;
  const MelFilterbank bank = mel_filterbank(preset);
  for (int m = 0; m < preset.n_mels; ++m)
    if (bank.taps(m) + 3 > C::BINS) return false;
  return true;
}

template <class C>
int largest_fine_tile(const Device& device, const MelPreset& preset, int table_floats) {
  int tile = C::MAX_TILE;
  while (tile > 0 &&
         C::shared_bytes(tile, preset.n_mels, table_floats) > static_cast<std::int64_t>(device.shared_bytes_per_block))
    --tile;
  return tile;
}

template <class C>
FineTables fine_tables_of(const MelPreset& preset) {
  return fine_tables(preset, C::ROWS, C::COLUMNS, C::spectrum_at,
                     preset.power ? 0.25f : 0.5f);  // the spectrum is twice too large; exact
}

/// False: not one frame fits.
template <class C>
bool fits_fine(const Device& device, const MelPreset& preset) {
  return is_fine<C>(preset) &&
         largest_fine_tile<C>(device, preset, static_cast<int>(fine_tables_of<C>(preset).all.size())) > 0;
}

template <class C>
Launch prepare_fine(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  const MelPreset& preset = problem.preset;
  const FineTables tables = fine_tables_of<C>(preset);
  const int table_floats = static_cast<int>(tables.all.size());
  const FineCut fine_cut = cut_fine(device, problem, largest_fine_tile<C>(device, preset, table_floats));
  const FusedCut cut{C::ROWS, C::COLUMNS, fine_cut.tile, fine_cut.cluster, C::threads};
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, cut);
  const FineParams fine = plan->add_fine(device, tables, fine_cut.clip_in_cluster);
  const auto shared = static_cast<std::size_t>(C::shared_bytes(cut.tile, preset.n_mels, table_floats));
  const auto resident = std::min<std::size_t>(C::min_blocks, (device.shared_bytes_per_block + 1024) / (shared + 1024));
  const unsigned blocks = plan->cut_rounds(device, cut.cluster, static_cast<unsigned>(resident), C::OVERLAP);
  const simt::LaunchShape shape{{blocks}, {C::threads}, shared, "mel_fine", {cut.cluster}};
  const auto launch_piece = [plan, fine](const simt::LaunchShape& grid, Stream stream, const FusedParams& p) {
    simt::launch(mel_fine<C>, grid, stream, p, fine);
  };
  Launch features = [plan, shape, launch_piece](Stream stream) { launch_piece(shape, stream, plan->params); };
  if (problem.chunk > 0) features = prepare_stream(device, problem, plan, shape, launch_piece);
  return standardised(problem, plan, features);
}

/// Calls `with` by the configuration of the preset's sizes; false if there is none. How long a clip is makes no
/// difference: what a compiler makes of two configurations may differ in the last bit.
template <class With>
bool with_config(const Device& device, const MelPreset& preset, With&& with) {
  // Of a known hop; Small where a device has little shared memory, as sm_75 has.
  const auto of = [&]<class Known, class Small, class Any>() {
    if (preset.hop != Known::HOP)
      with.template operator()<Any>();
    else if (largest_tile<Known>(device, preset) < largest_tile<Small>(device, preset))
      with.template operator()<Small>();
    else
      with.template operator()<Known>();
    return true;
  };
  switch (preset.n_fft) {
    case 400:
      return preset.hop == 200 ? of.template operator()<Hop200Of400, Hop200Of400, AnyHopOf400>()
                               : of.template operator()<Hop160Of400, Hop160Of400, AnyHopOf400>();
    case 512:
      return of.template operator()<Hop160Of512, Hop160Of512, AnyHopOf512>();
    case 800:
      return of.template operator()<Hop200Of800, SmallHop200Of800, AnyHopOf800>();
    case 1024:
      return of.template operator()<Hop256Of1024, Hop256Of1024, AnyHopOf1024>();
    case 2048:
      return of.template operator()<Hop512Of2048, SmallHop512Of2048, AnyHopOf2048>();
    default:
      return false;
  }
}

/// Calls `with` by the fine configuration that takes the preset; false if there is none.
template <class With>
bool with_fine(const Device& device, const MelPreset& preset, With&& with) {
  const auto take = [&]<class C>(C) {
    if (!fits_fine<C>(device, preset)) return false;
    with.template operator()<C>();
    return true;
  };
  return take(FineConfig<400, 160>{}) || take(FineConfig<400, 200>{}) || take(FineConfig<800, 200>{});
}

/// Whether latency decides, for which the fine kernel is: of one second and of 30 it takes two thirds of the other's
/// time, and of 64 clips of 30 s a fifth more (wav2lip80, predicted for an H200). Pieces of a stream are asked as the
/// whole is, so that they have its bits. The host executor has no multiprocessors: as if it had a few.
bool is_short(const Device& device, const Mel::Problem& problem) {
  return problem.feature_count() <= std::int64_t{48} * std::max(device.multiprocessors, 16) * problem.preset.n_mels;
}

Support supports(const Device& device, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (preset.per_feature && problem.output != Type::f32)
    return Support::no("f32 features only, where each filter is standardised");
  if (preset.n_mels > FilterTable::most_filters) return Support::no("256 filters at most");
  int tile = 0;
  if (is_short(device, problem)) with_fine(device, preset, [&]<class C>() { tile = C::MAX_TILE; });
  if (tile == 0 && !with_config(device, preset, [&]<class C>() { tile = largest_tile<C>(device, preset); }))
    return Support::no("needs n_fft 400, 512, 800, 1024 or 2048");
  if (tile == 0) return Support::no("the hop is too long for its shared memory");
  if (problem.feature_count() / preset.n_mels + FilterTable::most_filters * problem.clips > 0x7fffffff)
    return Support::no("more frames than a grid has blocks");
  return {};
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  Launch launch;
  const auto take_fine = [&]<class C>() { launch = prepare_fine<C>(device, problem, buffers); };
  if (is_short(device, problem) && with_fine(device, problem.preset, take_fine)) return launch;
  with_config(device, problem.preset, [&]<class C>() { launch = prepare_as<C>(device, problem, buffers); });
  return launch;
}

const Register<Mel> registered{{"sm75_fused", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
