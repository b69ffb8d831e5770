// The reference of mel: double throughout, with an interval for what f32 may do.
//
// The bound. Let u = 2^-24, x a windowed frame of N samples, X its transform.
//  1. A bin. f32 transforms of these sizes err by at most 29 to 59 u ||x|| (measured, pocketfft and a 20 x 10
//     schedule, N = 400 to 2048, on noise, tones, speech, chirps). The bound takes four times that and some:
//     beta = 6 u sqrt(N) ||x||, that is 120 u ||x|| for N = 400, 170 for 800. It covers the rounding of the
//     window and of the products, 2 u sum|x| <= 2 u sqrt(N) ||x||. It depends on the frame, not on the bin.
//  2. Pre-emphasis in f32 errs by at most u (|y| + 1.5 |k x'|) a sample (its rounding, the product's, and that
//     of the coefficient k), and moves a bin by at most the sum of that under the window: added to beta. So is what
//     taking away a frame's mean costs: its sum of L samples in any order errs by less than u L max|x|, and in a tree
//     or in a few chains by a quarter of it; with the subtraction's rounding, u (2 + sqrt(L)) max|x| a sample.
//  3. A filter's output m = sum w |X|^p: |X| +- beta moves it by sum w (2 |X| beta + beta^2) for p = 2, by
//     sum w beta for p = 1, and the sums and products in f32 by u (taps + 6) m.
//  4. The logarithm of both ends of [m - d, m + d], plus 2^-22 max(1, |log2 m|) for an approximate base-2
//     logarithm (what CUDA documents for __log2f), plus 4 u of the result for the scaling. The clamps and the
//     clip's maximum are monotone, so the ends are carried through them, and the bound is the distance of
//     the farther end.
//  5. `per_feature`: with e the errors of a filter's values over the clip, the mean errs by at most mean(e) and the
//     deviation s by at most the root of mean(e^2), both in f32 by a few u more; (v - mean) / s errs by the sum of
//     (e + mean(e)) / s and |v - mean| / s times the deviation's error over s.
//  6. f16 features: half a unit in the last place more.
// Where 1 to 4 leave room, the bound is capped at the tolerance that features are held to, 5e-5 for a power
// preset and 1e-3 for a magnitude preset, in units of a feature whose log_scale is 0.25 and 1.6; but never below the
// same derivation with beta / 4: what f32 does. A linear feature has no cap.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/mel/fourier.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/op/parallel_for.h"

namespace kernelgate {
namespace {

constexpr double u = 0x1p-24;

/// What the bound needs of each output of a clip, frame fastest.
struct ClipMels {
  std::int64_t frames = 0;
  std::vector<double> mel;        ///< m, before the logarithm
  std::vector<double> slope;      ///< sum w |X| for a power preset, sum w for a magnitude one
  std::vector<double> bin_error;  ///< beta of each frame
};

/// Tables and the transform, shared by the threads.
class Reference {
 public:
  explicit Reference(const MelPreset& preset)
      : preset_(preset), window_(mel_window(preset_)), bank_(mel_filterbank(preset_)), fourier_(preset_.n_fft) {
    for (int mel = 0; mel < preset_.n_mels; ++mel) {
      weight_sum_.push_back(0);
      for (int tap = 0; tap < bank_.taps(mel); ++tap) weight_sum_.back() += weight(mel, tap);
    }
  }

  /// Of one clip, whose samples are all real numbers or NaN, full scale 1.
  ClipMels mels(const std::vector<double>& audio) const {
    ClipMels out;
    out.frames = preset_.frames(std::ssize(audio));
    const auto count = static_cast<std::size_t>(preset_.n_mels * out.frames);
    out.mel.resize(count);
    out.slope.resize(count);
    out.bin_error.resize(static_cast<std::size_t>(out.frames));
    parallel_for(out.frames, 32, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) frame(audio, t, out);
    });
    return out;
  }

  /// A feature before the clip's maximum: what it is, and the ends for beta scaled by `head_room`.
  struct Interval {
    double low, value, high;
  };
  Interval feature(const ClipMels& clip, std::size_t i, double head_room) const {
    const std::size_t t = i % static_cast<std::size_t>(clip.frames);
    const int mel = static_cast<int>(i / static_cast<std::size_t>(clip.frames));
    const double m = clip.mel[i], beta = head_room * clip.bin_error[t];
    const double square = weight_sum_[static_cast<std::size_t>(mel)] * beta * beta;
    const double d =
        (preset_.power ? 2 * clip.slope[i] * beta + square : clip.slope[i] * beta) + u * (bank_.taps(mel) + 6) * m;
    if (!preset_.logarithm) return {clamp(m - d), clamp(m), clamp(m + d)};
    const auto scaled = [&](double linear, double side) {
      const double value = linear + preset_.log_add;
      double log_error = 0x1p-22 * std::max(1.0, std::abs(std::log2(std::max(value, 1e-30)))) * std::log10(2.0);
      const double v = preset_.log_scale * (std::log10(std::max(value, 0.0)) + side * log_error) + preset_.log_offset;
      return clamp(v + side * 4 * u * (std::abs(preset_.log_offset) + std::abs(std::max(v, preset_.lowest))));
    };
    return {scaled(m - d, -1), scaled(m, 0), scaled(m + d, 1)};
  }

