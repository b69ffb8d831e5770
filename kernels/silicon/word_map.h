#pragma once
// A kernel that shows a function of up to three words, and its probe.

#include <cstdint>
#include <string>

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::silicon {
inline namespace SIMT_SIDE {

inline constexpr unsigned word_map_threads = 128, word_map_words = 2048;

/// out[i] = Function::of(in[i], in[i + words], in[i + 2 words]); whole warps do it.
template <class Function>
SIMT_KERNEL(word_map_threads)
void word_map(const std::uint32_t* in, std::uint32_t* out) {
  const unsigned i = simt::block_idx().x * word_map_threads + simt::thread_idx().x;
  const std::uint32_t value = Function::of(simt::load_global(in + i), simt::load_global(in + i + word_map_words),
                                           simt::load_global(in + i + 2 * word_map_words));
  simt::store_global(out + i, value);
}

template <class Function>
Probe word_probe(const char* name, Inputs inputs, Outputs outputs, Tolerance tolerance = {}) {
  Probe probe{name, {}, inputs, 3 * word_map_words * 4, outputs, word_map_words * 4, tolerance, {}};
  probe.launch = [](const void* in, void* out, Stream stream) {
    simt::launch(word_map<Function>, {{word_map_words / word_map_threads}, {word_map_threads}, 0, "word_map"}, stream,
                 static_cast<const std::uint32_t*>(in), static_cast<std::uint32_t*>(out));
  };
  return probe;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon
