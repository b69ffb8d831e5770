#pragma once
// From a problem to the launch of an implicit GEMM: which tile, and how many splits.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/conv2d/implicit_gemm.h"
#include "kernels/op/behind_kernel.h"
#include "kernels/tile/split_buffers.h"

namespace kernelgate::conv2d {

/// One way to launch a problem.
struct GemmChoice {
  using Make = Launch (*)(const Device&, const Conv2d::Problem&, const Conv2d::Buffers&, int splits);

  double cycles = std::numeric_limits<double>::infinity();
  int splits = 1;
  Make make = nullptr;
};

template <class C>
std::int64_t gemm_tiles(const Conv2d::Problem& problem) {
  return phases(problem) * ceil_div(phase_pixels(problem), C::BLOCK_M) * ceil_div(problem.k_per_group(), C::BLOCK_N) *
         problem.groups;
}

/// Of the longest phase, about.
template <class C>
std::int64_t gemm_k_tiles(const Conv2d::Problem& problem) {
  if (!problem.transposed) return ceil_div(problem.r * problem.s * problem.c_per_group(), C::BLOCK_K);
  return ceil_div(problem.r, problem.stride_h) * ceil_div(problem.s, problem.stride_w) *
         ceil_div(problem.c_per_group(), C::BLOCK_K);
}

/// Whether a grid has the places for a problem, cut at its smallest tiles.
template <class FewestPixels, class FewestChannels>
Support gemm_fits(const Conv2d::Problem& problem) {
  if (const Support support = fits(problem); !support) return support;
  if (static_cast<double>(phases(problem)) *
          static_cast<double>(ceil_div(phase_pixels(problem), FewestPixels::BLOCK_M)) >=
      1 << 30)
    return Support::no("needs a smaller stride");
  if (problem.groups > 65535 || ceil_div(problem.k_per_group(), FewestChannels::BLOCK_N) > 65535)
    return Support::no("needs at most 65535 groups and 2^21 output channels in each");
  return {};
}

/// How long a problem should take, in cycles, but for what is always the same. Chooses, no more; infinite where it
/// can't be done.
///
/// Source  A100 and later: 1024 products a cycle and multiprocessor by mma of f16; 34 bytes a cycle from L2, of which
///         the chip has 4850; a round of an alone block, from one barrier to the next, takes 250 at least. Where blocks
///         divide the reduction: a fence, an atomic and one more way through L2.
template <class C>
double gemm_cycles(const Device& device, const Conv2d::Problem& problem, int splits) {
  const std::int64_t tiles = gemm_tiles<C>(problem), blocks = tiles * splits, k_tiles = gemm_k_tiles<C>(problem);
  const std::int64_t processors = std::max(1, device.multiprocessors);
  if (splits > 1 && (blocks > 2 * processors || splits > k_tiles || problem.groups * splits > 65535))
    return std::numeric_limits<double>::infinity();
  const std::int64_t resident = std::clamp<std::int64_t>(160 * 1024 / C::smem_bytes, 1, 2048 / C::threads);
  const std::int64_t together = std::clamp<std::int64_t>(ceil_div(blocks, processors), 1, resident);
  const std::int64_t waves = ceil_div(blocks, processors * together);
  const auto shared = static_cast<double>(together), active = static_cast<double>(std::min(blocks, processors));
  const double multiply = shared * C::BLOCK_M * C::BLOCK_N * C::BLOCK_K / 1024.0;
  const double load = shared * C::stage_bytes / std::min(34.0, 4850.0 / active);
  const double a_round = std::max({multiply, load, 250.0});
  const double add_up = splits == 1 ? 0 : 2500 + shared * C::BLOCK_M * C::BLOCK_N * 4.0 * splits / 34;
  return static_cast<double>(waves) * (static_cast<double>(ceil_div(k_tiles, splits)) * a_round + 800) + add_up;
}

inline namespace SIMT_SIDE {

template <class C, bool TRANSPOSED, bool VECTORIZED>
Launch make_gemm(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers, int splits) {
  const std::int64_t tiles_per_phase = ceil_div(phase_pixels(problem), C::BLOCK_M);
  GemmParams params{};
  params.conv = params_of(problem, buffers);
  params.tiles_per_phase = static_cast<int>(tiles_per_phase);
  params.splits = splits;
  if (TRANSPOSED) {
    const ConvParams& p = params.conv;
    for (int phase = 0; phase < std::min(p.stride_h, GemmParams::most_walks); ++phase)
      params.rows[phase] = transposed_walk(p.p, p.r, p.stride_h, p.pad_h, p.dilation_h, phase);
    for (int phase = 0; phase < std::min(p.stride_w, GemmParams::most_walks); ++phase)
      params.columns[phase] = transposed_walk(p.q, p.s, p.stride_w, p.pad_w, p.dilation_w, phase);
  }
  simt::LaunchShape shape;
  shape.grid = {static_cast<unsigned>(tiles_per_phase * phases(problem)),
                static_cast<unsigned>(ceil_div(problem.k_per_group(), C::BLOCK_N)),
                static_cast<unsigned>(problem.groups * splits)};
  shape.block = {C::threads};
  shape.dynamic_shared_bytes = C::smem_bytes;
  shape.kernel_name = "implicit_gemm";
  shape.overlaps_previous = BehindKernel::here();
  const tile::SplitBuffers split = tile::split_buffers(
      device, static_cast<unsigned>(splits), static_cast<unsigned>(gemm_tiles<C>(problem)), C::BLOCK_M * C::BLOCK_N);
  params.partials = split.params.partials;
  params.arrived = split.params.arrivals;
  return [shape, params, split](Stream stream) {
    (void)split;  // keeps its memory
    simt::launch(implicit_gemm<C, TRANSPOSED, VECTORIZED>, shape, stream, params);
  };
}

/// A tile that is compiled for such problems, in a file's `for_each_tile(transposed, vectorized, visit)`, which calls
/// visit(CompiledGemm, most_splits) for each.
template <class C, bool TRANSPOSED, bool VECTORIZED>
struct CompiledGemm {
  using Config = C;
  static constexpr GemmChoice::Make make = make_gemm<C, TRANSPOSED, VECTORIZED>;
};

/// The tile and the number of splits that should be quickest.
template <class ForEachTile>
Launch launch_quickest(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                       ForEachTile for_each_tile) {
  if (problem.y_count() == 0) return [](Stream) {};
  GemmChoice best;
  for_each_tile(problem.transposed, can_vectorize(problem, buffers), [&](auto tile, int most_splits) {
    using Tile = decltype(tile);
    for (int splits = 1; splits <= most_splits; splits *= 2)
      if (const double here = gemm_cycles<typename Tile::Config>(device, problem, splits); here < best.cycles)
        best = {here, splits, Tile::make};
  });
  return best.make(device, problem, buffers, best.splits);
}

/// C alone, with so many splits.
template <class C, class ForEachTile>
Launch launch_as(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                 ForEachTile for_each_tile, int splits) {
  GemmChoice::Make make = nullptr;
  for_each_tile(problem.transposed, can_vectorize(problem, buffers), [&](auto tile, int most_splits) {
    using Tile = decltype(tile);
    if (std::is_same_v<C, typename Tile::Config> && splits <= most_splits &&
        std::isfinite(gemm_cycles<C>(device, problem, splits)))
      make = Tile::make;
  });
  if (make == nullptr) throw Unsupported("this tile is not for such a problem, or so many splits are not");
  return make(device, problem, buffers, splits);
}

/// Every tile of `for_each_tile` with every number of splits, for whoever tunes.
template <class ForEachTile>
std::vector<TilePolicy<Conv2d>> gemm_policies(ForEachTile for_each_tile) {
  std::vector<TilePolicy<Conv2d>> all;
  const auto add = [&](auto compiled, int most_splits) {
    using C = typename decltype(compiled)::Config;
    const std::string tile = std::to_string(C::BLOCK_M) + "x" + std::to_string(C::BLOCK_N) + "x" +
                             std::to_string(C::BLOCK_K) + ", " + std::to_string(C::num_stages) + " stages";
    if (std::ranges::find(all, tile, &TilePolicy<Conv2d>::name) != all.end()) return;
    for (int splits = 1; splits <= most_splits; splits *= 2)
      all.push_back({splits == 1 ? tile : tile + ", by " + std::to_string(splits),
                     [=](const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
                       return launch_as<C>(device, problem, buffers, for_each_tile, splits);
                     }});
  };
  for (const bool transposed : {false, true})
    for (const bool vectorized : {true, false}) for_each_tile(transposed, vectorized, add);
  return all;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
