#pragma once
// What kernels did to memory, by the call in the source that did it: where to look when a counter is too high.

#include <compare>
#include <cstdint>
#include <map>
#include <string_view>

namespace kernelgate::simt {

/// A call of the vocabulary. The views are of literals.
struct MemoryCall {
  std::string_view file;  ///< from the repository's root where it has one
  unsigned line = 0;
  unsigned column = 0;
  std::string_view name;  ///< "load_shared"
  unsigned width = 0;     ///< bytes of a thread: a template's instances differ in it
  friend auto operator<=>(const MemoryCall&, const MemoryCall&) = default;
};

/// Units  as in Counters.
struct MemoryCallCounters {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;  ///< asked for; by cp.async, those that were read
  std::uint64_t sectors = 0;
  std::uint64_t wavefronts = 0;
  std::uint64_t conflicts = 0;

  MemoryCallCounters& operator+=(const MemoryCallCounters& other);
  MemoryCallCounters& operator-=(const MemoryCallCounters& other);
  friend bool operator==(const MemoryCallCounters&, const MemoryCallCounters&) = default;
};

/// In the order of the source.
using MemoryCalls = std::map<MemoryCall, MemoryCallCounters>;

MemoryCalls& operator+=(MemoryCalls& calls, const MemoryCalls& other);
/// A call of which nothing is left is gone.
MemoryCalls& operator-=(MemoryCalls& calls, const MemoryCalls& other);

}  // namespace kernelgate::simt
