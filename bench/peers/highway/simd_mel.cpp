#include "bench/peers/highway/simd_mel.h"

#include <algorithm>
#include <cmath>

#include "kernels/op/f16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/peers/highway/simd_mel.cpp"
#include <hwy/foreach_target.h>
// Behind foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "bench/peers/highway/simd_fft-inl.h"

HWY_BEFORE_NAMESPACE();
namespace kernelgate::highway {
namespace HWY_NAMESPACE {

HWY_INLINE float as_float(float sample) { return sample; }
HWY_INLINE float as_float(std::int16_t sample) { return static_cast<float>(sample) * 0x1p-15f; }

void convert(const float* from, float* to, int count) { std::copy(from, from + count, to); }

void convert(const std::int16_t* from, float* to, int count) {
  const Tag d;
  const hn::Rebind<std::int32_t, Tag> wide;
  const hn::Rebind<std::int16_t, Tag> narrow;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::Store(hn::Mul(hn::ConvertTo(d, hn::PromoteTo(wide, hn::LoadU(narrow, from + i))), all(0x1p-15f)), d, to + i);
  for (; i < count; ++i) to[i] = as_float(from[i]);
}

/// The samples under a chunk's frames, pre-emphasised if the whole clip is: scratch's, or the audio itself.
template <class Sample>
const float* segment_of(const SimdTables& tables, const AudioPart& audio, std::int64_t begin, int count,
                        SimdScratch& scratch) {
  const auto* data = static_cast<const Sample*>(audio.data) - audio.begin;
  const bool emphasise = tables.preemphasis != 0 && !tables.preset.frame_by_frame;
  const float* samples = scratch.samples.get();
  const float* before = scratch.before.get();
  const bool inside = begin >= 1 && begin - 1 >= audio.begin && begin + count <= audio.begin + audio.count;
  if (inside && std::is_same_v<Sample, float>) {
    samples = reinterpret_cast<const float*>(data + begin);
    before = samples - 1;
  } else if (inside) {
    convert(data + begin - 1, scratch.before.get(), count + 1);
    samples = scratch.before.get() + 1;
  } else {
    for (int i = 0; i < count; ++i) {
      const std::int64_t q = padded_index(tables.preset.padding, begin + i, audio.total);
      // Beyond what there is lies only what no frame looks at.
      const bool there = q >= audio.begin && q < audio.begin + audio.count;
      scratch.samples[static_cast<std::size_t>(i)] = there ? as_float(data[q]) : 0;
      scratch.before[static_cast<std::size_t>(i)] = there && q > audio.begin ? as_float(data[q - 1]) : 0;
    }
  }
  if (!emphasise) return samples;
  // The same operations wherever a sample stands: its bits must not depend on the chunk.
  const Tag d;
  const Vector k = all(tables.preemphasis);
  float* out = scratch.emphasised.get();
  for (int i = 0; i < count; i += static_cast<int>(hn::Lanes(d)))
    hn::Store(hn::NegMulAdd(k, hn::LoadU(d, before + i), hn::LoadU(d, samples + i)), d, out + i);
  return out;
}

/// [columns][hop] to [hop][columns], by squares of four.
void transpose(const float* from, int hop, int columns, float* to) {
#if HWY_TARGET == HWY_SCALAR
  for (int c = 0; c < columns; ++c)
    for (int j = 0; j < hop; ++j) to[j * columns + c] = from[c * hop + j];
#else
  const hn::FixedTag<float, 4> d4;
  const hn::RepartitionToWide<decltype(d4)> d2;
  const auto pairs = [&](auto v) { return hn::BitCast(d2, v); };
  const int whole = hop / 4 * 4;
  for (int c = 0; c < columns; c += 4) {
    const float* row = from + c * hop;
    float* out = to + c;
    for (int j = 0; j < whole; j += 4, out += 4 * columns) {
      const auto a = hn::LoadU(d4, row + j), b = hn::LoadU(d4, row + hop + j);
      const auto e = hn::LoadU(d4, row + 2 * hop + j), f = hn::LoadU(d4, row + 3 * hop + j);
      const auto ab = hn::InterleaveLower(d4, a, b), ab_high = hn::InterleaveUpper(d4, a, b);
      const auto ef = hn::InterleaveLower(d4, e, f), ef_high = hn::InterleaveUpper(d4, e, f);
      hn::Store(hn::BitCast(d4, hn::InterleaveLower(d2, pairs(ab), pairs(ef))), d4, out);
      hn::Store(hn::BitCast(d4, hn::InterleaveUpper(d2, pairs(ab), pairs(ef))), d4, out + columns);
      hn::Store(hn::BitCast(d4, hn::InterleaveLower(d2, pairs(ab_high), pairs(ef_high))), d4, out + 2 * columns);
      hn::Store(hn::BitCast(d4, hn::InterleaveUpper(d2, pairs(ab_high), pairs(ef_high))), d4, out + 3 * columns);
    }
    for (int j = whole; j < hop; ++j)
      for (int i = 0; i < 4; ++i) to[j * columns + c + i] = row[i * hop + j];
  }
#endif
}

/// The windowed frames whose first lies at column `column`: mean and pre-emphasis are each frame's own.
void window_frame_by_frame(const SimdTables& tables, const float* transposed, int column, float* out) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const int begin = tables.preset.window_begin(), length = tables.preset.window_length();
  const auto sample = [&](int n) {
    const int at = begin + n;
    return hn::LoadU(d, transposed + tables.sample_at[static_cast<std::size_t>(at)] + column);
  };
  Vector sum = hn::Zero(d), rest = hn::Zero(d);
  for (int n = 0; n < length; ++n) (n % 2 == 0 ? sum : rest) = hn::Add(n % 2 == 0 ? sum : rest, sample(n));
  const Vector mean = hn::Mul(hn::Add(sum, rest), all(1.0f / static_cast<float>(length)));
  const Vector k = all(tables.preemphasis);
  for (int n = 0; n < tables.preset.n_fft; ++n) hn::Store(hn::Zero(d), d, out + n * lanes);
  Vector before = hn::Sub(sample(0), mean);
  for (int n = 0; n < length; ++n) {
    const Vector x = hn::Sub(sample(n), mean);
    const Vector y = hn::NegMulAdd(k, before, x);
    const int at = begin + n;
    hn::Store(hn::Mul(all(tables.window[static_cast<std::size_t>(at)]), y), d, out + at * lanes);
    before = x;
  }
}

/// The spectrum of n_fft / 2 complex values in one of scratch's two buffers, which is returned.
const float* transform(const SimdTables& tables, int column, SimdScratch& scratch) {
  const Tag d;
  const float* transposed = scratch.transposed.get() + column;
  float* from = scratch.values.get();
  float* to = scratch.other_values.get();
  const int begin = tables.preset.window_begin(), end = begin + tables.preset.window_length();
  if (tables.preset.frame_by_frame) window_frame_by_frame(tables, scratch.transposed.get(), column, from);
  const bool whole = end - begin == tables.preset.n_fft;
  const int* at = tables.sample_at.data();
  const float* window = tables.window.data();
  const auto windowed = [&](int i) {
    return Complex{hn::Mul(all(window[2 * i]), hn::LoadU(d, transposed + at[2 * i])),
                   hn::Mul(all(window[2 * i + 1]), hn::LoadU(d, transposed + at[2 * i + 1]))};
  };
  const auto windowed_within = [&](int i) {
    const auto one = [&](int n) {
      return n < begin || n >= end ? hn::Zero(d) : hn::Mul(all(window[n]), hn::LoadU(d, transposed + at[n]));
    };
    return Complex{one(2 * i), one(2 * i + 1)};
  };
  bool first = !tables.preset.frame_by_frame;
  if (tables.passes.empty()) store(from, 0, windowed_within(0));  // n_fft is 2
  for (const Pass& pass : tables.passes) {
    if (first && whole)
      run_pass(pass, windowed, to);
    else if (first)
      run_pass(pass, windowed_within, to);
    else
      run_pass(
          pass, [&](int i) { return load(from, i); }, to);
    first = false;
    std::swap(from, to);
  }
  return from;
}

/// Bins k and n_fft / 2 - k of the real frames' spectra, twice as large as they should be: the weights make up for it.
void unpack(const SimdTables& tables, const float* spectrum, float* power) {
  const Tag d;
  const int half = tables.half();
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const bool magnitude = !tables.preset.power;
  for (int k = 0; k <= half / 2; ++k) {
    const Complex z = load(spectrum, k), mirror = load(spectrum, k == 0 ? 0 : half - k);
    const Complex even{hn::Add(z.re, mirror.re), hn::Sub(z.im, mirror.im)};
    const Complex odd =
        times({hn::Add(z.im, mirror.im), hn::Sub(mirror.re, z.re)}, &tables.unpack[2 * static_cast<std::size_t>(k)]);
    const Complex a = even + odd, b = even - odd;
    Vector power_a = hn::MulAdd(a.re, a.re, hn::Mul(a.im, a.im)), power_b = hn::MulAdd(b.re, b.re, hn::Mul(b.im, b.im));
    if (magnitude) {
      power_a = hn::Sqrt(power_a);
      power_b = hn::Sqrt(power_b);
    }
    hn::Store(power_a, d, power + k * lanes);
    hn::Store(power_b, d, power + (half - k) * lanes);
  }
}

/// max or min would drop a NaN.
HWY_INLINE Vector clamp(Vector v, Vector lowest, Vector highest) {
  v = hn::IfThenElse(hn::Lt(v, lowest), lowest, v);
  return hn::IfThenElse(hn::Gt(v, highest), highest, v);
}

/// Filter sums to features; returns, for each lane, its largest or NaN.
Vector filter(const SimdTables& tables, const float* power, float* features, Vector largest) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const Vector scale = all(tables.log2_scale), offset = all(tables.log_offset), log_add = all(tables.log_add);
  const Vector lowest = all(tables.lowest), highest = all(tables.highest);
  const float* weight = tables.bank.weights.data();
  for (int m = 0; m < tables.preset.n_mels; ++m) {
    const float* p = power + tables.bank.first_bin[static_cast<std::size_t>(m)] * lanes;
    Vector sum = hn::Zero(d);
    for (int taps = tables.bank.taps(m); taps > 0; --taps, p += lanes)
      sum = hn::MulAdd(all(*weight++), hn::Load(d, p), sum);
    Vector v = sum;
    if (tables.preset.logarithm) {
      v = hn::Add(v, log_add);
      // The logarithm of a number: zero and what is below the normal ones are clamped to `lowest` all the same.
      const Vector positive = hn::Max(v, all(1.1754944e-38f));
      v = hn::IfThenElse(hn::Eq(v, v), hn::MulAdd(scale, hn::Log2(d, positive), offset), v);
    }
    v = clamp(v, lowest, highest);
    largest = hn::IfThenElse(hn::Le(v, largest), largest, v);  // a NaN is taken, and is then beaten by none
    hn::Store(v, d, features + m * chunk_frames);
  }
  return largest;
}

