// Audio to log-mel features in one launch.
//
// A block takes a tile of frames of one clip. The audio under them is staged once in shared memory (frames overlap),
// and 8 to 32 lanes take a frame. A real frame of N samples is transformed as N/2 complex values, rows by columns: each
// lane transforms columns in registers, exchanges them once through shared memory, and takes the two rows whose bins
// are unpacked together (FusedConfig). The power of the tile then lies in shared memory, and lanes, one a frame, sum
// the filters. Where a preset looks at the largest feature of the clip, each block starts from the largest so far, and
// the last of the clip's blocks, or of its clusters where a GPU has them, raises what was written before it was known.
#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_filters.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/fused_stream.h"
#include "kernels/mel/fused_transform.cuh"
#include "kernels/mel/mel.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using namespace mel;

constexpr unsigned cluster_blocks = 8;

template <class C>
SIMT_KERNEL(C::max_threads, C::min_blocks)
void mel_fused(FusedParams p, unsigned cluster) {
  float* smem_audio = simt::dynamic_shared<float>();
  const int hop = C::HOP == 0 ? p.hop : C::HOP;
  const int span = C::span_floats(p.tile, hop);
  float* smem_work = smem_audio + span;
  const std::int64_t block = simt::block_idx().x;
  const std::int64_t clip_idx = p.clip_of_tile ? simt::load_global(p.clip_of_tile + block) : block / p.tiles_per_clip;
  const auto* clips = p.clips + clip_idx;
  const Clip clip{simt::load_global(&clips->audio),      simt::load_global(&clips->samples),
                  simt::load_global(&clips->features),   simt::load_global(&clips->frames),
                  simt::load_global(&clips->first_tile), simt::load_global(&clips->tiles)};
  const std::int64_t first = p.first_frame + (block - clip.first_tile) * p.tile;
  const std::int64_t left = (p.end_frame < 0 ? clip.frames : p.end_frame) - first;
  const int count = static_cast<int>(left < 0 ? 0 : left < p.tile ? left : p.tile);

  Extremes extremes{p.lowest, p.highest};
  if (count > 0) {
    stage_audio<C>(p, clip, first * hop - p.lead, (count - 1) * hop + C::N_FFT, smem_audio);
    simt::sync_threads();
    FusedParams tile = p;
    tile.tile = count;
    transform_tile<C>(tile, smem_audio, smem_work);
    simt::sync_threads();
    const float floor =
        p.dynamic_range == 0 ? p.lowest : clip_floor(p, simt::load_volatile(&p.state[clip_idx].highest));
    const std::int64_t features = clip.features + (p.frame_major ? first * p.n_mels : first);
    const int power_floats = C::POWER_FLOATS;
    float* smem_rows = p.frame_major ? smem_work + power_floats : nullptr;
    extremes = filter_tile(p, smem_work, C::POWER_STRIDE, features, clip.frames, count, floor, smem_rows);
    if (p.frame_major) {
      simt::sync_threads();
      store_rows(p, smem_rows, features, count);
    }
  }
  if (p.dynamic_range != 0) {
    simt::sync_threads();  // the scratch was audio
    finish_clip(p, clip, clip_idx, block, extremes, p.end_frame < 0, cluster, smem_audio);
  }
}

constexpr int row_threads = 128;

