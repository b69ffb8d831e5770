#include "bench/audio/mel_preset_file.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/json/strict_json.h"
#include "kernels/mel/mel_presets.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

void take(ObjectReader& object, const char* name, int& to) {
  if (object.has(name)) to = static_cast<int>(object.integer(name, -1, 1'000'000));
}

void take(ObjectReader& object, const char* name, double& to) {
  if (!object.has(name)) return;
  const nlohmann::json& value = object.field(name);
  if (!value.is_number()) object.refuse(name, "a number");
  to = value.get<double>();
}

void take(ObjectReader& object, const char* name, bool& to) {
  if (!object.has(name)) return;
  const nlohmann::json& value = object.field(name);
  if (!value.is_boolean()) object.refuse(name, "true or false");
  to = value.get<bool>();
}

template <class Choice, std::size_t count>
void take(ObjectReader& object, const char* name, Choice& to,
          const std::array<std::pair<const char*, Choice>, count>& words) {
  if (!object.has(name)) return;
  std::string allowed;
  const nlohmann::json& value = object.field(name);
  for (const auto& [word, choice] : words) {
    if (value.is_string() && value.get<std::string>() == word) {
      to = choice;
      return;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  object.refuse(name, "one of " + allowed);
}

constexpr std::array windows{std::pair("hann", MelWindow::hann), std::pair("hann_symmetric", MelWindow::hann_symmetric),
                             std::pair("povey", MelWindow::povey)};
constexpr std::array paddings{std::pair("reflect", MelPadding::reflect),
                              std::pair("reflect_edge", MelPadding::reflect_edge), std::pair("zero", MelPadding::zero)};
constexpr std::array scales{std::pair("slaney", MelScale::slaney), std::pair("htk", MelScale::htk),
                            std::pair("kaldi", MelScale::kaldi)};

void take_fields(ObjectReader& object, MelPreset& p) {
  for (const auto& [name, to] : {std::pair("sample_rate", &p.sample_rate),
                                 {"n_fft", &p.n_fft},
                                 {"win", &p.win},
                                 {"hop", &p.hop},
                                 {"n_mels", &p.n_mels},
                                 {"lead", &p.lead}})
    take(object, name, *to);
  for (const auto& [name, to] : {std::pair("fmin", &p.fmin),
                                 {"fmax", &p.fmax},
                                 {"preemphasis", &p.preemphasis},
                                 {"log_scale", &p.log_scale},
                                 {"log_offset", &p.log_offset},
                                 {"lowest", &p.lowest},
                                 {"highest", &p.highest},
                                 {"dynamic_range", &p.dynamic_range},
                                 {"input_scale", &p.input_scale},
                                 {"log_add", &p.log_add}})
    take(object, name, *to);
  for (const auto& [name, to] : {std::pair("power", &p.power),
                                 {"drop_last_frame", &p.drop_last_frame},
                                 {"window_first", &p.window_first},
                                 {"frame_by_frame", &p.frame_by_frame},
                                 {"unit_area", &p.unit_area},
                                 {"logarithm", &p.logarithm},
                                 {"per_feature", &p.per_feature},
                                 {"empty_filters", &p.empty_filters},
                                 {"frame_major", &p.frame_major}})
    take(object, name, *to);
  take(object, "window", p.window, windows);
  take(object, "padding", p.padding, paddings);
  take(object, "scale", p.scale, scales);
}

}  // namespace

MelPreset parse_mel_preset(std::string_view text, const std::string& file) {
  const nlohmann::json document = parse_strict_json(text, file);
  ObjectReader object(document, file);
  try {
    MelPreset preset = object.has("like") ? mel_preset(object.text("like")) : MelPreset{};
    preset.name = object.text("name");
    preset.source = object.has("source") ? object.text("source") : file;
    take_fields(object, preset);
    object.finish();
    for (const MelPreset& known : mel_presets())
      if (known.name == preset.name) object.refuse("name", "another than a built-in preset's");
    validate_mel_preset(preset);
    return preset;
  } catch (const InvalidProblem& error) {
    throw HarnessError(ExitCode::usage, fmt::format("{}: {}", file, error.what()));
  }
}

MelPreset find_mel_preset(const std::string& name_or_file) {
  if (name_or_file.ends_with(".json")) return parse_mel_preset(read_user_file(name_or_file), name_or_file);
  try {
    return mel_preset(name_or_file);
  } catch (const InvalidProblem& error) {
    throw HarnessError(ExitCode::usage,
                       fmt::format("{}, or give the path of a .json file (docs/mel.md)", error.what()));
  }
}

}  // namespace kernelgate
