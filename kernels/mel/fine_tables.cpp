#include "kernels/mel/fine_tables.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "kernels/mel/mel_filterbank.h"

namespace kernelgate::mel {
namespace {

void fill_sixteen_bytes(std::vector<float>& floats) { floats.resize((floats.size() + 3) / 4 * 4); }

}  // namespace

FineTables fine_tables(const MelPreset& preset, int rows, int columns, int (*spectrum_at)(int), float scale) {
  FineTables tables;
  const int half = preset.n_fft / 2;
  const auto push_root = [&](int turns, int size) {
    const double angle = -2 * std::numbers::pi * (turns % size) / size;
    tables.all.push_back(static_cast<float>(std::cos(angle)));
    tables.all.push_back(static_cast<float>(std::sin(angle)));
  };
  for (int k = 0; k <= half / 2; ++k) {
    push_root(k, preset.n_fft);
    tables.all.push_back(std::bit_cast<float>(std::int32_t{spectrum_at(k)}));
    tables.all.push_back(std::bit_cast<float>(std::int32_t{spectrum_at((half - k) % half)}));
  }
  tables.window_at = static_cast<int>(tables.all.size());
  const auto window = mel_window(preset);
  tables.all.insert(tables.all.end(), window.begin(), window.end());
  fill_sixteen_bytes(tables.all);
  tables.twiddles_at = static_cast<int>(tables.all.size());
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) push_root(row * column, half);
  fill_sixteen_bytes(tables.all);
  tables.filters_at = static_cast<int>(tables.all.size());
  const MelFilterbank bank = mel_filterbank(preset);
  std::vector<float> weights;
  for (int m = 0; m < preset.n_mels; ++m) {
    const int taps = bank.taps(m), groups = (taps + 3) / 4;
    // The last group may not reach beyond the spectrum.
    const int first = bank.first_bin[static_cast<std::size_t>(m)];
    const int begin = std::max(0, std::min(first, preset.bins() - 4 * groups));
    const std::size_t from = weights.size(), count = std::size_t{4} * static_cast<std::size_t>(groups);
    const auto place = static_cast<std::uint32_t>(from / 4);
    weights.resize(from + count);
    float* to = weights.data() + from + (first - begin);
    const float* taps_of = bank.weights.data() + bank.offset[static_cast<std::size_t>(m)];
    for (int tap = 0; tap < taps; ++tap) to[tap] = scale * taps_of[tap];
    tables.all.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(begin)));
    tables.all.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(groups) | place << 8));
  }
  fill_sixteen_bytes(tables.all);
  tables.weights_at = static_cast<int>(tables.all.size());
  tables.all.insert(tables.all.end(), weights.begin(), weights.end());
  fill_sixteen_bytes(tables.all);
  return tables;
}

}  // namespace kernelgate::mel
