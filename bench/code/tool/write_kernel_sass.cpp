// Run by the build: disassembles the kernels' objects and writes the source of kernel_sass().
//
//   write_kernel_sass OUT {SOURCE OBJECT}...
//
// Without a disassembler there is no code in it, and the reason why.

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "harness/base/error.h"
#include "harness/codegen/cuda_tools.h"
#include "harness/codegen/kernel_name.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate {
namespace {

/// "matmul/sm75_multistage" of "kernels/matmul/sm75_multistage.cu".
std::string label_of(std::string source) {
  if (source.starts_with("kernels/")) source.erase(0, 8);
  return source.substr(0, source.rfind('.'));
}

std::string packed(const std::vector<std::string>& words, const CudaTools& tools) {
  std::string text;
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    auto kernels = predict::read_disassembly(run_cuobjdump(tools, words[i + 1], "-sass"), words[i + 1]);
    for (predict::SassKernel& kernel : kernels) {
      kernel.file = label_of(words[i]);
      kernel.name = short_name(kernel.symbol);
    }
    text += predict::pack_kernels(kernels);
  }
  return text;
}

std::string source_of(const std::string& text, const std::string& missing) {
  std::vector<Bytef> compressed(compressBound(static_cast<uLong>(text.size())));
  uLongf size = compressed.size();
  if (compress2(compressed.data(), &size, reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size()),
                9) != Z_OK)
    throw HarnessError(ExitCode::usage, "zlib can't compress the kernels' code");
  std::string rows;
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8 && at + i < size; ++i) word |= std::uint64_t{compressed[at + i]} << (8 * i);
    rows += fmt::format("{:#x},{}", word, at % 64 == 56 ? "\n" : "");
  }
  if (rows.empty()) rows = "0";  // an array has one element at least
  return fmt::format(
      "// Written by bench/code/tool/write_kernel_sass.cpp.\n#include \"bench/program/kernel_sass.h\"\n\n"
      "namespace kernelgate {{\nnamespace {{\nconstexpr std::uint64_t words[] = {{\n{}}};\n}}  // namespace\n\n"
      "const KernelSass& kernel_sass() {{\n  static const KernelSass sass{{words, {}, {}, R\"why({})why\"}};\n"
      "  return sass;\n}}\n\n}}  // namespace kernelgate\n",
      rows, static_cast<std::size_t>(size), text.size(), missing);
}

int write(const std::vector<std::string>& words) {
  const CudaTools tools = find_cuda_tools();
  std::string missing =
      words.size() < 2 ? "this program was built without a CUDA compiler" : missing_for_instructions(tools);
  const std::string text = missing.empty() ? packed(words, tools) : "";
  if (!missing.empty()) std::fprintf(stderr, "no machine code for `kernelgate predict`: %s\n", missing.c_str());
  std::ofstream out(words.at(0), std::ios::binary);
  out << source_of(text, missing);
  out.close();
  if (!out) throw HarnessError(ExitCode::usage, fmt::format("{}: can't be written", words[0]));
  return 0;
}

}  // namespace
}  // namespace kernelgate

int main(int argc, char** argv) {
  try {
    return kernelgate::write({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "write_kernel_sass: %s\n", problem.what());
    return 1;
  }
}
