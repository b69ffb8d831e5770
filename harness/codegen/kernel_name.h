#pragma once
// Names for kernels that a person can read, and that no build folder changes.

#include <string>
#include <vector>

#include "harness/codegen/kernel_code.h"

namespace kernelgate {

/// `mel_tile<Config<400, 160, 7>>` of a mangled name: no return type, no parameters, no namespaces. nvcc puts
/// hashes of paths into the names of what is in an anonymous namespace or static; they go too. What is no
/// mangled name stays as it is.
std::string short_name(const std::string& symbol);

/// The same with parameters and namespaces: for kernels whose short names are alike.
std::string long_name(const std::string& symbol);

/// Sets every `name`: `FILE: SHORT`, with the long name where two of one architecture would be alike.
/// Errors  HarnessError(usage) if two are alike even so: they could not be told apart in a baseline.
void name_kernels(std::vector<KernelCode>& kernels);

}  // namespace kernelgate
