#include "bench/accept/memory_work.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "kernels/sdc/memory_pattern.h"

namespace kernelgate::accept {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_copied = std::size_t{1} << 30;
constexpr int copies = 8, tries = 5;

double copy_rate(const DriverGpu& gpu) {
  const std::size_t bytes = std::min(most_copied, gpu.free_bytes() / 4) & ~std::size_t{4095};
  const GpuMemory from(gpu, bytes), to(gpu, bytes);
  const TimedStream stream(gpu);
  double best = 0;
  for (int one = 0; one < tries; ++one) {
    stream.begin();
    for (int i = 0; i < copies; ++i)
      gpu.call("cuMemcpyDtoDAsync_v2", to.address(), from.address(), bytes, stream.stream());
    stream.end();
    best = std::max(best, 2.0 * copies * static_cast<double>(bytes) / stream.wait());  // read and written
  }
  return best;
}

/// As much as there is: a whole that does not fit is tried again with less.
std::unique_ptr<GpuMemory> as_much_as_possible(const DriverGpu& gpu, std::size_t most_bytes) {
  std::size_t bytes = gpu.free_bytes() / 10 * 9;
  if (most_bytes > 0) bytes = std::min(bytes, most_bytes);
  for (int attempt = 0;; ++attempt, bytes = bytes / 10 * 9) {
    try {
      return std::make_unique<GpuMemory>(gpu, bytes & ~std::size_t{4095});
    } catch (const DriverError&) {
      if (attempt == 10) throw;
    }
  }
}

class PatternTest {
 public:
  PatternTest(const DriverGpu& gpu, const OwnKernel& fill, const OwnKernel& check, std::size_t most_bytes)
      : gpu_(gpu),
        blocks_(4 * static_cast<unsigned>(std::max(gpu.multiprocessors(), 1))),
        fill_(gpu, fill),
        check_(gpu, check),
        reports_(gpu, blocks_ * sizeof(sdc::MemoryReport)),
        memory_(as_much_as_possible(gpu, most_bytes)) {}

  std::size_t bytes() const { return memory_->bytes(); }

  /// Returns the rate at which it was read.
  double run(std::uint32_t seed, Memory& found) {
    const TimedStream stream(gpu_);
    const sdc::MemoryRun what{memory_->as<std::uint32_t>(), memory_->bytes() / 4, reports_.as<sdc::MemoryReport>(),
                              seed};
    fill_.launch(blocks_, sdc::memory_threads, sdc::memory_shared_bytes, stream.stream(), what);
    stream.begin();
    check_.launch(blocks_, sdc::memory_threads, sdc::memory_shared_bytes, stream.stream(), what);
    stream.end();
    const double seconds = stream.wait();
    std::vector<sdc::MemoryReport> reports(blocks_);
    reports_.download(reports.data(), reports_.bytes());
    const sdc::MemoryReport* first = nullptr;
    for (const sdc::MemoryReport& one : reports) {
      found.wrong_words += static_cast<std::int64_t>(one.wrong);
      if (one.wrong != 0 && (!first || one.first < first->first)) first = &one;
    }
    if (first && found.first_wrong.empty())
      found.first_wrong =
          fmt::format("the first at byte {:#x}: {:#010x} and not {:#010x}, read by multiprocessor {}", 4 * first->first,
                      first->got, sdc::pattern_word(first->first, seed), first->multiprocessor);
    return static_cast<double>(memory_->bytes()) / seconds;
  }

 private:
  const DriverGpu& gpu_;
  unsigned blocks_;
  LoadedKernel fill_, check_;
  GpuMemory reports_;
  std::unique_ptr<GpuMemory> memory_;
};

}  // namespace

void measure_memory(const DriverGpu& gpu, const std::vector<OwnImage>& images, std::size_t most_bytes,
                    std::uint32_t seed, Memory& memory, const std::function<void()>& on_step) {
  const auto begin = Clock::now();
  const auto taken = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  memory.copy = {copy_rate(gpu), ""};
  memory.seconds = taken();
  on_step();
  const OwnKernel fill = find_kernel(images, "memory_fill", gpu.compute_capability());
  const OwnKernel check = find_kernel(images, "memory_check", gpu.compute_capability());
  if (!fill.image || !check.image) {
    memory.read.reason = "this build has no kernels for this GPU";
    return;
  }
  PatternTest test(gpu, fill, check, most_bytes);
  constexpr int times = 4;  // each bit both ways, twice: the best rate counts
  for (std::uint32_t i = 0; i < times; ++i) {
    const double rate = test.run(2 * seed + i, memory);
    memory.read = {std::max(memory.read.value.value_or(0), rate), ""};
    memory.bytes = static_cast<std::int64_t>(test.bytes());
    memory.seconds = taken();
    on_step();
  }
  memory.done = true;
}

}  // namespace kernelgate::accept
