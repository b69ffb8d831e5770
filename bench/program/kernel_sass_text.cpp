#include <zlib.h>

#include "bench/program/kernel_sass.h"
#include "harness/base/error.h"

namespace kernelgate {

const std::string& kernel_sass_text() {
  static const std::string text = [] {
    const KernelSass& sass = kernel_sass();
    std::string all(sass.bytes, '\0');
    auto size = static_cast<uLongf>(all.size());
    if (sass.bytes > 0 &&
        uncompress(reinterpret_cast<Bytef*>(all.data()), &size, reinterpret_cast<const Bytef*>(sass.words.data()),
                   static_cast<uLong>(sass.compressed_bytes)) != Z_OK)
      throw HarnessError(ExitCode::usage, "the machine code in this program can't be read; build it again");
    return all;
  }();
  return text;
}

}  // namespace kernelgate
