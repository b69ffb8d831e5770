#include "kernels/mel/filter_segments.h"

#include <algorithm>

#include "kernels/mel/mel_filterbank.h"

namespace kernelgate::mel {
namespace {

struct Bin {
  int segment = -1;  ///< -1: it feeds no filter
  BinWeights weights;
};

std::vector<Bin> bins_of(const MelPreset& preset) {
  const MelFilterbank bank = mel_filterbank(preset);
  std::vector<Bin> bins(static_cast<std::size_t>(preset.bins()));
  for (int m = 0; m < preset.n_mels; ++m)
    for (int tap = 0; tap < bank.taps(m); ++tap) {
      const int at = bank.first_bin[static_cast<std::size_t>(m)] + tap,
                place = bank.offset[static_cast<std::size_t>(m)] + tap;
      Bin& bin = bins[static_cast<std::size_t>(at)];
      const float weight = bank.weights[static_cast<std::size_t>(place)];
      if (bin.segment < 0) {
        bin = {m, {0, weight}};  // as if it rose, until the next filter has it, too
      } else {
        bin.weights = {bin.weights.rising, weight};
        bin.segment = m;
      }
    }
  // A bin of filter m alone stands behind those that m shares with the next one: then it falls.
  int last = 0;
  for (Bin& bin : bins) {
    if (bin.segment < 0) continue;
    if (bin.segment < last) bin = {bin.segment + 1, {bin.weights.rising, 0}};
    last = bin.segment;
  }
  return bins;
}

}  // namespace

FilterTable filter_table(const MelPreset& preset, int groups) {
  FilterTable table{};
  const std::vector<Bin> bins = bins_of(preset);
  // Segments follow each other, and so do their bins.
  std::size_t bin = 0, end = 0;
  for (std::size_t b = 0; b < bins.size(); ++b)
    if (bins[b].segment >= 0) end = b + 1;
  for (int s = 0; s < preset.n_mels + 2; ++s) {
    while (bin < end && bins[bin].segment < s) ++bin;
    table.begin[static_cast<std::size_t>(s)] = static_cast<std::uint16_t>(bin);
  }
  // What a filter costs besides its bins, in bins (an estimate).
  constexpr int fixed = 3;
  const auto cost = [&](int m) {
    const auto s = static_cast<std::size_t>(m) + 1;
    return table.begin[s + 1] - table.begin[s] + fixed;
  };
  int all = 0, so_far = 0, group = 0;
  for (int m = 0; m < preset.n_mels; ++m) all += cost(m);
  for (int m = 0; m < preset.n_mels; ++m) {
    // The group whose share the filter's middle lies in.
    const int own = std::min((2 * so_far + cost(m)) * groups / (2 * all), groups - 1);
    while (group < own) table.first_filter[static_cast<std::size_t>(++group)] = static_cast<std::uint16_t>(m);
    so_far += cost(m);
  }
  while (group < groups)
    table.first_filter[static_cast<std::size_t>(++group)] = static_cast<std::uint16_t>(preset.n_mels);
  return table;
}

std::vector<BinWeights> segment_weights(const MelPreset& preset, float scale) {
  std::vector<BinWeights> weights;
  for (const Bin& bin : bins_of(preset)) weights.push_back({bin.weights.falling * scale, bin.weights.rising * scale});
  return weights;
}

}  // namespace kernelgate::mel
