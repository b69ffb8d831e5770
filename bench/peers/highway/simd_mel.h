#pragma once
// Features of a run of frames, as many at a time as a vector register has lanes, with the widest instruction set that
// this processor has.

#include <hwy/aligned_allocator.h>

#include <cstdint>
#include <string>

#include "bench/peers/highway/simd_tables.h"

namespace kernelgate::highway {

/// Samples begin .. begin + count - 1 of a clip of `total` samples. While the end is not known, `total` is
/// StreamPosition::unknown.
struct AudioPart {
  const void* data = nullptr;
  Type type = Type::f32;
  std::int64_t begin = 0, count = 0, total = 0;
};

/// What one thread writes to.
class SimdScratch {
 public:
  explicit SimdScratch(const SimdTables& tables);

  hwy::AlignedFreeUniquePtr<float[]> samples, before, emphasised;  // [segment]
  hwy::AlignedFreeUniquePtr<float[]> transposed;                   // [hop][columns]
  hwy::AlignedFreeUniquePtr<float[]> values, other_values;         // [n_fft] vectors
  hwy::AlignedFreeUniquePtr<float[]> power;                        // [bins] vectors
  hwy::AlignedFreeUniquePtr<float[]> features;                     // [n_mels][chunk_frames], the result
};

/// Features of frames first .. first + count - 1, at most chunk_frames, to scratch.features, before anything that
/// looks at the whole clip. `audio` must hold every sample that they and the padding need. A frame's features don't
/// depend on which frames it is computed with.
///
/// Returns  the largest of them, NaN if one is.
float simd_frames(const SimdTables& tables, const AudioPart& audio, std::int64_t first, int count,
                  SimdScratch& scratch);

/// max(v, floor) in place, f32 or f16; NaN stays, and all are NaN if `floor` is.
void simd_raise(void* features, Type type, std::int64_t count, float floor);

/// The name of the instruction set in use: "AVX3_ZEN4".
std::string simd_instructions();

}  // namespace kernelgate::highway
