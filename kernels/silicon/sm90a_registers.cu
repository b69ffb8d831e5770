// Registers that one warpgroup gives to two others.

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sm90a_registers {
namespace {

using Word = std::uint32_t;

constexpr unsigned threads = 384;
constexpr int held = 24;

/// What a thread holds meanwhile stays.
SIMT_KERNEL(threads, 1) void hand_over(const Word* in, Word* out) {
  const unsigned t = simt::thread_idx().x;
  Word values[held];
  SIMT_UNROLL
  for (int i = 0; i < held; ++i) values[i] = simt::load_global(in + i * threads + t);
  if (t < 128) {
    simt::set_max_registers_dec<40>();
  } else {
    simt::set_max_registers_inc<232>();
  }
  Word sum = 0;
  SIMT_UNROLL
  for (int i = 0; i < held; ++i) sum = sum * 31 + values[i];
  simt::store_global(out + t, sum);
}

const silicon::RegisterProbes these{simt::device_kind,
                                    {{"registers/dec_and_inc",
                                      {90, true},
                                      silicon::Inputs::bits,
                                      held* threads * 4,
                                      silicon::Outputs::bits,
                                      threads * 4,
                                      {},
                                      [](const void* in, void* out, Stream stream) {
                                        simt::launch(hand_over, {{1}, {threads}, 0, "hand_over"}, stream,
                                                     static_cast<const Word*>(in), static_cast<Word*>(out));
                                      }}}};

}  // namespace
}  // namespace kernelgate::sm90a_registers
