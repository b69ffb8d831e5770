#pragma once
// Where the features of a chunk go, and what is done with a clip when all of them are there.

#include <cstdint>

#include "kernels/mel/mel.h"

namespace kernelgate::highway {

/// The features of one clip, in the layout of its preset.
struct ClipFeatures {
  void* data = nullptr;
  Type type = Type::f32;
  int n_mels = 0;
  std::int64_t frames = 0;
  bool frame_major = false;

  /// Frames first .. first + count - 1 of `chunk`, [n_mels][chunk_frames].
  void put(const float* chunk, std::int64_t first, int count) const;
  /// One filter's values over the clip, made mean 0 and deviation 1, to the same place of `to`, which may be this.
  void standardise(int mel, const ClipFeatures& to) const;

 private:
  float value(std::int64_t index) const;
  void set(std::int64_t index, float value) const;
};

}  // namespace kernelgate::highway
