#pragma once
// Where the stored baselines are.

#include <filesystem>

namespace kernelgate {

/// `given` if there is one; else $KERNELGATE_BASELINES; else a folder `baselines` beside the program or
/// one above it; else ./baselines.
std::filesystem::path baselines_folder(const std::filesystem::path& given);

}  // namespace kernelgate
