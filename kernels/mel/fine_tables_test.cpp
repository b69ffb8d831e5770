#include "kernels/mel/fine_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "kernels/mel/fine_config.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/mel_presets.h"

namespace kernelgate::mel {
namespace {

using Hop160 = FineConfig<400, 160>;
using Hop200Of800 = FineConfig<800, 200>;

template <class Entry>
Entry entry(const FineTables& tables, int at, int i) {
  Entry found;
  std::memcpy(&found, tables.all.data() + at + static_cast<int>(sizeof(Entry) / 4) * i, sizeof(Entry));
  return found;
}

FineTables tables_of(const MelPreset& preset, float scale) {
  return preset.n_fft == 400
             ? fine_tables(preset, Hop160::ROWS, Hop160::COLUMNS, Hop160::spectrum_at, scale)
             : fine_tables(preset, Hop200Of800::ROWS, Hop200Of800::COLUMNS, Hop200Of800::spectrum_at, scale);
}

std::vector<MelPreset> fine_presets() {
  std::vector<MelPreset> presets;
  for (const MelPreset& preset : mel_presets())
    if (preset.n_fft == 400 || preset.n_fft == 800) presets.push_back(preset);
  return presets;
}

TEST(FineTables, FiltersAddUpToTheFilterbank) {
  for (const MelPreset& preset : fine_presets()) {
    const MelFilterbank bank = mel_filterbank(preset);
    const FineTables tables = tables_of(preset, 0.25f);
    ASSERT_EQ(tables.filters_at % 4, 0);
    ASSERT_EQ(tables.weights_at % 4, 0);
    for (int m = 0; m < preset.n_mels; ++m) {
      const auto filter = entry<FilterEntry>(tables, tables.filters_at, m);
      const int groups = static_cast<int>(filter.groups_and_weights & 0xff);
      const int weights = tables.weights_at + 4 * static_cast<int>(filter.groups_and_weights >> 8);
      ASSERT_LE(static_cast<int>(filter.begin) + 4 * groups, preset.bins()) << "what lies behind may be a NaN";
      std::vector<float> row(static_cast<std::size_t>(preset.bins())), expected = row;
      for (int i = 0; i < 4 * groups; ++i)
        row[filter.begin + static_cast<std::size_t>(i)] = tables.all.at(static_cast<std::size_t>(weights + i));
      for (int tap = 0; tap < bank.taps(m); ++tap)
        expected[static_cast<std::size_t>(bank.first_bin[static_cast<std::size_t>(m)] + tap)] =
            0.25f * bank.weights[static_cast<std::size_t>(bank.offset[static_cast<std::size_t>(m)] + tap)];
      EXPECT_EQ(row, expected) << preset.name << ", filter " << m;
    }
  }
}

TEST(FineTables, PairsAreBinsThatAreUnpackedTogether) {
  const FineTables tables = tables_of(mel_preset("wav2lip80"), 1);
  for (const int k : {0, 1, 57, 200}) {
    const auto pair = entry<PairEntry>(tables, 0, k);
    EXPECT_FLOAT_EQ(pair.re, static_cast<float>(std::cos(2 * std::numbers::pi * k / 800)));
    EXPECT_FLOAT_EQ(pair.im, static_cast<float>(-std::sin(2 * std::numbers::pi * k / 800)));
    EXPECT_EQ(pair.at, Hop200Of800::spectrum_at(k));
    EXPECT_EQ(pair.mirror_at, Hop200Of800::spectrum_at((400 - k) % 400));
  }
}

template <class C>
void every_value_has_its_place() {
  std::vector<int> places, rows;
  for (int k = 0; k < C::HALF; ++k) places.push_back(C::spectrum_at(k));
  std::ranges::sort(places);
  EXPECT_EQ(std::ranges::adjacent_find(places), places.end());
  EXPECT_GE(places.front(), 0);
  EXPECT_LT(places.back(), C::SPECTRUM_FRAME);
  for (int slot = 0; slot < C::ROWS; ++slot)
    for (int column = 0; column < C::COLUMNS; ++column) rows.push_back(C::row_at(slot) + column);
  std::ranges::sort(rows);
  EXPECT_EQ(std::ranges::adjacent_find(rows), rows.end());
  EXPECT_LT(rows.back(), C::SECOND_FRAME);
}

TEST(FineConfig, EveryValueHasItsPlace) {
  every_value_has_its_place<Hop160>();
  every_value_has_its_place<FineConfig<400, 200>>();
  every_value_has_its_place<Hop200Of800>();
}

}  // namespace
}  // namespace kernelgate::mel
