#pragma once
// A mel preset that a user wrote: docs/mel.md has its fields.

#include <string>
#include <string_view>

#include "kernels/mel/mel_preset.h"

namespace kernelgate {

/// JSON with "name", and any of MelPreset's fields by their names; "like" names a built-in preset that the others are
/// taken from, else they are MelPreset's defaults. `file` is for messages.
///
/// Errors  HarnessError (usage), one line that names the file and the field: not JSON, a field unknown or of the wrong
///         type, and whatever validate_mel_preset refuses.
MelPreset parse_mel_preset(std::string_view text, const std::string& file);

/// The built-in preset of that name, or the one in the file of that name if it ends in ".json".
///
/// Errors  as parse_mel_preset; HarnessError (usage) where there is neither.
MelPreset find_mel_preset(const std::string& name_or_file);

}  // namespace kernelgate
