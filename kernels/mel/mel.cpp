#include "kernels/mel/mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/mel_presets.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

/// Case names are split at '/', and go into JSON and file names.
std::string plain(const std::string& text) {
  std::string out = text;
  for (char& c : out) {
    const bool keep =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
    if (!keep) c = '_';
  }
  return out;
}

/// "30s", "200ms", "16001samples".
std::string duration(const MelPreset& preset, std::int64_t samples) {
  const std::int64_t rate = preset.sample_rate;
  if (samples > 0 && samples % rate == 0) return std::to_string(samples / rate) + "s";
  if (samples > 0 && samples * 10 % rate == 0) return std::to_string(samples * 1000 / rate) + "ms";
  return std::to_string(samples) + "samples";
}

std::int16_t to_i16(double value) {
  const double scaled = std::nearbyint(value * 32768);
  return static_cast<std::int16_t>(std::clamp(scaled, -32768.0, 32767.0));
}

/// What the reference costs more than the algorithm: it transforms real input as complex, in double, and
/// recursively. Measured: 4 to 8 ns for each FLOP of the algorithm, on two busy cores.
constexpr double reference_flop_factor = 8;

/// More outputs than this would make the list of them, with their expected values, larger than the audio.
constexpr std::int64_t most_outputs_checked = 4'000'000;

}  // namespace

std::string Mel::problem_name(const Problem& problem) {
  std::string length;
  if (problem.recording)
    length = "file:" + plain(problem.recording_name);
  else if (problem.lengths && !problem.lengths->empty())
    length = duration(problem.preset, std::ranges::min(*problem.lengths)) + "-" +
             duration(problem.preset, std::ranges::max(*problem.lengths));
  else
    length = duration(problem.preset, problem.samples);
  std::string types;
  if (problem.input == Type::i16) types += "-i16";
  if (problem.output == Type::f16) types += "-f16";
  const std::string batch = problem.clips == 1 && !problem.lengths ? "" : "b" + std::to_string(problem.clips) + "x";
  const std::string chunk = problem.chunk == 0 ? "" : "-by-" + std::to_string(problem.chunk);
  return problem.preset.name + types + "/" + batch + length + chunk;
}

std::int64_t Mel::Problem::audio_count() const {
  return lengths ? std::accumulate(lengths->begin(), lengths->end(), std::int64_t{0}) : clips * samples;
}

std::int64_t Mel::Problem::feature_count() const {
  if (!lengths) return clips * preset.n_mels * frames();
  std::int64_t count = 0;
  for (const std::int64_t length : *lengths) count += preset.n_mels * preset.frames(length);
  return count;
}

void Mel::validate(const Problem& problem) {
  validate_mel_preset(problem.preset);
  if (problem.input == Type::f16 || problem.output == Type::i16)
    throw InvalidProblem("mel: audio is f32 or i16, features are f32 or f16");
  if (problem.samples < 0 || problem.clips < 0) throw InvalidProblem("mel: samples and clips must not be negative");
  constexpr std::int64_t most = std::int64_t{1} << 40;
  if (problem.clips > 0 &&
      (problem.samples > most / problem.clips || problem.frames() > most / problem.clips / problem.preset.n_mels))
    throw InvalidProblem("mel: more than 2^40 samples or features");
  if (problem.recording && problem.recording->empty()) throw InvalidProblem("mel: the recording has no samples");
  if (problem.lengths) {
    const auto& lengths = *problem.lengths;
    if (std::ssize(lengths) != problem.clips) throw InvalidProblem("mel: each clip needs its length");
    for (const std::int64_t length : lengths)
      if (length < 0 || length > problem.samples)
        throw InvalidProblem("mel: a clip's length must be 0 to `samples`, the longest");
  }
  if (problem.chunk < 0) throw InvalidProblem("mel: a chunk must not be negative");
  if (problem.chunk > 0 && (problem.clips != 1 || problem.lengths))
    throw InvalidProblem("mel: a stream in chunks is of one clip");
}

Sizes Mel::sizes(const Problem& p) {
  return {
      {"samples", p.samples},    {"clips", p.clips},    {"frames", p.frames()}, {"n_mels", p.preset.n_mels},
      {"n_fft", p.preset.n_fft}, {"hop", p.preset.hop}, {"win", p.preset.win},  {"sample_rate", p.preset.sample_rate}};
}

