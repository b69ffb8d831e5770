#pragma once
// Threads that wait to work together: one for each core that the process may use.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kernelgate {

class ThreadTeam {
 public:
  /// The caller is one of the team, and its member 0. Errors  std::system_error.
  explicit ThreadTeam(std::size_t size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return threads_.size() + 1; }

  /// Each member does `work(member)` once; returns when all have. Not to be called by two threads at once, and `work`
  /// may not throw.
  void round(const std::function<void(std::size_t)>& work);

 private:
  void serve(std::size_t member);
  void stop();

  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::uint64_t generation_ = 0;
  std::size_t working_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Cores in the process's affinity mask, at least 1.
std::size_t usable_threads();

}  // namespace kernelgate
