#include "harness/base/process/thread_team.h"

#include <algorithm>

namespace kernelgate {

ThreadTeam::ThreadTeam(std::size_t size) {
  try {
    for (std::size_t member = 1; member < size; ++member) threads_.emplace_back([this, member] { serve(member); });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::round(const std::function<void(std::size_t)>& work) {
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    work_ = &work;
    working_ = threads_.size();
  }
  start_.notify_all();
  work(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return working_ == 0; });
}

void ThreadTeam::serve(std::size_t member) {
  std::uint64_t seen = 0;
  while (true) {
    const std::function<void(std::size_t)>* work = nullptr;
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      work = work_;
    }
    (*work)(member);
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) done_.notify_one();
  }
}

void ThreadTeam::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

// glibc's count is of the cores in the process's affinity mask.
std::size_t usable_threads() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace kernelgate
