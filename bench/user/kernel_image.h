#pragma once
// Machine code or PTX that a user brings: which kernels are in it, and what they take.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kernelgate {

struct KernelImage {
  std::string file;   ///< as it was named
  std::string bytes;  ///< of PTX with a 0 at its end, as the driver wants it
  bool ptx = false;
  int architecture = 0;  ///< compute capability times ten: of machine code its own, of PTX the least; 0: not known

  struct Entry {
    std::string symbol;
    /// Bytes of each parameter; nothing where the file does not say.
    std::optional<std::vector<std::size_t>> parameters;
  };
  std::vector<Entry> entries = {};  ///< none are known of a fat binary

  /// The entry of this symbol, or the only one whose name in the source is this.
  ///
  /// Errors  HarnessError (usage): there is none, or several; with those there are.
  const Entry& find(const std::string& name) const;

  /// Why a GPU of this compute capability (times ten) can't run it; empty: it can, or that is not known.
  std::string why_not_on(int capability) const;
};

/// Errors  HarnessError (usage): it can't be read, or is neither a cubin, nor PTX, nor a fat binary.
KernelImage read_kernel_image(const std::string& file);

}  // namespace kernelgate