/// A warp takes one filter's features of one clip, and makes their mean 0 and their deviation 1. Distances from the
/// first are summed: of equal values, as of silence, mean and deviation are then exact.
SIMT_KERNEL(row_threads)
void mel_standardise(FusedParams p, std::int64_t rows) {
  const std::int64_t row = std::int64_t{simt::block_idx().x} * (row_threads / 32) + simt::warp_idx();
  if (row >= rows) return;
  const auto* clip = p.clips + row / p.n_mels;
  const std::int64_t frames = simt::load_global(&clip->frames), m = row % p.n_mels;
  if (frames == 0) return;
  const std::int64_t step = p.frame_major ? p.n_mels : 1;
  float* features =
      static_cast<float*>(p.features) + simt::load_global(&clip->features) + (p.frame_major ? m : m * frames);
  const auto all_lanes = [](float sum) {
    for (unsigned mask = 16; mask > 0; mask /= 2) sum += simt::shuffle_xor(sum, mask);
    return sum;
  };
  const float first = simt::load_volatile(features), count = static_cast<float>(frames);
  float sum = 0, square = 0;
  for (std::int64_t t = simt::lane_idx(); t < frames; t += 32) sum += simt::load_volatile(features + t * step) - first;
  const float mean = all_lanes(sum) / count;
  for (std::int64_t t = simt::lane_idx(); t < frames; t += 32) {
    const float distance = simt::load_volatile(features + t * step) - first - mean;
    square = simt::fma(distance, distance, square);
  }
  const float variance = all_lanes(square) / (frames > 1 ? count - 1 : 1);
  const float scale = 1 / (simt::sqrt(variance) + 1e-5f);
  for (std::int64_t t = simt::lane_idx(); t < frames; t += 32)
    simt::store_global(features + t * step, (simt::load_volatile(features + t * step) - first - mean) * scale);
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

/// The features of a stream that has ended, when the highest of them is known. A warp takes a tile.
SIMT_KERNEL(row_threads)
void mel_raise(FusedParams p) {
  const auto* clip = p.clips;
  const std::int64_t frames = simt::load_global(&clip->frames);
  const std::int64_t first = (std::int64_t{simt::block_idx().x} * (row_threads / 32) + simt::warp_idx()) * p.tile;
  if (first >= frames) return;
  const std::int64_t left = frames - first;
  raise_tile(p, 0, frames, first, static_cast<int>(left < p.tile ? left : p.tile),
             clip_floor(p, simt::load_volatile(&p.state->highest)));
}

/// Where a GPU has them, and a clip has blocks enough. The host executor does both, by the clip's length.
unsigned cluster_of(const Device& device, const Mel::Problem& problem, int tile) {
  const bool there = device.kind == DeviceKind::simt || device.compute_capability >= 90;
  const bool many = problem.frames() > std::int64_t{tile} * cluster_blocks;
  return there && many && problem.preset.dynamic_range != 0 && problem.chunk == 0 ? cluster_blocks : 1;
}

template <class C>
int tile_of(const Device& device, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  int tile = fused_tile(device, problem, C::FRAMES_PER_WARP, C::MAX_TILE);
  const auto fits = [&] {
    return C::shared_bytes(tile, preset.hop, preset.n_mels, preset.frame_major) <=
           static_cast<std::int64_t>(device.shared_bytes_per_block);
  };
  while (tile > C::FRAMES_PER_WARP && !fits()) tile -= C::FRAMES_PER_WARP;
  return fits() ? tile : 0;
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
template <class C>
Launch prepare_stream(const Device& device, const Mel::Problem& problem, const std::shared_ptr<FusedPlan>& plan,
                      simt::LaunchShape shape) {
  const auto steps = std::make_shared<std::vector<StreamStep>>(stream_steps(problem));
  const auto buffers = std::make_shared<std::vector<Memory>>();
  const std::int64_t most = StreamPosition::most_kept(problem.preset, problem.chunk);
  for (int i = 0; i < 2; ++i) buffers->emplace_back(device, static_cast<std::size_t>(most) * size_of(problem.input));
  const std::int64_t tiles = (problem.frames() + plan->params.tile - 1) / plan->params.tile;
  const auto raise_blocks = static_cast<unsigned>((tiles + row_threads / 32 - 1) / (row_threads / 32));
  const simt::LaunchShape raise_shape{{raise_blocks}, {row_threads}, 0, "mel_raise"};
  return [plan, steps, buffers, shape, raise_shape](Stream stream) {
    if (plan->params.dynamic_range != 0) plan->state().fill(0, stream);
    for (const StreamStep& step : *steps) {
      if (step.added > 0) append(step, *plan, *buffers, stream);
      if (step.end_frame == step.first_frame) continue;
      FusedParams p = plan->params;
      p.audio = (*buffers)[static_cast<std::size_t>(step.buffer)].data();
      p.clips = step.last ? plan->params.clips : plan->unending_clip();
      p.audio_begin = step.begin;
      p.first_frame = step.first_frame;
      p.end_frame = step.end_frame;
      auto grid = shape;
      grid.grid = {static_cast<unsigned>((step.end_frame - step.first_frame + p.tile - 1) / p.tile)};
      p.tiles_per_clip = grid.grid.x;
      simt::launch(mel_fused<C>, grid, stream, p, 1u);
    }
    if (plan->params.dynamic_range != 0) simt::launch(mel_raise, raise_shape, stream, plan->params);
  };
}

template <class C>
Launch prepare_as(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  const MelPreset& preset = problem.preset;
  const int tile = tile_of<C>(device, problem);
  const unsigned cluster = cluster_of(device, problem, tile);
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, FusedCut{C::ROWS, C::COLUMNS, tile, cluster});
  const auto threads = static_cast<unsigned>(32 * ((tile + C::FRAMES_PER_WARP - 1) / C::FRAMES_PER_WARP));
  const auto shared = static_cast<std::size_t>(C::shared_bytes(tile, preset.hop, preset.n_mels, preset.frame_major));
  const simt::LaunchShape shape{{static_cast<unsigned>(plan->tiles)}, {threads}, shared, "mel_fused", {cluster}};
  Launch features = [plan, shape, cluster](Stream stream) {
    simt::launch(mel_fused<C>, shape, stream, plan->params, cluster);
  };
  if (problem.chunk > 0) features = prepare_stream<C>(device, problem, plan, shape);
  if (!preset.per_feature) return features;
  const std::int64_t rows = problem.clips * preset.n_mels;
  const auto blocks = static_cast<unsigned>((rows + row_threads / 32 - 1) / (row_threads / 32));
  const simt::LaunchShape row_shape{{blocks}, {row_threads}, 0, "mel_standardise"};
  return [plan, features, row_shape, rows](Stream stream) {
    features(stream);
    simt::launch(mel_standardise, row_shape, stream, plan->params, rows);
  };
}

/// Calls `with` by the configuration of the preset's sizes; false if there is none.
template <class With>
bool with_config(const MelPreset& preset, With&& with) {
  const auto either = [&]<class Known, class Any>() {
    preset.hop == Known::HOP ? with.template operator()<Known>() : with.template operator()<Any>();
    return true;
  };
  switch (preset.n_fft) {
    case 400:
      return preset.hop == 200 ? either.template operator()<Hop200Of400, AnyHopOf400>()
                               : either.template operator()<Hop160Of400, AnyHopOf400>();
    case 512:
      return either.template operator()<Hop160Of512, AnyHopOf512>();
    case 800:
      return either.template operator()<Hop200Of800, AnyHopOf800>();
    case 1024:
      return either.template operator()<Hop256Of1024, AnyHopOf1024>();
    case 2048:
      return either.template operator()<Hop512Of2048, AnyHopOf2048>();
    default:
      return false;
  }
}

Support supports(const Device& device, const Mel::Problem& problem) {
  if (device.kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (problem.preset.per_feature && problem.output != Type::f32)
    return Support::no("f32 features only, where each filter is standardised");
  int tile = 0;
  if (!with_config(problem.preset, [&]<class C>() { tile = tile_of<C>(device, problem); }))
    return Support::no("needs n_fft 400, 512, 800, 1024 or 2048");
  if (tile == 0) return Support::no("the hop is too long for its shared memory");
  if (problem.feature_count() / problem.preset.n_mels + 16 * problem.clips > 0x7fffffff)
    return Support::no("more frames than a grid has blocks");
  return {};
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  Launch launch;
  with_config(problem.preset, [&]<class C>() { launch = prepare_as<C>(device, problem, buffers); });
  return launch;
}

const Register<Mel> registered{{"sm75_fused", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
