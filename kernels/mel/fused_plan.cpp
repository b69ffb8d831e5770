#include "kernels/mel/fused_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <span>

#include "kernels/mel/filter_segments.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/tile/cluster_places.h"

namespace kernelgate::mel {
namespace {

void push_root(std::vector<float>& to, std::int64_t turns, std::int64_t size) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(turns % size) / static_cast<double>(size);
  to.push_back(static_cast<float>(std::cos(angle)));
  to.push_back(static_cast<float>(std::sin(angle)));
}

}  // namespace

FusedPlan::FusedPlan(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers,
                     const FusedCut& cut) {
  const MelPreset& preset = problem.preset;
  params.audio = buffers.audio;
  params.features = buffers.features;
  params.audio_i16 = problem.input == Type::i16;
  params.features_f16 = problem.output == Type::f16;
  params.frame_major = preset.frame_major;
  params.end_frame = -1;
  params.tile = cut.tile;
  params.frame_lanes = frame_lanes_of(cut.tile);
  params.filter_lanes = filter_lanes_of(cut.tile, preset);
  params.hop = preset.hop;
  params.lead = preset.samples_before();
  params.padding = static_cast<int>(preset.padding);
  params.window_begin = preset.window_begin();
  params.window_length = preset.window_length();
  params.emphasise = preset.preemphasis != 0 && !preset.frame_by_frame;
  params.limits_range = preset.dynamic_range != 0;
  params.mean_scale = 1.0f / static_cast<float>(preset.window_length());
  params.frame_by_frame = preset.frame_by_frame;
  params.power = preset.power;
  params.logarithm = preset.logarithm;
  params.preemphasis = static_cast<float>(preset.preemphasis);
  params.log2_scale = static_cast<float>(preset.log_scale * std::log10(2.0));
  params.log_offset = static_cast<float>(preset.log_offset);
  params.log_add = static_cast<float>(preset.log_add);
  params.lowest = static_cast<float>(preset.lowest);
  params.highest = static_cast<float>(preset.highest);
  params.dynamic_range = static_cast<float>(preset.dynamic_range);
  params.n_mels = preset.n_mels;
  add_tables(device, problem, cut);
  add_clips(device, problem, cut);
}

template <class T>
T* FusedPlan::add(const Device& device, const std::vector<T>& values) {
  auto& memory = memories_.emplace_back(device, std::max<std::size_t>(values.size() * sizeof(T), 1));
  memory.upload(0, std::as_bytes(std::span(values)));
  return reinterpret_cast<T*>(memory.data());
}

void FusedPlan::add_tables(const Device& device, const Mel::Problem& problem, const FusedCut& cut) {
  const MelPreset& preset = problem.preset;
  const auto window = mel_window(preset);
  std::vector<float> all(window.begin(), window.end());
  const std::size_t stage = all.size();
  for (int k1 = 0; k1 < cut.rows; ++k1)
    for (int column = 0; column < cut.columns; ++column) push_root(all, std::int64_t{k1} * column, preset.n_fft / 2);
  const std::size_t unpack = all.size();
  for (int k = 0; k <= preset.n_fft / 2; ++k) push_root(all, k, preset.n_fft);
  const std::size_t weights = all.size();
  // The spectrum is twice too large; exact.
  for (const BinWeights& bin : segment_weights(preset, preset.power ? 0.25f : 0.5f)) {
    all.push_back(bin.falling);
    all.push_back(bin.rising);
  }
  all.resize((all.size() + 3) / 4 * 4);
  const float* at = add(device, all);
  params.tables = {at, at + stage, at + unpack, reinterpret_cast<const BinWeights*>(at + weights)};
  filters = filter_table(preset, std::min(cut.threads / params.filter_lanes, FilterTable::most_groups));
}

