#pragma once
// Recordings that a user names become mel problems beside the built-in ones.

#include <filesystem>
#include <vector>

namespace kernelgate {

/// Adds one mel problem a preset for each recording, in the suites smoke, default and full:
/// "mel/whisper80/file:NAME", the file's facts in its label. Of two files of one name the second gets "_2".
///
/// Errors  as read_recording; HarnessError (usage) for one too short for a frame. Then nothing was added.
void add_recordings(const std::vector<std::filesystem::path>& paths);

}  // namespace kernelgate
