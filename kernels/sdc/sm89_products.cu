// The products of kernels/sdc/sdc.h in e4m3, which came with sm_89. On sm_90 mma.sync has no such unit: the compiler
// makes conversions and products in f16 of it, and the unit that wgmma uses is not reached.

#include "kernels/sdc/product_kernel.h"

namespace kernelgate::sdc {
namespace {

// Two blocks at a time and not four: the conversions need more than 64 registers.
SIMT_KERNEL(threads, 2) void sdc_e4m3(Run run) { products<Kind::e4m3>(run); }

const RegisterSdc these{simt::device_kind,
                        {{Kind::e4m3, "sdc_e4m3", [](unsigned blocks, const Run& run, Stream stream) {
                            simt::launch(sdc_e4m3, {{blocks}, {threads}, shared_bytes, "sdc_e4m3"}, stream, run);
                          }}}};

}  // namespace
}  // namespace kernelgate::sdc
