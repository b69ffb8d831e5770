// The products of kernels/sdc/sdc.h in the types that came with sm_80.

#include "kernels/sdc/product_kernel.h"

namespace kernelgate::sdc {
namespace {

SIMT_KERNEL(threads, 4) void sdc_bf16(Run run) { products<Kind::bf16>(run); }
SIMT_KERNEL(threads, 4) void sdc_tf32(Run run) { products<Kind::tf32>(run); }
SIMT_KERNEL(threads, 4) void sdc_s8(Run run) { products<Kind::s8>(run); }
SIMT_KERNEL(threads, 4) void sdc_f64(Run run) { products<Kind::f64>(run); }

template <void (*KERNEL)(Run)>
SdcKernel kernel(Kind kind, const char* name) {
  return {kind, name, [name](unsigned blocks, const Run& run, Stream stream) {
            simt::launch(KERNEL, {{blocks}, {threads}, shared_bytes, name}, stream, run);
          }};
}

const RegisterSdc these{simt::device_kind,
                        {kernel<sdc_bf16>(Kind::bf16, "sdc_bf16"), kernel<sdc_tf32>(Kind::tf32, "sdc_tf32"),
                         kernel<sdc_s8>(Kind::s8, "sdc_s8"), kernel<sdc_f64>(Kind::f64, "sdc_f64")}};

}  // namespace
}  // namespace kernelgate::sdc