void FusedPlan::add_clips(const Device& device, const Mel::Problem& problem, const FusedCut& cut) {
  std::vector<Clip> clips;
  std::vector<int> clip_of_tile;
  std::int64_t audio = 0, features = 0, tiles = 0;
  for (std::int64_t c = 0; c < problem.clips; ++c) {
    const std::int64_t samples = problem.clip_samples(c), frames = problem.clip_frames(c);
    std::int64_t own = (frames + cut.tile - 1) / cut.tile;
    own = (own + cut.cluster - 1) / cut.cluster * cut.cluster;
    clips.push_back({audio, samples, features, frames, tiles, own});
    if (problem.lengths) clip_of_tile.insert(clip_of_tile.end(), static_cast<std::size_t>(own), static_cast<int>(c));
    audio += samples;
    features += frames * problem.preset.n_mels;
    tiles += own;
  }
  params.clip = clips.front();
  if (problem.lengths) {
    params.clips = add(device, clips);
    params.clip_of_tile = add(device, clip_of_tile);
  }
  params.tiles = static_cast<unsigned>(tiles);
  if (problem.preset.dynamic_range == 0) return;
  params.state = add(device, std::vector<ClipState>(clips.size()));
  state_ = memories_.size() - 1;
  params.tile_lowest = add(device, std::vector<float>(static_cast<std::size_t>(tiles)));
}

FineParams FusedPlan::add_fine(const Device& device, const FineTables& tables, bool clip_in_cluster) {
  const int quad_lanes = frame_lanes_of((params.tile + 3) / 4);
  return {add(device, tables.all),
          static_cast<int>(tables.all.size() / 4),
          tables.window_at,
          tables.twiddles_at,
          tables.filters_at,
          tables.weights_at,
          std::countr_zero(static_cast<unsigned>(params.frame_lanes)),
          std::countr_zero(static_cast<unsigned>(quad_lanes)),
          clip_in_cluster};
}

int fused_tile(const Device& device, const Mel::Problem& problem, int step, int most) {
  // The host executor has no multiprocessors: as if it had few, so that small problems have whole tiles, too.
  const std::int64_t blocks = 2 * std::max(device.multiprocessors, 2);
  const std::int64_t frames =
      problem.chunk > 0 ? problem.chunk / problem.preset.hop + 1 : problem.feature_count() / problem.preset.n_mels;
  const std::int64_t tile = (frames + blocks - 1) / blocks;
  return static_cast<int>(std::clamp<std::int64_t>((tile + step - 1) / step * step, step, most));
}

unsigned FusedPlan::cut_rounds(const Device& device, unsigned cluster, unsigned resident, int overlap) {
  const std::int64_t clusters = params.tiles / cluster;
  const std::int64_t places = tile::cluster_places(device.multiprocessors, cluster) * std::max(resident, 1u);
  const std::int64_t rounds = (clusters + places - 1) / places;
  params.rounds = static_cast<unsigned>(rounds);
  params.cluster_log2 = static_cast<unsigned>(std::countr_zero(cluster));
  params.keeps_overlap = rounds > 1 && overlap > 0 && params.tile * params.hop >= overlap;
  return static_cast<unsigned>((clusters + rounds - 1) / rounds) * cluster;
}

unsigned fused_cluster(const Device& device, const Mel::Problem& problem, int tile) {
  constexpr std::int64_t blocks = 8;
  const bool there = device.kind == DeviceKind::simt || device.compute_capability >= 90;
  const bool many = problem.frames() > tile * (blocks - 1);
  return there && many && problem.preset.dynamic_range != 0 && problem.chunk == 0 ? blocks : 1;
}

FineCut cut_fine(const Device& device, const Mel::Problem& problem, int most) {
  constexpr int blocks = 8;
  const bool clusters = device.kind == DeviceKind::simt || device.compute_capability >= 90;
  const std::int64_t frames = problem.frames();
  FineCut cut;
  if (clusters && problem.preset.dynamic_range != 0 && problem.chunk == 0 && frames <= std::int64_t{blocks} * most)
    return {static_cast<int>((frames + blocks - 1) / blocks), blocks, true};
  cut.tile = fused_tile(device, problem, 1, most);
  // Of a batch, whose clips take turns, most of a clip knows its highest in time; and clusters have 128 of 132
  // multiprocessors.
  if (problem.clips == 1) cut.cluster = fused_cluster(device, problem, cut.tile);
  return cut;
}

}  // namespace kernelgate::mel
