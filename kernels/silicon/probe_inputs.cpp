#include "kernels/silicon/probe_inputs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/op/random.h"

namespace kernelgate::silicon {
namespace {

float any_float(Random& random) {
  using Limits = std::numeric_limits<float>;
  static constexpr std::array special{0.0f,
                                      -0.0f,
                                      1.0f,
                                      -1.0f,
                                      Limits::infinity(),
                                      -Limits::infinity(),
                                      Limits::quiet_NaN(),
                                      Limits::signaling_NaN(),
                                      Limits::denorm_min(),
                                      -Limits::denorm_min(),
                                      Limits::min(),
                                      Limits::max(),
                                      65504.0f,    // the largest f16
                                      65519.996f,  // the largest that rounds to it
                                      65520.0f,    // the least that rounds to infinity
                                      0x1p-24f,    // the least f16
                                      0x1p-25f,    // a tie between that and 0
                                      0x1.8p-24f};
  switch (random.below(4)) {
    case 0:
      return special[random.below(special.size())];
    case 1:
      return std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
    case 2:  // ties of f16 and of bf16, and their neighbours
      return std::bit_cast<float>((static_cast<std::uint32_t>(random.bits()) & 0x8fffe000u) + 0x38001000u +
                                  static_cast<std::uint32_t>(random.below(3)) - 1);
    default:
      return static_cast<float>(random.normal());
  }
}

double integer(Random& random, int largest) {
  return static_cast<double>(random.below(2 * static_cast<std::uint64_t>(largest) + 1)) - largest;
}

double real(Random& random) { return std::clamp(random.normal(), -4.0, 4.0); }

template <class T, class Make>
void fill(std::vector<std::byte>& bytes, Make make) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    const T value = make();
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
}

}  // namespace

std::vector<std::byte> make_inputs(Inputs kind, std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::byte> made(bytes);
  switch (kind) {
    case Inputs::bits:
      fill<std::uint8_t>(made, [&] { return static_cast<std::uint8_t>(random.bits()); });
      break;
    case Inputs::floats:
      fill<float>(made, [&] { return any_float(random); });
      break;
    case Inputs::integers_f32:
      fill<float>(made, [&] { return static_cast<float>(integer(random, 8)); });
      break;
    case Inputs::integers_f16:
      fill<f16>(made, [&] { return to_f16(static_cast<float>(integer(random, 4))); });
      break;
    case Inputs::integers_bf16:
      fill<bf16>(made, [&] { return to_bf16(static_cast<float>(integer(random, 4))); });
      break;
    case Inputs::reals_f16:
      fill<f16>(made, [&] { return to_f16(static_cast<float>(real(random))); });
      break;
    case Inputs::reals_bf16:
      fill<bf16>(made, [&] { return to_bf16(static_cast<float>(real(random))); });
      break;
    case Inputs::subnormals_f16:
      fill<f16>(made, [&] { return to_f16(static_cast<float>(integer(random, 7)) * 0x1p-24f); });
      break;
  }
  return made;
}

}  // namespace kernelgate::silicon
