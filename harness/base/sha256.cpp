#include "harness/base/sha256.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace kernelgate::history {
namespace {

using Words = std::array<std::uint32_t, 64>;

/// The first 32 bits of the fraction of the first 64 primes' roots: the square roots', or the cube roots'.
/// An 80-bit long double holds 32 bits of fraction after a root below 7, or 18, with bits to spare.
template <class Root>
constexpr auto fractions(Root root) {
  Words words{};
  std::size_t found = 0;
  for (std::uint32_t candidate = 2; found < words.size(); ++candidate) {
    bool prime = true;
    for (std::uint32_t divisor = 2; divisor * divisor <= candidate; ++divisor)
      prime = prime && candidate % divisor != 0;
    if (!prime) continue;
    const long double value = root(static_cast<long double>(candidate));
    words[found++] = static_cast<std::uint32_t>((value - std::floor(value)) * 4294967296.0L);
  }
  return words;
}

const Words& round_constants() {
  static const Words words = fractions([](long double x) { return std::cbrt(x); });
  return words;
}

using State = std::array<std::uint32_t, 8>;

State first_state() {
  static const Words words = fractions([](long double x) { return std::sqrt(x); });
  State state{};
  std::copy_n(words.begin(), state.size(), state.begin());
  return state;
}

void take_block(State& state, const unsigned char* block) {
  const Words& k = round_constants();
  Words w{};
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16 |
           std::uint32_t{block[4 * i + 2]} << 8 | std::uint32_t{block[4 * i + 3]};
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t one = h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t two = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + one;
    d = c;
    c = b;
    b = a;
    a = one + two;
  }
  const State added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

std::string sha256(std::string_view bytes) {
  State state = first_state();
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t at = 0;
  for (; at + 64 <= bytes.size(); at += 64) take_block(state, data + at);
  // What is left, a 1 bit, zeros, and the length in bits, make whole blocks.
  std::string rest(bytes.substr(at));
  rest.push_back('\x80');
  while (rest.size() % 64 != 56) rest.push_back('\0');
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) rest.push_back(static_cast<char>(bits >> shift & 0xff));
  for (std::size_t i = 0; i < rest.size(); i += 64)
    take_block(state, reinterpret_cast<const unsigned char*>(rest.data()) + i);
  std::string text;
  for (std::uint32_t word : state) text += fmt::format("{:08x}", word);
  return text;
}

}  // namespace kernelgate::history
