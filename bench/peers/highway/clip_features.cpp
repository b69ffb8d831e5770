#include "bench/peers/highway/clip_features.h"

#include <algorithm>
#include <cmath>

#include "bench/peers/highway/simd_tables.h"
#include "kernels/op/f16.h"

namespace kernelgate::highway {

void ClipFeatures::put(const float* chunk, std::int64_t first, int count) const {
  if (frame_major) {
    for (int t = 0; t < count; ++t)
      for (int m = 0; m < n_mels; ++m) set((first + t) * n_mels + m, chunk[m * chunk_frames + t]);
    return;
  }
  for (int m = 0; m < n_mels; ++m) {
    const float* from = chunk + m * chunk_frames;
    const std::int64_t to = m * frames + first;
    if (type == Type::f32)
      std::copy(from, from + count, static_cast<float*>(data) + to);
    else
      to_f16(from, static_cast<f16*>(data) + to, static_cast<std::size_t>(count));
  }
}

// Distances from the first value are summed: of equal values, as of silence, mean and deviation are then exact.
void ClipFeatures::standardise(int mel, const ClipFeatures& to) const {
  const std::int64_t begin = frame_major ? mel : mel * frames, step = frame_major ? n_mels : 1;
  const float first = value(begin);
  double sum = 0, square = 0;
  for (std::int64_t t = 0; t < frames; ++t) {
    const double distance = value(begin + t * step) - first;
    sum += distance;
    square += distance * distance;
  }
  const double count = static_cast<double>(frames), mean = sum / count;
  const double variance = std::max(square - sum * mean, 0.0) / std::max(count - 1, 1.0);
  const double scale = 1 / (std::sqrt(variance) + 1e-5);
  for (std::int64_t t = 0; t < frames; ++t) {
    const std::int64_t at = begin + t * step;
    to.set(at, static_cast<float>((value(at) - first - mean) * scale));
  }
}

float ClipFeatures::value(std::int64_t index) const {
  return type == Type::f32 ? static_cast<const float*>(data)[index] : to_float(static_cast<const f16*>(data)[index]);
}

void ClipFeatures::set(std::int64_t index, float value) const {
  if (type == Type::f32)
    static_cast<float*>(data)[index] = value;
  else
    static_cast<f16*>(data)[index] = to_f16(value);
}

}  // namespace kernelgate::highway
