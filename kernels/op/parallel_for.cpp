#include "kernels/op/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace kernelgate {

void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  constexpr std::int64_t most_threads = 64;
  grain = std::max<std::int64_t>(grain, 1);
  const std::int64_t parts = (count + grain - 1) / grain;
  std::atomic<std::int64_t> next{0};
  std::mutex lock;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::int64_t part; (part = next.fetch_add(1)) < parts;)
        body(part * grain, std::min(part * grain + grain, count));
    } catch (...) {
      next = parts;
      const std::scoped_lock held(lock);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    const auto threads = std::min<std::int64_t>({std::thread::hardware_concurrency(), parts, most_threads});
    std::vector<std::jthread> helpers;
    for (std::int64_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace kernelgate
