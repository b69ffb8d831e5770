#include "kernels/sdc/sdc.h"

#include <bit>

#include "kernels/op/bf16.h"
#include "kernels/op/e4m3.h"
#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/sdc/digest.h"

namespace kernelgate::sdc {
namespace {

/// What the layouts of the PTX manual are of: a product's rows of A, and how many products each of its sums adds.
struct Shape {
  unsigned rows, depth;
  unsigned element_bits;
};

constexpr unsigned columns = 8;

constexpr Shape shape_of(Kind kind) {
  switch (kind) {
    case Kind::f16:
    case Kind::bf16:
      return {16, 16, 16};
    case Kind::tf32:
      return {16, 8, 32};
    case Kind::s8:
    case Kind::e4m3:
      return {16, 32, 8};
    case Kind::f64:
      return {8, 4, 64};
  }
  return {};
}

/// The largest number that operands have. A pass adds 32 rounds of `depth` products: below 2^24 for what is added in
/// f32, below 2^12 for e4m3, of whose sums GPUs keep 14 bits (kernels/simt/mma_types.h).
constexpr int most_of(Kind kind) {
  switch (kind) {
    case Kind::f16:
    case Kind::bf16:
      return 63;
    case Kind::tf32:
    case Kind::s8:
      return 127;
    case Kind::e4m3:
      return 2;
    case Kind::f64:
      return (1 << 20) - 1;
  }
  return 0;
}

static_assert(32LL * 16 * 63 * 63 < 1 << 24 && 32LL * 8 * 127 * 127 < 1 << 24 && 32 * 32 * 2 * 2 <= 1 << 12);
static_assert(32LL * 32 * 127 * 127 < 1LL << 31 && 32LL * 4 * ((1LL << 40) - 1) < 1LL << 53);

/// The bits of a whole number in a kind.
std::uint64_t encoded(Kind kind, int number) {
  const auto value = static_cast<float>(number);
  switch (kind) {
    case Kind::f16:
      return to_f16(value).bits;
    case Kind::bf16:
      return to_bf16(value).bits;
    case Kind::tf32:
      return std::bit_cast<std::uint32_t>(value);
    case Kind::s8:
      return static_cast<std::uint8_t>(number);
    case Kind::e4m3: {
      const unsigned magnitude = number == 1 || number == -1 ? 0x38u : 0x40u;  // 1 and 2
      return magnitude | (number < 0 ? 0x80u : 0u);
    }
    case Kind::f64:
      return std::bit_cast<std::uint64_t>(static_cast<double>(number));
  }
  return 0;
}

/// Never zero: of a sum whose addends are zeros of both signs the sign would not be sure.
int drawn(Kind kind, Pattern pattern, Random& random, unsigned place) {
  const int most = most_of(kind);
  // All bits of the mantissa one, and all but the first zero: from one to the other all of them change, and the sign.
  if (pattern == Pattern::toggling) return place % 2 == 0 ? most : -(most + 1) / 2;
  const int magnitude = 1 + static_cast<int>(random.bits() % static_cast<unsigned>(most));
  return random.bits() % 2 == 0 ? magnitude : -magnitude;
}

/// Whole numbers in the places of registers: of each thread so many fragments of so many words.
class Operand {
 public:
  Operand(Kind kind, unsigned fragments, unsigned words, Pattern pattern, Random& random)
      : per_word_(shape_of(kind).element_bits == 64 ? 0 : 32 / shape_of(kind).element_bits),
        per_fragment_(per_word_ == 0 ? words / 2 : words * per_word_),
        fragments_(fragments),
        values_(std::size_t{threads} * fragments * per_fragment_),
        words_(std::size_t{threads} * fragments * words) {
    for (unsigned thread = 0; thread < threads; ++thread)
      for (unsigned fragment = 0; fragment < fragments; ++fragment)
        for (unsigned element = 0; element < per_fragment_; ++element) {
          const unsigned word = per_word_ == 0 ? 2 * element : element / per_word_;
          const int value = drawn(kind, pattern, random, word / (per_word_ == 0 ? 2 : 1) + fragment);
          values_[(std::size_t{thread} * fragments + fragment) * per_fragment_ + element] = value;
          const std::uint64_t bits = encoded(kind, value);
          const auto at = [&](unsigned w) -> Word& { return words_[(fragment * words + w) * threads + thread]; };
          if (per_word_ == 0) {
            at(word) = static_cast<Word>(bits);
            at(word + 1) = static_cast<Word>(bits >> 32);
          } else {
            at(word) |= static_cast<Word>(bits) << element % per_word_ * shape_of(kind).element_bits;
          }
        }
  }

  /// Element `element` of register `reg` (of f64: of pair `reg`).
  int value(unsigned thread, unsigned fragment, unsigned reg, unsigned element) const {
    const unsigned index = per_word_ == 0 ? reg : reg * per_word_ + element;
    return values_[(std::size_t{thread} * fragments_ + fragment) * per_fragment_ + index];
  }
  unsigned elements_of_register() const { return per_word_ == 0 ? 1 : per_word_; }
  std::vector<Word> take_words() { return std::move(words_); }

