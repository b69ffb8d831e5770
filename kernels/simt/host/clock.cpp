#include "kernels/simt/host/clock.h"

#include <fmt/format.h>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {

std::int64_t clock_cycles() { return static_cast<std::int64_t>(current_thread().block->cluster().switches()); }

void nanosleep(const Operation& operation, std::uint32_t nanoseconds) {
  constexpr std::uint32_t most = 1000000;
  if (nanoseconds > most) fault(operation, fmt::format("{} ns: at most {}", nanoseconds, most));
  Thread& thread = current_thread();
  thread.block->cluster().poll(thread, operation, Polls::clock);
}

void trap(const Operation& operation) { fault(operation, "the kernel gave up"); }

}  // namespace kernelgate::simt::executor