  Interval largest(const ClipMels& clip, double head_room) const {
    Interval top{-INFINITY, -INFINITY, -INFINITY};
    for (std::size_t i = 0; i < clip.mel.size(); ++i) {
      const Interval v = feature(clip, i, head_room);
      top = {larger(top.low, v.low), larger(top.value, v.value), larger(top.high, v.high)};
    }
    return top;
  }

  Interval normalised(const Interval& v, const Interval& top) const {
    if (preset_.dynamic_range == 0) return v;
    const double r = preset_.dynamic_range, slack = 2 * u * (std::abs(top.value) + r);
    return {larger(v.low, top.low - r - slack), larger(v.value, top.value - r), larger(v.high, top.high - r + slack)};
  }

  double cap() const {
    if (!preset_.logarithm) return INFINITY;
    return preset_.power ? 5e-5 * preset_.log_scale / 0.25 : 1e-3 * preset_.log_scale / 1.6;
  }

 private:
  /// As numpy's and torch's maximum: a NaN wins.
  static double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

  /// The ends as f32 has them: they are what it writes.
  double clamp(double v) const {
    const double lowest = static_cast<float>(preset_.lowest), highest = static_cast<float>(preset_.highest);
    const double floored = v < lowest ? lowest : v;  // keeps NaN
    return floored > highest ? highest : floored;
  }

  double weight(int mel, int tap) const {
    return bank_
        .weights[static_cast<std::size_t>(bank_.offset[static_cast<std::size_t>(mel)]) + static_cast<std::size_t>(tap)];
  }

  void frame(const std::vector<double>& audio, std::int64_t t, ClipMels& out) const {
    thread_local std::vector<double> x, magnitude;
    thread_local std::vector<std::complex<double>> spectrum;
    const auto n_fft = static_cast<std::size_t>(preset_.n_fft);
    x.assign(n_fft, 0);
    spectrum.resize(n_fft);
    magnitude.resize(static_cast<std::size_t>(preset_.bins()));
    const double error = preset_.frame_by_frame ? own_frame(audio, t, x) : clip_frame(audio, t, x);
    double square = 0;
    for (const double value : x) square += value * value;
    fourier_.transform(x, spectrum);
    for (std::size_t k = 0; k < magnitude.size(); ++k) magnitude[k] = std::sqrt(std::norm(spectrum[k]));

    out.bin_error[static_cast<std::size_t>(t)] =
        6 * u * std::sqrt(static_cast<double>(n_fft)) * std::sqrt(square) + error;
    for (int mel = 0; mel < preset_.n_mels; ++mel) {
      double sum = 0, slope = 0;
      for (int tap = 0; tap < bank_.taps(mel); ++tap) {
        const double w = weight(mel, tap);
        const double a = magnitude[static_cast<std::size_t>(bank_.first_bin[static_cast<std::size_t>(mel)]) +
                                   static_cast<std::size_t>(tap)];
        sum += w * (preset_.power ? a * a : a);
        slope += w * (preset_.power ? a : 1);
      }
      const auto i = static_cast<std::size_t>(mel * out.frames + t);
      out.mel[i] = sum;
      out.slope[i] = slope;
    }
  }

  /// The sample at a position, padding included.
  double at(const std::vector<double>& audio, std::int64_t position) const {
    const std::int64_t q = padded_index(preset_.padding, position, std::ssize(audio));
    return q < 0 ? 0 : audio[static_cast<std::size_t>(q)];
  }

  /// The windowed frame of a preset that works on the clip; returns what pre-emphasis in f32 may move a bin.
  double clip_frame(const std::vector<double>& audio, std::int64_t t, std::vector<double>& x) const {
    double error = 0;
    const int begin = preset_.window_begin(), end = begin + preset_.window_length();
    for (int n = begin; n < end; ++n) {
      const std::int64_t position = t * preset_.hop - preset_.samples_before() + n;
      const std::int64_t q = padded_index(preset_.padding, position, std::ssize(audio));
      if (q < 0) continue;
      double y = audio[static_cast<std::size_t>(q)];
      const double weight = window_[static_cast<std::size_t>(n)];
      if (preset_.preemphasis != 0 && q > 0) {
        const double before = preset_.preemphasis * audio[static_cast<std::size_t>(q) - 1];
        y -= before;
        error += weight * u * (std::abs(y) + 1.5 * std::abs(before));
      }
      x[static_cast<std::size_t>(n)] = weight * y;
    }
    return error;
  }

