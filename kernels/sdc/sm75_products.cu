// The products of kernels/sdc/sdc.h in f16, which every GPU with Tensor Cores has.

#include "kernels/sdc/product_kernel.h"

namespace kernelgate::sdc {
namespace {

SIMT_KERNEL(threads, 4) void sdc_f16(Run run) { products<Kind::f16>(run); }

const RegisterSdc these{simt::device_kind,
                        {{Kind::f16, "sdc_f16", [](unsigned blocks, const Run& run, Stream stream) {
                            simt::launch(sdc_f16, {{blocks}, {threads}, shared_bytes, "sdc_f16"}, stream, run);
                          }}}};

}  // namespace
}  // namespace kernelgate::sdc
