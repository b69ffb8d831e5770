// The reference of mel: double throughout, with an interval for what f32 may do.
//
// The bound. Let u = 2^-24, x a windowed frame of N samples, X its transform.
//  1. A bin. f32 transforms of these sizes err by at most 29 to 41 u ||x|| (measured, pocketfft and a 20 x 10
//     schedule, N = 400 to 1024, on noise, tones, speech, chirps). The bound takes four times that and some:
//     beta = 6 u sqrt(N) ||x||, that is 120 u ||x|| for N = 400, 170 for 800. It covers the rounding of the
//     window and of the products, 2 u sum|x| <= 2 u sqrt(N) ||x||. It depends on the frame, not on the bin.
//  2. Pre-emphasis in f32 errs by at most u (|y| + 1.5 |k x'|) a sample (its rounding, the product's, and that
//     of the coefficient k), and moves a bin by at most the sum of that under the window: added to beta.
//  3. A filter's output m = sum w |X|^p: |X| +- beta moves it by sum w (2 |X| beta + beta^2) for p = 2, by
//     sum w beta for p = 1, and the sums and products in f32 by u (taps + 6) m.
//  4. The logarithm of both ends of [m - d, m + d], plus 2^-22 max(1, |log2 m|) for an approximate base-2
//     logarithm (what CUDA documents for __log2f), plus 4 u of the result for the scaling. The clamps and the
//     clip's maximum are monotone, so the ends are carried through them, and the bound is the distance of
//     the farther end.
// Where that leaves room, the bound is capped at the tolerance that features are held to, 5e-5 for a power
// preset and 1e-3 for a magnitude preset, but never below the same derivation with beta / 4: what f32 does.
#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/mel/fourier.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/op/parallel_for.h"

namespace kernelgate {
namespace {

constexpr double u = 0x1p-24;

/// What the bound needs of each output of a clip; indexed as the output is, frame fastest.
struct ClipMels {
  std::vector<double> mel;        ///< m, before the logarithm
  std::vector<double> slope;      ///< sum w |X| for a power preset, sum w for a magnitude one
  std::vector<double> bin_error;  ///< beta of each frame
};

/// Tables and the transform, shared by the threads.
class Reference {
 public:
  explicit Reference(const Mel::Problem& problem)
      : preset_(problem.preset),
        samples_(problem.samples),
        frames_(problem.frames()),
        window_(mel_window(preset_)),
        bank_(mel_filterbank(preset_)),
        fourier_(preset_.n_fft) {
    for (int mel = 0; mel < preset_.n_mels; ++mel) {
      weight_sum_.push_back(0);
      for (int tap = 0; tap < bank_.taps(mel); ++tap) weight_sum_.back() += weight(mel, tap);
    }
  }

  ClipMels mels(const float* audio) const {
    ClipMels out;
    const auto count = static_cast<std::size_t>(preset_.n_mels * frames_);
    out.mel.resize(count);
    out.slope.resize(count);
    out.bin_error.resize(static_cast<std::size_t>(frames_));
    parallel_for(frames_, 32, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) frame(audio, t, out);
    });
    return out;
  }