  /// The same for one that works on each frame by itself.
  double own_frame(const std::vector<double>& audio, std::int64_t t, std::vector<double>& x) const {
    const int begin = preset_.window_begin(), length = preset_.window_length();
    const std::int64_t first = t * preset_.hop - preset_.samples_before() + begin;
    double mean = 0, largest = 0, error = 0;
    for (int n = 0; n < length; ++n) {
      mean += at(audio, first + n) / length;
      largest = std::max(largest, std::abs(at(audio, first + n)));
    }
    const double mean_error = u * (2 + std::sqrt(length)) * largest;
    for (int n = 0; n < length; ++n) {
      const auto place = static_cast<std::size_t>(begin) + static_cast<std::size_t>(n);
      const double weight = window_[place];
      const double before = preset_.preemphasis * (at(audio, first + std::max(n - 1, 0)) - mean);
      const double y = at(audio, first + n) - mean - before;
      x[place] = weight * y;
      error += weight * (u * (std::abs(y) + 1.5 * std::abs(before)) + (1 + std::abs(preset_.preemphasis)) * mean_error);
    }
    return error;
  }

  MelPreset preset_;
  std::vector<double> window_;
  MelFilterbank bank_;
  Fourier fourier_;
  std::vector<double> weight_sum_;  // of each filter
};

/// One filter's values over the clip to mean 0 and deviation 1, and their bounds with them; see 5 above.
void standardise(std::span<Expected> row) {
  const double count = static_cast<double>(row.size());
  double mean = 0, mean_error = 0, square = 0, square_error = 0, largest = 0;
  for (const Expected& e : row) {
    mean += e.value / count;
    mean_error += e.bound / count;
    largest = std::max(largest, std::abs(e.value));
  }
  for (const Expected& e : row) {
    square += (e.value - mean) * (e.value - mean);
    square_error += e.bound * e.bound;
  }
  const double degrees = std::max(count - 1, 1.0);
  const double deviation = std::sqrt(square / degrees);
  const double deviation_error = std::sqrt(square_error / degrees) + 8 * u * deviation;
  const double scale = deviation + 1e-5, least = std::max(scale - deviation_error, 1e-5);
  mean_error += square == 0 ? 0 : 4 * u * largest;
  for (Expected& e : row) {
    const double distance = e.value - mean;
    e = {distance / scale, (e.bound + mean_error + std::abs(distance) * deviation_error / scale) / least +
                               4 * u * std::abs(distance) / scale};
  }
}

/// Every output of one clip with its bound, frame fastest.
std::vector<Expected> expected_of(const Reference& reference, const MelPreset& preset,
                                  const std::vector<double>& audio) {
  const ClipMels mels = reference.mels(audio);
  const auto top = reference.largest(mels, 1), usual_top = reference.largest(mels, 0.25);
  std::vector<Expected> expected(mels.mel.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto width = [&](double head_room, const auto& largest) {
      const auto v = reference.normalised(reference.feature(mels, i, head_room), largest);
      return std::max(v.high - v.value, v.value - v.low);
    };
    const double sound = width(1, top), usual = width(0.25, usual_top);
    expected[i] = {reference.normalised(reference.feature(mels, i, 1), top).value,
                   std::min(sound, std::max(reference.cap(), usual))};
  }
  if (preset.per_feature)
    for (int m = 0; m < preset.n_mels; ++m)
      standardise({expected.data() + m * mels.frames, static_cast<std::size_t>(mels.frames)});
  return expected;
}

/// The samples of one clip.
std::vector<double> samples_of(const Mel::Problem& problem, const void* audio, std::int64_t begin, std::int64_t count) {
  std::vector<double> samples(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    samples[static_cast<std::size_t>(i)] = problem.input == Type::i16
                                               ? static_cast<const std::int16_t*>(audio)[begin + i] / 32768.0
                                               : static_cast<const float*>(audio)[begin + i];
  return samples;
}

/// What rounding to f16 may add: half a unit in the last place of the largest that it may be.
double half_unit(double value) { return std::max(std::abs(value) * 0x1p-11, 0x1p-25); }

}  // namespace

void Mel::reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                    std::span<Expected> expected) {
  const MelPreset& preset = problem.preset;
  std::vector<std::size_t> order(indices.size());  // positions in `indices`, by index
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto index_at = [&](std::size_t position) { return indices[position]; };
  if (!std::ranges::is_sorted(indices)) std::ranges::sort(order, {}, index_at);
  const Reference reference(preset);
  std::int64_t begin = 0, first = 0;  // of a clip's samples, and of its features
  for (std::int64_t clip = 0; clip < problem.clips; ++clip) {
    const std::int64_t samples = problem.clip_samples(clip), frames = problem.clip_frames(clip);
    const auto from = std::ranges::lower_bound(order, first, {}, index_at);
    const auto to = std::ranges::lower_bound(order, first + frames * preset.n_mels, {}, index_at);
    if (from != to) {
      const auto all = expected_of(reference, preset, samples_of(problem, buffers.audio, begin, samples));
      for (auto it = from; it != to; ++it) {
        const std::int64_t i = indices[*it] - first;
        const std::int64_t mel = preset.frame_major ? i % preset.n_mels : i / frames;
        const std::int64_t frame = preset.frame_major ? i / preset.n_mels : i % frames;
        Expected one = all[static_cast<std::size_t>(mel * frames + frame)];
        if (problem.output == Type::f16) one.bound += half_unit(std::abs(one.value) + one.bound);
        expected[*it] = one;
      }
    }
    begin += samples;
    first += frames * preset.n_mels;
  }
}

}  // namespace kernelgate
