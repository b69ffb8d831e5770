#pragma once
// The steps of mel around cuFFT, on the GPU, one or two kernels each.

#include <cstddef>
#include <cstdint>

#include "kernels/op/device.h"

namespace kernelgate::cufft {

/// Sizes, constants and device pointers; all memory is allocated before the first launch.
struct MelPipeline {
  std::int64_t samples, clips, frames;
  int n_fft, hop, n_mels;
  float preemphasis;
  bool power, logarithm;
  int lead, padding;  // as in MelPreset
  float log_add, log2_scale, log_offset, lowest, highest, dynamic_range;

  const float* audio;    // [clips, samples]
  float* features;       // [clips, n_mels, frames]
  const float* window;   // [n_fft]
  const int* first_bin;  // of each filter
  const int* offset;     // of each filter's weights
  const float* weights;
  float* framed;          // [clips * frames, n_fft]
  const float* spectrum;  // [clips * frames, n_fft / 2 + 1] pairs (re, im)
  float* clip_highest;    // [clips]
  void* reduce_scratch;
  std::size_t reduce_scratch_bytes;

  std::int64_t features_per_clip() const { return n_mels * frames; }
};

/// audio -> framed: pre-emphasis, reflection at the ends, window.
void frame_audio(const MelPipeline& pipeline, Stream stream);

/// spectrum -> features: power or magnitude, filters, logarithm, clamps.
void filter_spectrum(const MelPipeline& pipeline, Stream stream);

/// features -> features, none of a clip further than the dynamic range below its largest.
void normalise_clips(const MelPipeline& pipeline, Stream stream);

/// What `reduce_scratch_bytes` must be. Errors  DeviceError.
std::size_t reduce_scratch_bytes(const MelPipeline& pipeline);

}  // namespace kernelgate::cufft
