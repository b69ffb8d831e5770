// What the lanes of a warp exchange.

#include "kernels/silicon/word_map.h"

namespace kernelgate::sm75_warp {
namespace {

using silicon::Inputs;
using silicon::Outputs;
using silicon::word_probe;
using Word = std::uint32_t;

struct Shuffle {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::shuffle(a, b); }
};
struct ShuffleXor {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::shuffle_xor(a, b % 32); }
};
struct ShuffleDown {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::shuffle_down(a, b % 64); }
};
struct ShuffleUp {
  static SIMT_DEVICE Word of(Word a, Word b, Word) { return simt::shuffle_up(a, b % 64); }
};
template <class T>
struct Add {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return static_cast<Word>(simt::reduce_add(static_cast<T>(a))); }
};
template <class T>
struct Least {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return static_cast<Word>(simt::reduce_min(static_cast<T>(a))); }
};
template <class T>
struct Largest {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return static_cast<Word>(simt::reduce_max(static_cast<T>(a))); }
};
struct Ballot {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return simt::ballot((a & 1) != 0); }
};
// With these chances either answer is likely.
struct Any {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return simt::any(a % 32 == 0) ? 1u : 0u; }
};
struct All {
  static SIMT_DEVICE Word of(Word a, Word, Word) { return simt::all(a % 32 != 0) ? 1u : 0u; }
};
/// Which lane is not said: one alone, and the same again, of which every lane gets the value.
struct Elect {
  static SIMT_DEVICE Word of(Word a, Word, Word) {
    const Word first = simt::ballot(simt::elect_one()), second = simt::ballot(simt::elect_one());
    const bool one = first != 0 && (first & (first - 1)) == 0;
    return simt::reduce_max(a) + (one ? 1u : 0u) + (first == second ? 2u : 0u);
  }
};

const silicon::RegisterProbes these{
    simt::device_kind,
    {word_probe<Shuffle>("warp/shuffle", Inputs::bits, Outputs::bits),
     word_probe<ShuffleXor>("warp/shuffle_xor", Inputs::bits, Outputs::bits),
     word_probe<ShuffleDown>("warp/shuffle_down", Inputs::bits, Outputs::bits),
     word_probe<ShuffleUp>("warp/shuffle_up", Inputs::bits, Outputs::bits),
     word_probe<Add<int>>("warp/reduce_add_int", Inputs::bits, Outputs::bits),
     word_probe<Add<unsigned>>("warp/reduce_add_unsigned", Inputs::bits, Outputs::bits),
     word_probe<Least<int>>("warp/reduce_min_int", Inputs::bits, Outputs::bits),
     word_probe<Least<Word>>("warp/reduce_min_unsigned", Inputs::bits, Outputs::bits),
     word_probe<Largest<int>>("warp/reduce_max_int", Inputs::bits, Outputs::bits),
     word_probe<Largest<Word>>("warp/reduce_max_unsigned", Inputs::bits, Outputs::bits),
     word_probe<Ballot>("warp/ballot", Inputs::bits, Outputs::bits),
     word_probe<Any>("warp/any", Inputs::bits, Outputs::bits), word_probe<All>("warp/all", Inputs::bits, Outputs::bits),
     word_probe<Elect>("warp/elect_one", Inputs::bits, Outputs::bits)}};

}  // namespace
}  // namespace kernelgate::sm75_warp
