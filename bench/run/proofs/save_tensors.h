#pragma once
// Tensors as NumPy's files, so that another program can compute with the same numbers.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "kernels/op/any_op.h"

namespace kernelgate {

/// One dimension. Errors  HarnessError (usage): it can't be written.
void write_npy(const std::filesystem::path& file, const TensorSpec& spec, std::span<const std::byte> bytes);

/// A problem's inputs of a seed, and the output that was made of them, in the folder's subfolder of that name, "/" and
/// ":" being "_": audio.npy, ... bf16 is written as its bits.
void save_tensors(const std::filesystem::path& folder, const std::string& name, const AnyProblem& problem,
                  std::uint64_t seed, std::span<const std::byte> output);

}  // namespace kernelgate
