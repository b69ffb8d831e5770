#include "bench/peers/cufft/mel_pipeline.h"

#include <thrust/execution_policy.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/transform.h>
#include <cub/device/device_reduce.cuh>
#include <cub/device/device_segmented_reduce.cuh>
#include <string>

#include "kernels/mel/mel_preset.h"
#include "kernels/op/error.h"

namespace kernelgate::cufft {
namespace {

void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess)
    throw DeviceError(std::string("cufft_thrust: ") + what + ": " + cudaGetErrorString(status));
}

/// A block takes a frame.
__global__ void frame_kernel(MelPipeline p) {
  const std::int64_t clip = blockIdx.x / p.frames, frame = blockIdx.x % p.frames;
  const float* audio = p.audio + clip * p.samples;
  float* out = p.framed + static_cast<std::int64_t>(blockIdx.x) * p.n_fft;
  for (int n = threadIdx.x; n < p.n_fft; n += blockDim.x) {
    const std::int64_t at = padded_index(static_cast<MelPadding>(p.padding), frame * p.hop - p.lead + n, p.samples);
    float y = at < 0 ? 0 : audio[at];
    if (p.preemphasis != 0 && at > 0) y -= p.preemphasis * audio[at - 1];
    out[n] = p.window[n] * y;
  }
}

constexpr int tile = 32;  // frames that a block filters: it stores 128 bytes of a row at once

/// A warp takes a frame, its lanes filters; through shared memory the frames become the fast dimension.
__global__ void filter_kernel(MelPipeline p) {
  extern __shared__ float smem_mels[];  // [n_mels][tile + 1]
  const std::int64_t tiles = (p.frames + tile - 1) / tile;
  const std::int64_t clip = blockIdx.x / tiles, begin = blockIdx.x % tiles * tile;
  const int count = static_cast<int>(p.frames - begin < tile ? p.frames - begin : tile);
  const int bins = p.n_fft / 2 + 1;
  for (int f = threadIdx.x / 32; f < count; f += blockDim.x / 32) {
    const auto* spectrum = reinterpret_cast<const float2*>(p.spectrum) + (clip * p.frames + begin + f) * bins;
    for (int m = threadIdx.x % 32; m < p.n_mels; m += 32) {
      const float2* bin = spectrum + p.first_bin[m];
      float sum = 0;
      for (int tap = p.offset[m]; tap < p.offset[m + 1]; ++tap, ++bin) {
        const float power = bin->x * bin->x + bin->y * bin->y;
        sum += p.weights[tap] * (p.power ? power : sqrtf(power));
      }
      smem_mels[m * (tile + 1) + f] = sum;
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < p.n_mels * tile; i += blockDim.x) {
    const int m = i / tile, f = i % tile;
    if (f >= count) continue;
    float v = smem_mels[m * (tile + 1) + f];
    if (p.logarithm) v = p.log2_scale * __log2f(v + p.log_add) + p.log_offset;
    v = v < p.lowest ? p.lowest : v;  // NaN stays
    p.features[(clip * p.n_mels + m) * p.frames + begin + f] = v > p.highest ? p.highest : v;
  }
}

/// As numpy's maximum: NaN wins.
struct Larger {
  __host__ __device__ float operator()(float a, float b) const { return a != a || a > b ? a : b; }
};

struct ClipBegin {
  std::int64_t per_clip;
  __host__ __device__ std::int64_t operator()(std::int64_t clip) const { return clip * per_clip; }
};

struct Raise {
  const float* clip_highest;
  std::int64_t per_clip;
  float range;
  __device__ float operator()(float v, std::int64_t index) const {
    const float floor = clip_highest[index / per_clip] - range;
    return v >= floor ? v : floor;
  }
};

/// One clip with all blocks at work on it, or many with a block each. With no scratch: its size.
cudaError_t reduce(const MelPipeline& p, void* scratch, std::size_t& bytes, Stream stream) {
  if (p.clips == 1)
    return cub::DeviceReduce::Reduce(scratch, bytes, p.features, p.clip_highest, p.features_per_clip(), Larger{},
                                     p.lowest, stream);
  const auto begins =
      thrust::make_transform_iterator(thrust::counting_iterator<std::int64_t>(0), ClipBegin{p.features_per_clip()});
  return cub::DeviceSegmentedReduce::Reduce(scratch, bytes, p.features, p.clip_highest, static_cast<int>(p.clips),
                                            begins, begins + 1, Larger{}, p.lowest, stream);
}

}  // namespace

void frame_audio(const MelPipeline& p, Stream stream) {
  frame_kernel<<<static_cast<unsigned>(p.clips * p.frames), 128, 0, stream>>>(p);
  check(cudaGetLastError(), "framing");
}

void filter_spectrum(const MelPipeline& p, Stream stream) {
  const std::int64_t blocks = p.clips * ((p.frames + tile - 1) / tile);
  filter_kernel<<<static_cast<unsigned>(blocks), 256, sizeof(float) * p.n_mels*(tile + 1), stream>>>(p);
  check(cudaGetLastError(), "filtering");
}

void normalise_clips(const MelPipeline& p, Stream stream) {
  std::size_t bytes = p.reduce_scratch_bytes;
  check(reduce(p, p.reduce_scratch, bytes, stream), "maximum");
  thrust::transform(thrust::cuda::par_nosync.on(stream), p.features, p.features + p.clips * p.features_per_clip(),
                    thrust::counting_iterator<std::int64_t>(0), p.features,
                    Raise{p.clip_highest, p.features_per_clip(), p.dynamic_range});
}

std::size_t reduce_scratch_bytes(const MelPipeline& p) {
  std::size_t bytes = 0;
  check(reduce(p, nullptr, bytes, nullptr), "maximum");
  return bytes;
}

}  // namespace kernelgate::cufft
