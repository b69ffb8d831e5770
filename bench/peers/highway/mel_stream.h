#pragma once
// Audio that comes in pieces: the features of each frame as soon as its samples are there, the same bits as of the
// whole.

#include <cstdint>
#include <functional>
#include <vector>

#include "bench/peers/highway/simd_mel.h"
#include "kernels/mel/stream_position.h"

namespace kernelgate::highway {

/// What a stream remembers between two pieces: the samples that later frames and the padding may still look at.
///
/// Types   f32 or i16 samples.
class MelStream {
 public:
  /// Features of `count` frames from `first` on, in scratch.features, before anything that looks at the whole clip.
  using Sink = std::function<void(const SimdScratch& scratch, std::int64_t first, int count)>;

  MelStream(const SimdTables& tables, Type type);

  /// `count` samples more, any number; `sink` gets the frames that are complete now, in order.
  void push(const void* samples, std::int64_t count, const Sink& sink);
  /// No more samples: `sink` gets the frames that the padding at the end completes. Then the stream is at its start.
  void finish(const Sink& sink);

  /// Of all frames so far, NaN if one was: what a preset with a dynamic range needs.
  float largest() const { return largest_; }

 private:
  void emit(std::int64_t until, std::int64_t total, const Sink& sink);

  const SimdTables& tables_;
  Type type_;
  SimdScratch scratch_;
  std::vector<std::byte> kept_;  // the samples that position_ needs
  StreamPosition position_;
  float largest_;
};

}  // namespace kernelgate::highway
