#include "kernels/simt/host/memory_calls.h"

namespace kernelgate::simt {

MemoryCallCounters& MemoryCallCounters::operator+=(const MemoryCallCounters& other) {
  requests += other.requests;
  bytes += other.bytes;
  sectors += other.sectors;
  wavefronts += other.wavefronts;
  conflicts += other.conflicts;
  return *this;
}

MemoryCallCounters& MemoryCallCounters::operator-=(const MemoryCallCounters& other) {
  requests -= other.requests;
  bytes -= other.bytes;
  sectors -= other.sectors;
  wavefronts -= other.wavefronts;
  conflicts -= other.conflicts;
  return *this;
}

MemoryCalls& operator+=(MemoryCalls& calls, const MemoryCalls& other) {
  for (const auto& [call, counters] : other) calls[call] += counters;
  return calls;
}

MemoryCalls& operator-=(MemoryCalls& calls, const MemoryCalls& other) {
  for (const auto& [call, counters] : other) calls[call] -= counters;
  std::erase_if(calls, [](const auto& entry) { return entry.second == MemoryCallCounters{}; });
  return calls;
}

}  // namespace kernelgate::simt
