#pragma once
// A WAV whose header does not give the length that it has: streamed, when nobody knew it yet, or cut short.

#include <filesystem>
#include <string>

namespace kernelgate {

struct WavLength {
  std::string mended;  ///< the file with the length that it has; empty: its own header is right, or it is no WAV
  std::string note;    ///< what was wrong with it, for people; empty: nothing
};

/// Reads a file that can be read.
WavLength wav_length(const std::filesystem::path& path);

}  // namespace kernelgate
