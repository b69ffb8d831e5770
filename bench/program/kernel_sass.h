#pragma once
// The machine code of the kernels in this program, as text; the source is written at build time.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kernelgate {

struct KernelSass {
  std::span<const std::uint64_t> words;  ///< the text of predict::pack_kernels, compressed by zlib
  std::size_t compressed_bytes = 0, bytes = 0;
  std::string_view missing;       ///< why there is none; empty: there is
  std::string_view disassembler;  ///< cuobjdump's version
};

const KernelSass& kernel_sass();

/// The text, decompressed once.
/// Errors  HarnessError(usage): it can't be.
const std::string& kernel_sass_text();

}  // namespace kernelgate
