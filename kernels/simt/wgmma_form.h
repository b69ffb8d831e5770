#pragma once
// Which of the many forms of wgmma is meant: all that the instruction fixes besides its n. The same on both sides.

#include <cstdint>

#include "kernels/simt/smem_descriptor.h"

namespace kernelgate::simt {

enum class WgmmaInput : std::uint8_t { f16, bf16 };

/// To write as a template argument: wgmma_m64nNk16<256, WgmmaForm{.b = Major::mn}>(...).
struct WgmmaForm {
  WgmmaInput input = WgmmaInput::f16;
  Major a = Major::k;  ///< of A in shared memory
  Major b = Major::k;
  bool negate_a = false;
  bool negate_b = false;
};

}  // namespace kernelgate::simt