  /// A feature before the clip's maximum: what it is, and the ends for beta scaled by `head_room`.
  struct Interval {
    double low, value, high;
  };
  Interval feature(const ClipMels& clip, std::size_t i, double head_room) const {
    const std::size_t t = i % static_cast<std::size_t>(frames_);
    const int mel = static_cast<int>(i / static_cast<std::size_t>(frames_));
    const double m = clip.mel[i], beta = head_room * clip.bin_error[t];
    const double square = weight_sum_[static_cast<std::size_t>(mel)] * beta * beta;
    const double d =
        (preset_.power ? 2 * clip.slope[i] * beta + square : clip.slope[i] * beta) + u * (bank_.taps(mel) + 6) * m;
    const auto scaled = [&](double value, double side) {
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

  double cap() const { return preset_.power ? 5e-5 : 1e-3; }

 private:
  /// As numpy's and torch's maximum: a NaN wins.
  static double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

  double clamp(double v) const {
    const double floored = v < preset_.lowest ? preset_.lowest : v;  // keeps NaN
    return floored > preset_.highest ? preset_.highest : floored;
  }

  double weight(int mel, int tap) const {
    return bank_
        .weights[static_cast<std::size_t>(bank_.offset[static_cast<std::size_t>(mel)]) + static_cast<std::size_t>(tap)];
  }

  void frame(const float* audio, std::int64_t t, ClipMels& out) const {
    thread_local std::vector<double> x, magnitude;
    thread_local std::vector<std::complex<double>> spectrum;
    const auto n_fft = static_cast<std::size_t>(preset_.n_fft);
    x.resize(n_fft);
    spectrum.resize(n_fft);
    magnitude.resize(static_cast<std::size_t>(preset_.bins()));

    double square = 0, emphasis_error = 0;
    for (std::size_t n = 0; n < n_fft; ++n) {
      const std::int64_t position = t * preset_.hop - preset_.n_fft / 2 + static_cast<std::int64_t>(n);
      const std::int64_t q = reflect_index(position, samples_);
      double y = audio[q];
      if (preset_.preemphasis != 0 && q > 0) {
        const double before = preset_.preemphasis * audio[q - 1];
        y -= before;
        emphasis_error += window_[n] * u * (std::abs(y) + 1.5 * std::abs(before));
      }
      x[n] = window_[n] * y;
      square += x[n] * x[n];
    }
    fourier_.transform(x, spectrum);
    for (std::size_t k = 0; k < magnitude.size(); ++k) magnitude[k] = std::sqrt(std::norm(spectrum[k]));

    out.bin_error[static_cast<std::size_t>(t)] =
        6 * u * std::sqrt(static_cast<double>(n_fft)) * std::sqrt(square) + emphasis_error;
    for (int mel = 0; mel < preset_.n_mels; ++mel) {
      double sum = 0, slope = 0;
      for (int tap = 0; tap < bank_.taps(mel); ++tap) {
        const double w = weight(mel, tap);
        const double a = magnitude[static_cast<std::size_t>(bank_.first_bin[static_cast<std::size_t>(mel)]) +
                                   static_cast<std::size_t>(tap)];
        sum += w * (preset_.power ? a * a : a);
        slope += w * (preset_.power ? a : 1);
      }
      const auto i = static_cast<std::size_t>(mel * frames_ + t);
      out.mel[i] = sum;
      out.slope[i] = slope;
    }
  }

  MelPreset preset_;
  std::int64_t samples_, frames_;
  std::vector<double> window_;
  MelFilterbank bank_;
  Fourier fourier_;
  std::vector<double> weight_sum_;  // of each filter
};

}  // namespace

void Mel::reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                    std::span<Expected> expected) {
  const std::int64_t per_clip = problem.preset.n_mels * problem.frames();
  std::map<std::int64_t, std::vector<std::size_t>> wanted;  // clip -> positions in `indices`
  for (std::size_t i = 0; i < indices.size(); ++i) wanted[indices[i] / per_clip].push_back(i);
  const Reference reference(problem);
  for (const auto& [clip, positions] : wanted) {
    const ClipMels mels = reference.mels(buffers.audio + clip * problem.samples);
    const auto top = reference.largest(mels, 1), usual_top = reference.largest(mels, 0.25);
    for (std::size_t at : positions) {
      const auto i = static_cast<std::size_t>(indices[at] % per_clip);
      const auto width = [&](double head_room, const auto& largest) {
        const auto v = reference.normalised(reference.feature(mels, i, head_room), largest);
        return std::max(v.high - v.value, v.value - v.low);
      };
      const double sound = width(1, top), usual = width(0.25, usual_top);
      expected[at] = {reference.normalised(reference.feature(mels, i, 1), top).value,
                      std::min(sound, std::max(reference.cap(), usual))};
    }
  }
}

}  // namespace kernelgate