float frames(const SimdTables& tables, const AudioPart& audio, std::int64_t first, int count, SimdScratch& scratch) {
  const Tag d;
  const auto lanes = static_cast<int>(hn::Lanes(d));
  const std::int64_t begin = first * tables.preset.hop - tables.preset.samples_before();
  const int samples = tables.segment();
  const float* segment = audio.type == Type::i16 ? segment_of<std::int16_t>(tables, audio, begin, samples, scratch)
                                                 : segment_of<float>(tables, audio, begin, samples, scratch);
  transpose(segment, tables.preset.hop, tables.columns, scratch.transposed.get());
  float result = tables.lowest;
  for (int column = 0; column < count; column += lanes) {
    const float* spectrum = transform(tables, column, scratch);
    unpack(tables, spectrum, scratch.power.get());
    const Vector largest = filter(tables, scratch.power.get(), scratch.features.get() + column, all(tables.lowest));
    HWY_ALIGN float each[16];
    hn::Store(largest, d, each);
    for (int i = 0; i < std::min(lanes, count - column); ++i)
      if (!(each[i] <= result) && result == result) result = each[i];
  }
  return result;
}

void raise_f32(float* features, std::int64_t count, float floor) {
  const Tag d;
  const Vector least = all(floor);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Vector v = hn::LoadU(d, features + i);
    hn::StoreU(hn::IfThenElse(hn::Ge(v, least), v, least), d, features + i);
  }
  for (; i < count; ++i) features[i] = features[i] >= floor ? features[i] : floor;
}