Work Mel::work(const Problem& problem) {
  const MelPreset& p = problem.preset;
  const double taps = static_cast<double>(mel_filterbank(p).weights.size());
  // Window; a real FFT as half of 5 N log2 N; power or magnitude; filters; logarithm and normalisation.
  const double frame_flop = p.n_fft + 2.5 * p.n_fft * std::log2(p.n_fft) + 3.0 * p.bins() + 2 * taps + 5.0 * p.n_mels;
  const double sample_flop = p.preemphasis != 0 ? 2 : 0;
  const double features = static_cast<double>(problem.feature_count()),
               samples = static_cast<double>(problem.audio_count());
  return {
      features / p.n_mels * frame_flop + samples * sample_flop,
      static_cast<double>(size_of(problem.input)) * samples + static_cast<double>(size_of(problem.output)) * features};
}

std::vector<TensorSpec> Mel::inputs(const Problem& problem) {
  return {{"audio", problem.input, problem.audio_count()}};
}

TensorSpec Mel::output(const Problem& problem) { return {"features", problem.output, problem.feature_count()}; }

Mel::Buffers Mel::bind(const Problem&, std::span<void* const> pointers) { return {pointers[0], pointers[1]}; }

void Mel::fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs) {
  const std::int64_t count = problem.audio_count();
  const auto put = [&](std::int64_t i, double value) {
    if (problem.input == Type::i16)
      static_cast<std::int16_t*>(inputs[0])[i] = to_i16(value);
    else
      static_cast<float*>(inputs[0])[i] = static_cast<float>(value);
  };
  if (problem.recording) {
    const auto& recording = *problem.recording;
    for (std::int64_t i = 0, at = 0; i < count; ++i, at = at + 1 == std::ssize(recording) ? 0 : at + 1)
      put(i, recording[static_cast<std::size_t>(at)]);
    return;
  }
  // One period of a voice: harmonics that fall off, with a bump where a formant would be.
  constexpr int period = 1024;
  float wave[period] = {};
  Random random(seed);
  for (int harmonic = 1; harmonic <= 40; ++harmonic) {
    const double level = (1.0 / harmonic + 0.3 * std::exp(-0.05 * (harmonic - 14) * (harmonic - 14))) * 0.2;
    const double phase = random.uniform();
    for (int i = 0; i < period; ++i)
      wave[i] += static_cast<float>(level * std::sin(2 * std::numbers::pi * (phase + 1.0 * harmonic * i / period)));
  }
  constexpr std::int64_t syllable = 3500;  // samples; a seventh of them are pauses
  double phase = 0, pitch = 0, level = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t at = i % syllable;
    if (at == 0) {
      pitch = (90 + 130 * random.uniform()) / 16000;
      level = random.below(7) == 0 ? 0 : 0.2 + 0.8 * random.uniform();
    }
    phase += pitch * (1 + 2e-5 * static_cast<double>(at));
    phase -= std::floor(phase);
    const double ramp = static_cast<double>(at) / syllable;
    const double voice = level * 4 * ramp * (1 - ramp) * wave[static_cast<int>(phase * period)];
    const double noise = 0.004 * (random.uniform() - 0.5);
    put(i, std::round(std::clamp(voice + noise, -1.0, 1.0) * 32767) / 32768);
  }
}

std::vector<std::int64_t> Mel::check_indices(const Problem& problem, double flop_budget, std::uint64_t seed) {
  const std::int64_t longest = problem.preset.n_mels * problem.frames();
  if (problem.feature_count() == 0) return {};
  if (longest > most_outputs_checked && !problem.lengths)
    return sample_indices(longest, problem.preset.frame_major ? problem.preset.n_mels : problem.frames(),
                          most_outputs_checked / 4, seed);
  const double clip_flop = work(problem).flop / static_cast<double>(problem.clips) * reference_flop_factor;
  const std::int64_t affordable =
      std::clamp(static_cast<std::int64_t>(std::min(flop_budget / clip_flop, 1e9)), std::int64_t{1},
                 std::max<std::int64_t>(most_outputs_checked / longest, 1));
  std::set<std::int64_t> clips{0};
  if (problem.lengths) clips.insert(std::ranges::max_element(*problem.lengths) - problem.lengths->begin());
  if (affordable >= problem.clips)
    for (std::int64_t c = 1; c < problem.clips; ++c) clips.insert(c);
  if (affordable > 1) clips.insert(problem.clips - 1);
  Random random(seed);
  while (std::ssize(clips) < std::min(affordable, problem.clips))
    clips.insert(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.clips))));
  std::vector<std::int64_t> indices;
  std::int64_t begin = 0;
  for (std::int64_t clip = 0; clip < problem.clips; ++clip) {
    const std::int64_t count = problem.preset.n_mels * problem.clip_frames(clip);
    if (clips.contains(clip)) {
      indices.resize(indices.size() + static_cast<std::size_t>(count));
      std::iota(indices.end() - count, indices.end(), begin);
    }
    begin += count;
  }
  return indices;
}

}  // namespace kernelgate
