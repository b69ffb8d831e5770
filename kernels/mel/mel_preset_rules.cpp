// What a preset must be, so that a user's own is refused before anything is computed with it.

#include <cmath>
#include <sstream>
#include <string>

#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/mel_presets.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

template <class T>
void require(const MelPreset& preset, bool holds, const char* field, const T& value, const std::string& rule) {
  if (holds) return;
  std::ostringstream text;
  text << "mel preset '" << preset.name << "': " << field << " is " << value << ", but must be " << rule;
  throw InvalidProblem(text.str());
}

std::string number(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

/// No name, no path: it stands in the names of cases.
void check_name(const MelPreset& preset) {
  bool plain = !preset.name.empty() && preset.name.size() <= 40;
  for (const char c : preset.name)
    plain &= (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  require(preset, plain, "name", "'" + preset.name + "'", "1 to 40 letters, digits, '-' or '_'");
}

void check_sizes(const MelPreset& p) {
  constexpr int most = 1 << 16;
  require(p, p.sample_rate >= 1 && p.sample_rate <= 1'000'000, "sample_rate", p.sample_rate, "1 to 1000000 Hz");
  require(p, p.n_fft >= 2 && p.n_fft <= most && p.n_fft % 2 == 0, "n_fft", p.n_fft, "even, 2 to 65536");
  require(p, p.win >= 0 && p.win <= p.n_fft, "win", p.win, "0 (n_fft) to n_fft, " + std::to_string(p.n_fft));
  require(p, p.window_length() >= 2, "win", p.win, "2 or more");
  require(p, p.hop >= 1 && p.hop <= most, "hop", p.hop, "1 to 65536");
  require(p, p.n_mels >= 1 && p.n_mels <= 1024, "n_mels", p.n_mels, "1 to 1024");
  require(p, p.lead >= -1 && p.lead <= p.n_fft, "lead", p.lead, "-1 (half of n_fft) to n_fft");
}

void check_numbers(const MelPreset& p) {
  const std::pair<const char*, double> numbers[] = {{"fmin", p.fmin},
                                                    {"fmax", p.fmax},
                                                    {"preemphasis", p.preemphasis},
                                                    {"log_scale", p.log_scale},
                                                    {"log_offset", p.log_offset},
                                                    {"lowest", p.lowest},
                                                    {"highest", p.highest},
                                                    {"dynamic_range", p.dynamic_range},
                                                    {"input_scale", p.input_scale},
                                                    {"log_add", p.log_add}};
  for (const auto& [field, value] : numbers) require(p, std::isfinite(value), field, value, "a number");
  const double nyquist = p.sample_rate / 2.0;
  require(p, p.fmin >= 0, "fmin", p.fmin, "0 Hz or more");
  require(p, p.fmax > p.fmin, "fmax", p.fmax, "more than fmin, " + number(p.fmin) + " Hz");
  require(p, p.fmax <= nyquist, "fmax", p.fmax, "at most half the sample rate, " + number(nyquist) + " Hz");
  require(p, std::abs(p.preemphasis) <= 1, "preemphasis", p.preemphasis, "-1 to 1");
  require(p, p.dynamic_range >= 0, "dynamic_range", p.dynamic_range, "0 (none) or more");
  require(p, p.log_add >= 0, "log_add", p.log_add, "0 or more");
  require(p, p.input_scale > 0 && p.input_scale <= 65536, "input_scale", p.input_scale, "above 0, at most 65536");
  require(p, std::abs(p.log_scale) <= 1000 && p.log_scale > 0, "log_scale", p.log_scale, "above 0, at most 1000");
  require(p, p.lowest < p.highest, "lowest", p.lowest, "below highest, " + number(p.highest));
  require(p, p.lowest >= -1e6, "lowest", p.lowest, "-1000000 or more: it is the value of silence");
}

}  // namespace

void validate_mel_preset(const MelPreset& preset) {
  check_name(preset);
  check_sizes(preset);
  check_numbers(preset);
  const MelFilterbank bank = mel_filterbank(preset);
  if (preset.empty_filters) return;
  for (int mel = 0; mel < preset.n_mels; ++mel)
    require(preset, bank.taps(mel) > 0, "n_mels", preset.n_mels,
            "smaller, or n_fft larger: filter " + std::to_string(mel) + " lies between two bins, which are " +
                number(static_cast<double>(preset.sample_rate) / preset.n_fft) +
                " Hz apart (or set empty_filters to true)");
}

}  // namespace kernelgate
