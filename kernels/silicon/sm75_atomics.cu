// Atomics on global and on shared memory: what each returns where a thread is alone, and what comes of them where many
// meet. Then a message from one block to another.

#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"

namespace kernelgate::sm75_atomics {
namespace {

using silicon::Inputs;
using silicon::Outputs;
using silicon::Probe;
using Word = std::uint32_t;

constexpr unsigned threads = 128, blocks = 4, all = threads * blocks, counters = 16;

template <class T>
struct Add {
  static SIMT_DEVICE T at(T* cell, Word value) { return simt::atomic_add(cell, std::bit_cast<T>(value)); }
};
template <class T>
struct Max {
  static SIMT_DEVICE T at(T* cell, Word value) { return simt::atomic_max(cell, std::bit_cast<T>(value)); }
};
template <class T>
struct Min {
  static SIMT_DEVICE T at(T* cell, Word value) { return simt::atomic_min(cell, std::bit_cast<T>(value)); }
};
template <class T>
struct Exchange {
  static SIMT_DEVICE T at(T* cell, Word value) { return simt::atomic_exchange(cell, std::bit_cast<T>(value)); }
};
/// Of a counter that goes from 0 to `last`, and of one beyond it.
template <class T>
struct Inc {
  static SIMT_DEVICE T at(T* cell, Word value) { return simt::atomic_inc(cell, value); }
};

/// The slots, from the inputs; the counters, whose sum must not depend on the order: from 0.
SIMT_KERNEL(threads) void begin(const Word* in, Word* out) {
  const unsigned i = simt::block_idx().x * threads + simt::thread_idx().x;
  simt::store_global(out + i, simt::load_global(in + i));
  if (i < counters) simt::store_global(out + 2 * all + i, 0u);
}

/// out: the slots after, what was returned, the counters.
template <template <class> class Operation, class T>
SIMT_KERNEL(threads)
void on_global(const Word* in, Word* out) {
  const unsigned i = simt::block_idx().x * threads + simt::thread_idx().x;
  const Word value = simt::load_global(in + all + i);
  const T old = Operation<T>::at(reinterpret_cast<T*>(out) + i, value);
  simt::store_global(out + all + i, std::bit_cast<Word>(old));
}

template <template <class> class Operation, class T>
SIMT_KERNEL(threads)
void on_shared(const Word* in, Word* out) {
  auto* cells = simt::dynamic_shared<T>();
  const unsigned t = simt::thread_idx().x, i = simt::block_idx().x * threads + t;
  simt::store_shared(cells + t, std::bit_cast<T>(simt::load_global(in + i)));
  simt::sync_threads();
  const T old = Operation<T>::at(cells + t, simt::load_global(in + all + i));
  simt::sync_threads();
  simt::store_global(out + i, std::bit_cast<Word>(simt::load_shared(cells + t)));
  simt::store_global(out + all + i, std::bit_cast<Word>(old));
}

/// All threads of the grid at the same counters: integers wrap, small whole floats add exactly.
template <class T>
SIMT_KERNEL(threads)
void together(const Word* in, Word* out) {
  const unsigned i = simt::block_idx().x * threads + simt::thread_idx().x;
  const auto value = static_cast<T>(static_cast<int>(simt::load_global(in + i) % 17) - 8);
  simt::atomic_add(reinterpret_cast<T*>(out + 2 * all) + i % counters, value);
}

template <template <class> class Operation, class T>
Probe alone(const char* name, Inputs inputs = Inputs::bits) {
  return {name,
          {},
          inputs,
          2 * all * 4,
          inputs == Inputs::floats ? Outputs::f32 : Outputs::bits,
          (4 * all + counters) * 4,
          {},
          [](const void* in, void* out, Stream stream) {
            const auto* from = static_cast<const Word*>(in);
            auto* to = static_cast<Word*>(out);
            simt::launch(begin, {{blocks}, {threads}, 0, "begin"}, stream, from, to);
            simt::launch(on_global<Operation, T>, {{blocks}, {threads}, 0, "on_global"}, stream, from, to);
            simt::launch(on_shared<Operation, T>, {{blocks}, {threads}, threads * 4, "on_shared"}, stream, from,
                         to + 2 * all + counters);
          }};
}

template <class T>
Probe contended(const char* name) {
  return {name,
          {},
          Inputs::bits,
          all * 4,
          Outputs::bits,
          (2 * all + counters) * 4,
          {},
          [](const void* in, void* out, Stream stream) {
            const auto* from = static_cast<const Word*>(in);
            auto* to = static_cast<Word*>(out);
            simt::launch(begin, {{blocks}, {threads}, 0, "begin"}, stream, from, to);
            simt::launch(together<T>, {{blocks}, {threads}, 0, "together"}, stream, from, to);
          }};
}

// out: what came, then a flag and a count, which begin at 0.
constexpr unsigned message_words = threads;

SIMT_KERNEL(32) void clear(Word* out) { simt::store_global(out + message_words + simt::lane_idx(), 0u); }

/// Block 0 writes and says so; the others add their share, and wait for all; the last reads what came.
SIMT_KERNEL(threads) void pass_on(const Word* in, Word* out) {
  Word *flag = out + message_words, *count = flag + 1, *data = flag + 2;
  const unsigned t = simt::thread_idx().x, block = simt::block_idx().x;
  if (block == 0) {
    if (t == 0) {
      simt::atomic_exchange(data, simt::load_global(in));
      simt::thread_fence();
      simt::store_release(flag, 1u);
    }
    return;
  }
  while (simt::load_acquire(flag) == 0) simt::nanosleep(50);
  const Word came = simt::load_volatile(data);
  if (t == 0) simt::red_release_add(count, block);
  if (block + 1 < blocks) return;
  while (simt::load_acquire(count) < 6) simt::nanosleep(50);
  simt::store_global(out + t, came + simt::load_global(in + t));
}

const silicon::RegisterProbes these{
    simt::device_kind,
    {alone<Add, int>("atomic/add_int"), alone<Add, Word>("atomic/add_unsigned"),
     alone<Add, float>("atomic/add_float", Inputs::floats), alone<Max, int>("atomic/max_int"),
     alone<Max, Word>("atomic/max_unsigned"), alone<Min, int>("atomic/min_int"),
     alone<Min, Word>("atomic/min_unsigned"), alone<Exchange, Word>("atomic/exchange_unsigned"),
     alone<Exchange, float>("atomic/exchange_float"), alone<Inc, Word>("atomic/inc"),
     contended<int>("atomic/add_int_together"), contended<float>("atomic/add_float_together"),
     Probe{"atomic/message_between_blocks",
           {},
           Inputs::bits,
           message_words * 4,
           Outputs::bits,
           (message_words + 32) * 4,
           {},
           [](const void* in, void* out, Stream stream) {
             auto* to = static_cast<Word*>(out);
             simt::launch(clear, {{1}, {32}, 0, "clear"}, stream, to);
             simt::launch(pass_on, {{blocks}, {threads}, 0, "pass_on"}, stream, static_cast<const Word*>(in), to);
           }}}};

}  // namespace
}  // namespace kernelgate::sm75_atomics
