#pragma once
// --kernel FILE.json: kernels that users describe become implementations beside the others.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

inline constexpr const char* kernel_help =
    "a cubin or PTX of your own, as this JSON file describes it: only its problems (docs/own_kernels.md); may be "
    "repeated";

/// Adds each described kernel to the problems that its file names, or adds its own problems; all others are dropped,
/// since a kernel was named to be looked at. Nothing happens without files. Returns a line for each problem: how the
/// kernel would be started there, or why not; and what a person should know.
///
/// Errors  HarnessError (usage): as read_kernel_description; a name that is there already; names that no problem has.
std::vector<std::string> add_kernels(const std::vector<std::filesystem::path>& files);

/// Errors  HarnessError `nothing` (77): there are files, and `device` is no GPU.
void expect_gpu_for(const std::vector<std::filesystem::path>& files, const std::string& device);

}  // namespace kernelgate