 private:
  unsigned per_word_;  ///< 0: an element has two words
  unsigned per_fragment_, fragments_;
  std::vector<int> values_;
  std::vector<Word> words_;
};

/// Registers of a fragment of A, and of B: of f64 pairs of words.
constexpr unsigned a_registers(Kind kind) { return kind == Kind::f64 ? 1 : 4; }
constexpr unsigned b_registers(Kind kind) { return kind == Kind::f64 ? 1 : 2; }
/// The places that A's registers are in, in turn.
constexpr unsigned places_of(Kind kind) { return kind == Kind::f64 ? 2 : 4; }

/// The sums of a warp's fragments i and j after a pass: `rows` times 8, row by row.
std::vector<double> sums_of(Kind kind, const Operand& a, const Operand& b, unsigned warp, unsigned i, unsigned j) {
  const Shape shape = shape_of(kind);
  std::vector<double> right(std::size_t{shape.depth} * columns), sums(std::size_t{shape.rows} * columns);
  const unsigned per_register = a.elements_of_register();
  const auto each_lane = [&](auto&& visit) {
    for (unsigned lane = 0; lane < 32; ++lane) visit(32 * warp + lane, lane / 4, lane % 4);
  };
  each_lane([&](unsigned thread, unsigned g, unsigned t) {
    for (unsigned reg = 0; reg < b_registers(kind); ++reg)
      for (unsigned e = 0; e < per_register; ++e)
        right[(reg * 4 * per_register + t * per_register + e) * columns + g] = b.value(thread, j, reg, e);
  });
  for (unsigned place = 0; place < places_of(kind); ++place) {
    std::vector<double> left(std::size_t{shape.rows} * shape.depth);
    each_lane([&](unsigned thread, unsigned g, unsigned t) {
      for (unsigned reg = 0; reg < a_registers(kind); ++reg) {
        const unsigned from = (reg + place) % places_of(kind), row = g + reg % 2 * 8;
        for (unsigned e = 0; e < per_register; ++e)
          left[row * shape.depth + reg / 2 * 4 * per_register + t * per_register + e] = a.value(thread, i, from, e);
      }
    });
    const auto rounds_of_a_place = rounds / places_of(kind);
    for (unsigned row = 0; row < shape.rows; ++row)
      for (unsigned column = 0; column < columns; ++column) {
        double sum = 0;
        for (unsigned k = 0; k < shape.depth; ++k) sum += left[row * shape.depth + k] * right[k * columns + column];
        sums[row * columns + column] += sum * static_cast<double>(rounds_of_a_place);
      }
  }
  return sums;
}

Word word_of(Kind kind, double sum, unsigned word) {
  if (kind == Kind::f64) return static_cast<Word>(std::bit_cast<std::uint64_t>(sum) >> word % 2 * 32);
  if (kind == Kind::s8) return static_cast<Word>(static_cast<std::int32_t>(sum));
  return std::bit_cast<Word>(static_cast<float>(sum));
}

}  // namespace

Element element_of(Kind kind, unsigned thread, unsigned word) {
  const unsigned lane = thread % 32, g = lane / 4, t = lane % 4, i = word / 8, j = word / 4 % 2, q = word % 4;
  const unsigned row = kind == Kind::f64 ? g : g + q / 2 * 8, column = 2 * t + (kind == Kind::f64 ? q / 2 : q % 2);
  return {thread / 32, i * shape_of(kind).rows + row, j * columns + column};
}

Work make_work(Kind kind, Pattern pattern, std::uint64_t seed) {
  Random random(seed * 8 + static_cast<unsigned>(kind));
  Operand a(kind, 2, a_words / 2, pattern, random), b(kind, 2, b_words / 2, pattern, random);
  Work work;
  work.kind = kind;
  work.expected.resize(std::size_t{sum_words} * threads);
  const unsigned rows = shape_of(kind).rows;
  for (unsigned warp = 0; warp < threads / 32; ++warp)
    for (unsigned pair = 0; pair < 4; ++pair) {
      const std::vector<double> sums = sums_of(kind, a, b, warp, pair / 2, pair % 2);
      for (unsigned lane = 0; lane < 32; ++lane)
        for (unsigned q = 0; q < 4; ++q) {
          const unsigned thread = 32 * warp + lane, word = 4 * pair + q;
          const Element at = element_of(kind, thread, word);
          work.expected[word * threads + thread] =
              word_of(kind, sums[at.row % rows * columns + at.column % columns], word);
        }
    }
  work.a = a.take_words();
  work.b = b.take_words();
  return work;
}

Word expected_digest(const Work& work, Word passes) {
  Word block = 0;
  for (unsigned warp = 0; warp < threads / 32; ++warp) {
    Word digest = 0;
    for (unsigned thread = 32 * warp; thread < 32 * (warp + 1); ++thread) {
      Word mine = first_digest(thread);
      for (Word pass = 0; pass < passes; ++pass)
        for (unsigned word = 0; word < sum_words; ++word) mine = mix(mine, work.expected[word * threads + thread]);
      digest ^= mine;
    }
    block = mix(block, digest);
  }
  return block;
}

double flop_of(Kind kind, unsigned blocks, unsigned passes) {
  const Shape shape = shape_of(kind);
  return 2.0 * shape.rows * columns * shape.depth * 4 * rounds * (threads / 32.0) * blocks * passes;
}

const SdcKernel* find_sdc_kernel(DeviceKind device, Kind kind) {
  for (const SdcKernel& one : sdc_kernels())
    if (one.device == device && one.kind == kind) return &one;
  return nullptr;
}

}  // namespace kernelgate::sdc
