#pragma once
// NVIDIA's tools that read a binary: found where they are installed, run in a child with a time limit.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

/// Empty paths: not found. cuobjdump asks nvdisasm for instructions; without it, it has the figures alone.
struct CudaTools {
  std::filesystem::path cuobjdump, nvdisasm;
};

/// Looks on PATH, in $CUDA_HOME and $CUDA_PATH, in /usr/local/cuda*, in cuda-toolkit beside the program or up
/// to two above (where scripts/setup puts what a machine lacks), and in Python's NVIDIA wheels.
CudaTools find_cuda_tools();

/// The folders that find_cuda_tools looks in, in this order.
std::vector<std::filesystem::path> cuda_tool_folders();

/// Why there can be no instruction counts, with the remedy, in one line; empty: there can.
std::string missing_for_instructions(const CudaTools& tools);

/// "13.2.86". Errors  HarnessError(nothing) if it can't be run.
std::string cuobjdump_version(const CudaTools& tools);

/// What cuobjdump prints of a file: `-sass` or `-res-usage`, of one architecture or, if `arch` is empty, of all.
/// Errors  HarnessError, one line: no tool (nothing); a file without device code, a tool that fails (usage).
std::string run_cuobjdump(const CudaTools& tools, const std::filesystem::path& file, const std::string& what,
                          const std::string& arch = "");

}  // namespace kernelgate
