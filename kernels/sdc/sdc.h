#pragma once
// Products of Tensor Cores whose result has one right value in any order of summation, for finding silent data
// corruption: each multiprocessor does the same work, and says what it got.
//
// The operands are whole numbers, so small that every partial sum is exact: what a result differs from the reference's
// by is a fault, never rounding. A block of 256 threads has eight warps, each with a tile of its own: two fragments of
// A times two of B. A pass is 32 rounds of these four products, in each of which A's registers have moved on by one, so
// that other bits meet. After it the sums are compared, word by word, with what the host says, mixed into a digest, and
// begun anew.

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/op/device.h"

namespace kernelgate::sdc {

using Word = std::uint32_t;

enum class Kind { f16, bf16, tf32, s8, e4m3, f64 };

inline constexpr Kind all_kinds[] = {Kind::f16, Kind::bf16, Kind::tf32, Kind::s8, Kind::e4m3, Kind::f64};

constexpr std::string_view to_string(Kind kind) {
  constexpr std::string_view names[] = {"f16", "bf16", "tf32", "s8", "e4m3", "f64"};
  return names[static_cast<int>(kind)];
}

/// The compute capability from which the kernels of a kind are compiled.
constexpr int capability_of(Kind kind) { return kind == Kind::f16 ? 75 : kind == Kind::e4m3 ? 89 : 80; }

inline constexpr unsigned threads = 256, rounds = 32, sum_words = 16;
/// Dynamic shared memory of a block.
inline constexpr unsigned shared_bytes = (2 + threads / 32) * sizeof(Word);
/// The most passes that a launch can have: a place in it is one number.
inline constexpr unsigned most_passes = 1u << 19;

/// A thread's words of two fragments of A, of two of B, and of its sums: word w of thread t is at w * threads + t.
inline constexpr unsigned a_words = 8, b_words = 4;

/// A bit that is flipped on purpose, to see that it is found. `mask` 0: none is.
struct Flip {
  Word multiprocessor = 0, pass = 0, thread = 0, word = 0, mask = 0;
};

/// What a block says: where it ran, a digest of all sums of all passes, how many words of sums were wrong, and the
/// first of them.
struct BlockReport {
  Word multiprocessor, digest, wrong, pass, thread, word, got, expected;
};

/// The kernels' one parameter. Pointers are the device's.
struct Run {
  const Word* a = nullptr;
  const Word* b = nullptr;
  const Word* expected = nullptr;
  BlockReport* reports = nullptr;  ///< one of each block
  Word passes = 1;
  Flip flip;
};

/// The operands of a kind, whole numbers drawn by a seed, and the sums of a pass.
struct Work {
  Kind kind{};
  std::vector<Word> a, b, expected;
};

enum class Pattern {
  random,   ///< any of the numbers that are exact
  toggling  ///< the largest, with signs that alternate from register to register: as many bits change as can
};

/// The reference: sums in double from the elements, in the order of the rows; no kernel and no fragment is used.
Work make_work(Kind kind, Pattern pattern, std::uint64_t seed);

/// The digest of a block whose sums were all right.
Word expected_digest(const Work& work, Word passes);

/// Where word `word` of thread `thread` is in its warp's tile, and what it means.
struct Element {
  unsigned warp, row, column;
};
Element element_of(Kind kind, unsigned thread, unsigned word);

/// FLOP of a launch; of int8 operations.
double flop_of(Kind kind, unsigned blocks, unsigned passes);

/// One of the kernels, on the device that it was compiled for.
struct SdcKernel {
  Kind kind{};
  std::string_view name;  ///< of the function: what is looked for in machine code
  std::function<void(unsigned blocks, const Run& run, Stream stream)> launch;
  DeviceKind device = DeviceKind::simt;
};

/// Those of the files that are linked, of both devices, in no order.
inline std::vector<SdcKernel>& sdc_kernels() {
  static std::vector<SdcKernel> all;
  return all;
}

/// Null where this build has none.
const SdcKernel* find_sdc_kernel(DeviceKind device, Kind kind);

/// `const RegisterSdc these{simt::device_kind, {...}};` at file scope.
struct RegisterSdc {
  RegisterSdc(DeviceKind device, std::vector<SdcKernel> those) {
    for (SdcKernel& one : those) {
      one.device = device;
      sdc_kernels().push_back(std::move(one));
    }
  }
};

}  // namespace kernelgate::sdc
