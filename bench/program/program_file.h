#pragma once
// Where this program's own file is.

#include <filesystem>

namespace kernelgate {

/// The file that this code was loaded from. Not /proc/self/exe: a bundle may have started the program through
/// a loader of its own. Errors  HarnessError(usage) if the system does not say.
std::filesystem::path program_file();

}  // namespace kernelgate
