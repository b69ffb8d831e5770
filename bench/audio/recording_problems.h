#pragma once
// Recordings that a user names become mel problems beside the built-in ones.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

/// Adds one mel problem a preset for each recording, in the suites smoke, default and full:
/// "mel/whisper80/file:HASH". A recording is what was recorded: the hash is of its content, so that it meets itself
/// whatever its file is called; the names, as they are, and the file's facts stand in the label. The same content twice
/// is one recording. Returns what is odd about the files, one line each.
///
/// Errors  as read_recording; HarnessError (usage) for one too short for a frame. Then nothing was added.
std::vector<std::string> add_recordings(const std::vector<std::filesystem::path>& paths);

}  // namespace kernelgate
