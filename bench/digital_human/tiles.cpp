#include "bench/digital_human/tiles.h"

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "kernels/op/verification.h"
#include "kernels/pipeline/chain.h"

namespace kernelgate {
namespace {

constexpr std::int64_t width = 3840, height = 2160;
constexpr std::int64_t first_level = 5, last_level = 11;

double bytes_needed(const Pipeline::Problem& problem) {
  auto bytes = static_cast<double>(pipeline::memory_of(pipeline::chain_of(problem)).bytes);
  for (const TensorSpec& spec : Pipeline::inputs(problem)) bytes += static_cast<double>(bytes_of(spec));
  return bytes + static_cast<double>(bytes_of(Pipeline::output(problem)));
}

}  // namespace

std::vector<TilePlan> tile_plans() {
  std::vector<TilePlan> plans;
  for (std::int64_t levels = first_level; levels <= last_level; ++levels) {
    const Pipeline::Problem problem{.levels = levels};
    const std::int64_t pixels = problem.pixels();
    const auto along = [&](std::int64_t size) { return (size + pixels - 1) / pixels; };
    plans.push_back(
        {levels, pixels, along(width) * along(height), bytes_needed(problem), Pipeline::work(problem).flop, 0});
  }
  return plans;
}

std::int64_t largest_batch(double bytes) {
  std::int64_t fits = 0, beyond = 1 << 16;
  while (beyond - fits > 1) {
    const std::int64_t middle = fits + (beyond - fits) / 2;
    (bytes_needed({.n = middle}) <= bytes ? fits : beyond) = middle;
  }
  return fits;
}

std::string show(const std::vector<TilePlan>& plans, const std::string& measured_on) {
  std::string text = fmt::format(
      "4K: a picture of {} x {} in tiles, one at a time, by generators of the same kind\n"
      "  {:>9}{:>8}{:>12}{:>14}{:>16}  {:14}{}\n",
      width, height, "tile", "tiles", "memory", "work a tile", "work a picture", "16 GB hold it",
      "time a picture, " + measured_on);
  for (const TilePlan& plan : plans)
    text += fmt::format("  {:>9}{:>8}{:>12}{:>14}{:>16}  {:14}{}\n", fmt::format("{0}x{0}", plan.pixels), plan.tiles,
                        show_amount(plan.bytes, "B"), show_amount(plan.flop, "FLOP"),
                        show_amount(plan.flop * static_cast<double>(plan.tiles), "FLOP"),
                        plan.bytes <= card_bytes ? "yes" : "no",
                        plan.tile_s > 0 ? show_seconds(plan.tile_s * static_cast<double>(plan.tiles)) : "not measured");
  text += fmt::format(
      "  Memory is reckoned: weights, maps with the memory that they share, inputs and outputs in f16; what a driver\n"
      "  keeps for itself comes to it. 16 GB hold {} frames of 96 x 96 at a time.\n",
      largest_batch(card_bytes));
  return text;
}

}  // namespace kernelgate
