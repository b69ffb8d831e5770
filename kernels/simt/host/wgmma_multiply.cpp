#include "kernels/simt/host/wgmma_multiply.h"

#include <cstddef>
#include <cstring>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"

namespace kernelgate::simt::executor {

void widen(WgmmaInput input, bool negate, const std::uint16_t* from, float* to, int count) {
  if (input == WgmmaInput::f16) {
    f16 halves[wgmma_depth * 256];
    std::memcpy(static_cast<void*>(halves), from, static_cast<std::size_t>(count) * sizeof *from);
    to_float(halves, to, static_cast<std::size_t>(count));
  } else {
    for (int i = 0; i < count; ++i) to[i] = to_float(bf16{from[i]});
  }
  if (negate)
    for (int i = 0; i < count; ++i) to[i] = -to[i];
}

}  // namespace kernelgate::simt::executor
