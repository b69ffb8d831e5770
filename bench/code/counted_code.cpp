#include "bench/code/counted_code.h"

#include "bench/program/kernel_sass.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate {

std::optional<CountedCode> counted_code() {
  const KernelSass& sass = kernel_sass();
  if (!sass.missing.empty()) return std::nullopt;
  CountedCode code{{}, std::string(sass.disassembler)};
  InstructionCounts* current = nullptr;
  predict::visit_packed(
      kernel_sass_text(),
      [&](const predict::SassKernel& kernel) {
        current = &code.counts[{kernel.arch, kernel.symbol}];
      },
      [&](std::string_view instruction) { count_instruction(*current, instruction, "this program"); });
  return code;
}

}  // namespace kernelgate
