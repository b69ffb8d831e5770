#include "bench/peers/highway/mel_stream.h"

#include <algorithm>

namespace kernelgate::highway {

MelStream::MelStream(const SimdTables& tables, Type type)
    : tables_(tables), type_(type), scratch_(tables), largest_(tables.lowest) {}

void MelStream::push(const void* samples, std::int64_t count, const Sink& sink) {
  if (position_.received == 0) largest_ = tables_.lowest;
  const auto* bytes = static_cast<const std::byte*>(samples);
  kept_.insert(kept_.end(), bytes, bytes + static_cast<std::size_t>(count) * size_of(type_));
  emit(position_.push(tables_.preset, count), StreamPosition::unknown, sink);
  const std::int64_t dropped = position_.forget(tables_.preset);
  kept_.erase(kept_.begin(), kept_.begin() + dropped * static_cast<std::int64_t>(size_of(type_)));
}

void MelStream::finish(const Sink& sink) {
  if (position_.received == 0) largest_ = tables_.lowest;
  emit(tables_.preset.frames(position_.received), position_.received, sink);
  kept_.clear();
  position_ = {};
}

void MelStream::emit(std::int64_t until, std::int64_t total, const Sink& sink) {
  const AudioPart audio{kept_.data(), type_, position_.begin, position_.received - position_.begin, total};
  std::int64_t& next = position_.next_frame;
  while (next < until) {
    const int count = static_cast<int>(std::min<std::int64_t>(chunk_frames, until - next));
    const float v = simd_frames(tables_, audio, next, count, scratch_);
    if (!(v <= largest_) && largest_ == largest_) largest_ = v;
    sink(scratch_, next, count);
    next += count;
  }
}

}  // namespace kernelgate::highway
