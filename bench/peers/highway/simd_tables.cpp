#include "bench/peers/highway/simd_tables.h"

#include <cmath>
#include <numbers>

namespace kernelgate::highway {
namespace {

void push_root(std::vector<float>& to, std::int64_t turns, std::int64_t size) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(turns % size) / static_cast<double>(size);
  to.push_back(static_cast<float>(std::cos(angle)));
  to.push_back(static_cast<float>(std::sin(angle)));
}

/// Large radices first, as they have code of their own; then whatever prime factors are left.
std::vector<int> radices_of(int size) {
  std::vector<int> radices;
  for (const int radix : {8, 5, 4, 3, 2})
    for (; size % radix == 0; size /= radix) radices.push_back(radix);
  for (int radix = 7; size > 1; radix += 2)
    for (; size % radix == 0; size /= radix) radices.push_back(radix);
  return radices;
}

}  // namespace

SimdTables::SimdTables(const MelPreset& wanted)
    : preset(wanted),
      columns(chunk_frames + (preset.n_fft + preset.hop - 1) / preset.hop),
      bank(mel_filterbank(preset)),
      preemphasis(static_cast<float>(preset.preemphasis)),
      log2_scale(static_cast<float>(preset.log_scale * std::log10(2.0))),
      log_offset(static_cast<float>(preset.log_offset)),
      log_add(static_cast<float>(preset.log_add)),
      lowest(static_cast<float>(preset.lowest)),
      highest(static_cast<float>(preset.highest)) {
  columns = (columns + 3) / 4 * 4;  // transposed by squares of four
  const auto exact = mel_window(preset);
  window.assign(exact.begin(), exact.end());
  for (int n = 0; n < preset.n_fft; ++n) sample_at.push_back(n % preset.hop * columns + n / preset.hop);
  int left = half(), stride = 1;
  for (const int radix : radices_of(half())) {
    Pass pass{radix, left / radix, stride, {}, {}};
    for (int p = 0; p < pass.columns; ++p)
      for (int k = 1; k < radix; ++k) push_root(pass.twiddles, std::int64_t{p} * k, left);
    for (int k = 0; k < radix; ++k) push_root(pass.roots, k, radix);
    passes.push_back(std::move(pass));
    left /= radix;
    stride *= radix;
  }
  for (int k = 0; k <= half() / 2; ++k) push_root(unpack, k, preset.n_fft);
  for (float& weight : bank.weights) weight *= preset.power ? 0.25f : 0.5f;  // exact
}

}  // namespace kernelgate::highway
