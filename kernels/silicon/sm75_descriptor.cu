// The arithmetic of swizzles and of wgmma's descriptors, which both sides do for themselves.

#include "kernels/silicon/word_map.h"

namespace kernelgate::sm75_descriptor {
namespace {

using Word = std::uint32_t;

SIMT_DEVICE simt::Swizzle mode_of(Word a) { return static_cast<simt::Swizzle>(a % 4); }

struct Swizzled {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::swizzled(mode_of(a), b % 65536); }
};
struct SpanAndPeriod {
  static SIMT_DEVICE Word of(Word a, Word b, Word) {
    return simt::swizzle_span(mode_of(a)) << 16 ^ simt::swizzle_period(mode_of(a)) ^ b;
  }
};

constexpr unsigned threads = 128, shared_bytes = 32768;

/// The start counts from the beginning of dynamic shared memory, which lies elsewhere on each side.
SIMT_KERNEL(threads) void descriptors(const Word* in, std::uint64_t* out) {
  auto* smem = simt::dynamic_shared<char>();
  const unsigned t = simt::thread_idx().x;
  const Word a = simt::load_global(in + t), b = simt::load_global(in + threads + t);
  const simt::Swizzle swizzle = mode_of(a);
  const unsigned base = swizzle == simt::Swizzle::none ? 0 : (a >> 2) % 8;
  const std::uint64_t origin = simt::smem_descriptor(smem, simt::Swizzle::none, 0).bits & 0x3fff;
  const simt::SmemDescriptor one =
      simt::smem_descriptor(smem + (a >> 5) % 1024 * 16, swizzle, (b % 16384) * 16, (b >> 14) % 16384 * 16, base);
  simt::store_global(out + t, one.bits - origin);
  simt::store_global(out + threads + t, simt::advance(one, (a >> 16) % 512 * 16).bits - origin);
}

const silicon::RegisterProbes these{
    simt::device_kind,
    {silicon::word_probe<Swizzled>("swizzle/swizzled", silicon::Inputs::bits, silicon::Outputs::bits),
     silicon::word_probe<SpanAndPeriod>("swizzle/span_and_period", silicon::Inputs::bits, silicon::Outputs::bits),
     {"smem_descriptor/bits",
      {},
      silicon::Inputs::bits,
      2 * threads * 4,
      silicon::Outputs::bits,
      2 * threads * 8,
      {},
      [](const void* in, void* out, Stream stream) {
        simt::launch(descriptors, {{1}, {threads}, shared_bytes, "descriptors"}, stream, static_cast<const Word*>(in),
                     static_cast<std::uint64_t*>(out));
      }}}};

}  // namespace
}  // namespace kernelgate::sm75_descriptor
