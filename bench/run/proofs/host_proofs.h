#pragma once
// What a run without a GPU says of the CUDA kernels: proven on the host executor, and what a GPU would add.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/run/injection.h"
#include "harness/base/error.h"

namespace kernelgate {

struct ProofSelection {
  std::string suite;
  std::vector<std::string> ops;
  std::string filter;  ///< --benchmark_filter: a kernel is meant where one of its cases on a GPU would be
  std::uint64_t seed = 1;
};

/// Proves our CUDA kernels on the host executor at the suite's problems that it can do, and prints the
/// findings on `stream`. Returns wrong (2) if any is wrong.
ExitCode prove_and_print(const ProofSelection& selection, const Injection& injection, std::FILE* stream);

/// Prints which cases a GPU would add.
void print_what_a_gpu_adds(const std::string& suite, const std::vector<std::string>& ops, std::FILE* stream);

}  // namespace kernelgate
