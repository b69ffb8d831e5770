#include "kernels/mel/filter_segments.h"

#include <gtest/gtest.h>

#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/mel_presets.h"

namespace kernelgate::mel {
namespace {

std::vector<float> dense_row(const MelFilterbank& bank, int m, int bins) {
  std::vector<float> row(static_cast<std::size_t>(bins));
  for (int tap = 0; tap < bank.taps(m); ++tap)
    row[static_cast<std::size_t>(bank.first_bin[static_cast<std::size_t>(m)] + tap)] =
        bank.weights[static_cast<std::size_t>(bank.offset[static_cast<std::size_t>(m)] + tap)];
  return row;
}

/// As the kernels read it: what rises in segment m, and what falls in the next.
std::vector<float> row_of_segments(const FilterTable& table, const std::vector<BinWeights>& weights, int m) {
  std::vector<float> row(weights.size());
  const auto s = static_cast<std::size_t>(m);
  for (std::size_t b = table.begin[s]; b < table.begin[s + 1]; ++b) row[b] += weights[b].rising;
  for (std::size_t b = table.begin[s + 1]; b < table.begin[s + 2]; ++b) row[b] += weights[b].falling;
  return row;
}

MelPreset awkward(int n_fft, int n_mels, double fmin, double fmax, MelScale scale) {
  MelPreset preset;
  preset.name = "awkward";
  preset.n_fft = n_fft;
  preset.n_mels = n_mels;
  preset.fmin = fmin;
  preset.fmax = fmax;
  preset.scale = scale;
  preset.empty_filters = true;
  return preset;
}

std::vector<MelPreset> all_presets() {
  std::vector<MelPreset> all(mel_presets().begin(), mel_presets().end());
  all.push_back(awkward(400, 1, 0, 8000, MelScale::slaney));
  all.push_back(awkward(400, 2, 3000, 3100, MelScale::htk));
  all.push_back(awkward(400, 256, 0, 8000, MelScale::htk));
  all.push_back(awkward(512, 200, 20, 300, MelScale::kaldi));
  all.push_back(awkward(400, 7, 1000, 1080, MelScale::slaney));  // corners on bins
  return all;
}

TEST(FilterSegments, AddUpToTheFilterbank) {
  for (const MelPreset& preset : all_presets()) {
    const MelFilterbank bank = mel_filterbank(preset);
    const FilterTable table = filter_table(preset, 8);
    const std::vector<BinWeights> weights = segment_weights(preset, 1);
    ASSERT_EQ(std::ssize(weights), preset.bins());
    for (int m = 0; m < preset.n_mels; ++m)
      EXPECT_EQ(row_of_segments(table, weights, m), dense_row(bank, m, preset.bins()))
          << preset.name << ' ' << preset.n_mels << ", filter " << m;
  }
}

TEST(FilterSegments, FollowEachOther) {
  for (const MelPreset& preset : all_presets()) {
    const FilterTable table = filter_table(preset, 8);
    const std::vector<BinWeights> weights = segment_weights(preset, 1);
    const auto last = static_cast<std::size_t>(preset.n_mels) + 1;
    EXPECT_LE(table.begin[last], preset.bins());
    for (std::size_t s = 0; s < last; ++s) EXPECT_LE(table.begin[s], table.begin[s + 1]) << preset.name;
    for (std::size_t b = table.begin[0]; b < table.begin[last]; ++b)
      EXPECT_GT(weights[b].falling + weights[b].rising, 0) << preset.name << ", bin " << b;
  }
}

TEST(FilterSegments, GroupsShareTheFilters) {
  for (const MelPreset& preset : all_presets())
    for (const int groups : {1, 2, 7, 10, 80, FilterTable::most_groups}) {
      const FilterTable table = filter_table(preset, groups);
      EXPECT_EQ(table.first_filter[0], 0);
      EXPECT_EQ(table.first_filter[static_cast<std::size_t>(groups)], preset.n_mels);
      for (std::size_t g = 0; g < static_cast<std::size_t>(groups); ++g)
        EXPECT_LE(table.first_filter[g], table.first_filter[g + 1]) << preset.name << ", group " << g;
    }
}

TEST(FilterSegments, ScaleTheWeights) {
  const MelPreset& preset = mel_preset("whisper80");
  const auto plain = segment_weights(preset, 1), quarter = segment_weights(preset, 0.25f);
  for (std::size_t b = 0; b < plain.size(); ++b) {
    EXPECT_EQ(quarter[b].falling, plain[b].falling / 4);
    EXPECT_EQ(quarter[b].rising, plain[b].rising / 4);
  }
}

TEST(FilterSegments, LanesHoldATile) {
  const int tiles[] = {1, 3, 8, 12, 16, 30, 32}, frames[] = {1, 4, 8, 16, 16, 32, 32};
  for (std::size_t i = 0; i < std::size(tiles); ++i) {
    EXPECT_EQ(frame_lanes_of(tiles[i]), frames[i]);
    EXPECT_EQ(filter_lanes_of(tiles[i], mel_preset("whisper80")), frames[i]);
    EXPECT_EQ(filter_lanes_of(tiles[i], mel_preset("hifigan80")), frames[i] == 16 ? 32 : frames[i]);
  }
}

}  // namespace
}  // namespace kernelgate::mel
