#pragma once
// For tests: what the tools said when testdata/ was recorded, and kernels made up to be compared.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/base/paths_for_test.h"
#include "harness/codegen/codegen_baseline.h"

namespace kernelgate::for_test {

inline std::filesystem::path recorded_file(const std::string& name) {
  return source_folder() / "harness/codegen/testdata" / name;
}

inline std::string recorded(const std::string& name) {
  std::ifstream in(recorded_file(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline KernelCode made_kernel(const std::string& name) {
  KernelCode kernel;
  kernel.arch = "sm90a";
  kernel.nvcc = "13.0.88";
  kernel.file = "matmul/made";
  kernel.name = "matmul/made: " + name;
  kernel.registers = 128;
  kernel.spill_store_bytes = kernel.spill_load_bytes = 0;
  kernel.shared_bytes = 1024;
  kernel.instructions = InstructionCounts{100, {{"HGMMA", 8}, {"HMMA", 4}, {"LDS", 16}}};
  return kernel;
}

/// Kernels `a` and `b`.
inline ArchCode made_code() { return {"sm90a", "13.0.88", "13.2.86", "", {made_kernel("a"), made_kernel("b")}}; }

inline CodegenBaseline made_baseline() { return {made_code(), "first", "2026-02-03T00:00:00Z", "abc", false}; }

}  // namespace kernelgate::for_test
