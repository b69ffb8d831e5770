#pragma once
// Reads recordings for the mel op: any rate, any channel count, made mono at the rate that is asked for.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

inline constexpr int recording_rate_hz = 16000;

/// A recording, ready for the mel op.
struct Recording {
  std::string name;            ///< the file's, without its folder
  std::string content;         ///< a hash of what was recorded, before anything was resampled: its identity
  std::string note;            ///< what is odd about the file, for people; empty: nothing
  std::vector<float> samples;  ///< mono: the mean of the channels; full scale is [-1, 1]
  int rate_hz = recording_rate_hz;
  int original_rate_hz = 0;
  int original_channels = 0;

  double seconds() const { return static_cast<double>(samples.size()) / rate_hz; }
};

/// WAV, FLAC, and whatever else libsndfile reads; resampled by libsamplerate where it is not at `rate_hz`. Both
/// libraries are loaded when used.
///
/// Errors  HarnessError (usage), one line that names the file, what is wrong with it, and the remedy: no such
///         file, a folder, unreadable, empty, not audio, cut short (but for a WAV, which is read as far as it
///         goes), no samples, samples that are not numbers;
///         a library that is not installed.
Recording read_recording(const std::filesystem::path& path, int rate_hz = recording_rate_hz);

}  // namespace kernelgate
