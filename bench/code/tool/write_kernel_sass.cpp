// Run by the build: disassembles the kernels' objects, each by itself, and writes the source of kernel_sass().
//
//   write_kernel_sass disassemble OUT SOURCE OBJECT
//   write_kernel_sass join OUT DISASSEMBLED...
//
// Without a disassembler there is no code in it, and the reason why.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <span>
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

std::string packed(const std::string& source, const std::string& object, const CudaTools& tools) {
  auto kernels = predict::read_disassembly(run_cuobjdump(tools, object, "-sass"), object);
  for (predict::SassKernel& kernel : kernels) {
    kernel.file = label_of(source);
    kernel.name = short_name(kernel.symbol);
  }
  return predict::pack_kernels(kernels);
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw HarnessError(ExitCode::usage, fmt::format("{}: can't be read", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string source_of(const std::string& text, const std::string& missing, const std::string& disassembler) {
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
      "const KernelSass& kernel_sass() {{\n  static const KernelSass sass{{words, {}, {}, R\"why({})why\", \"{}\"}};\n"
      "  return sass;\n}}\n\n}}  // namespace kernelgate\n",
      rows, static_cast<std::size_t>(size), text.size(), missing, disassembler);
}

std::string joined(std::span<const std::string> files, const CudaTools& tools) {
  std::string missing =
      files.empty() ? "this program was built without a CUDA compiler" : missing_for_instructions(tools);
  std::string text;
  for (const std::string& file : files) {
    const std::string one = content_of(file);
    // The tools came since: of some kernels only there would be code.
    if (one.empty() && missing.empty())
      missing =
          "cuobjdump and nvdisasm were missing when it was built; remove generated/sass in the build folder, and build "
          "again";
    text += one;
  }
  if (!missing.empty()) std::fprintf(stderr, "no machine code for `kernelgate predict`: %s\n", missing.c_str());
  return source_of(missing.empty() ? text : "", missing, missing.empty() ? cuobjdump_version(tools) : "");
}

int write(std::span<const std::string> words) {
  const CudaTools tools = find_cuda_tools();
  const bool join = words.size() >= 2 && words[0] == "join";
  if (!join && (words.size() != 4 || words[0] != "disassemble"))
    throw HarnessError(ExitCode::usage, "needs 'disassemble OUT SOURCE OBJECT' or 'join OUT DISASSEMBLED...'");
  std::string text;
  if (join)
    text = joined(words.subspan(2), tools);
  else if (missing_for_instructions(tools).empty())
    text = packed(words[2], words[3], tools);
  std::ofstream out(words[1], std::ios::binary);
  out << text;
  out.close();
  if (!out) throw HarnessError(ExitCode::usage, fmt::format("{}: can't be written", words[1]));
  return 0;
}

}  // namespace
}  // namespace kernelgate

int main(int argc, char** argv) {
  try {
    return kernelgate::write(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "write_kernel_sass: %s\n", problem.what());
    return 1;
  }
}