std::int64_t lane_count() { return static_cast<std::int64_t>(hn::Lanes(Tag())); }

}  // namespace HWY_NAMESPACE
}  // namespace kernelgate::highway
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kernelgate::highway {

HWY_EXPORT(frames);
HWY_EXPORT(raise_f32);
HWY_EXPORT(lane_count);

SimdScratch::SimdScratch(const SimdTables& tables) {
  const auto lanes = static_cast<std::size_t>(HWY_DYNAMIC_DISPATCH(lane_count)());
  const auto make = [](std::size_t count) {
    auto memory = hwy::AllocateAligned<float>(count);
    if (!memory) throw std::bad_alloc();
    std::fill_n(memory.get(), count, 0.0f);
    return memory;
  };
  const auto segment = static_cast<std::size_t>(tables.segment()) + 2 * lanes;
  samples = make(segment);
  before = make(segment);
  emphasised = make(segment);
  // The last frames' vectors reach beyond the last column.
  transposed = make(static_cast<std::size_t>(tables.preset.hop) * static_cast<std::size_t>(tables.columns) + 2 * lanes);
  values = make(static_cast<std::size_t>(tables.preset.n_fft) * lanes);
  other_values = make(static_cast<std::size_t>(tables.preset.n_fft) * lanes);
  power = make(static_cast<std::size_t>(tables.preset.bins()) * lanes);
  features = make(static_cast<std::size_t>(tables.preset.n_mels) * chunk_frames);
}

float simd_frames(const SimdTables& tables, const AudioPart& audio, std::int64_t first, int count,
                  SimdScratch& scratch) {
  return HWY_DYNAMIC_DISPATCH(frames)(tables, audio, first, count, scratch);
}

void simd_raise(void* features, Type type, std::int64_t count, float floor) {
  const auto raise = HWY_DYNAMIC_DISPATCH(raise_f32);
  if (type == Type::f32) return raise(static_cast<float*>(features), count, floor);
  constexpr std::int64_t part_size = 1024;
  float part[part_size];
  auto* half = static_cast<f16*>(features);
  for (std::int64_t begin = 0; begin < count; begin += part_size) {
    const std::int64_t size = std::min(part_size, count - begin);
    kernelgate::to_float(half + begin, part, static_cast<std::size_t>(size));
    raise(part, size, floor);
    kernelgate::to_f16(part, half + begin, static_cast<std::size_t>(size));
  }
}

std::string simd_instructions() {
  simd_raise(nullptr, Type::f32, 0, 0);  // the first call chooses
  return hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets());
}

}  // namespace kernelgate::highway
#endif
