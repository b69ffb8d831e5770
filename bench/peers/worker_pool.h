#pragma once
// Threads that wait for work, so that a launch of a few hundred microseconds does not start any.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kernelgate {

/// `threads` - 1 waiting threads; the caller is the last one.
class WorkerPool {
 public:
  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const { return static_cast<int>(threads_.size()) + 1; }

  /// work(item, worker) for each item of [0, items), worker in [0, size()), never two calls with the same
  /// worker at once. Returns when all are done; rethrows the first exception. Not to be called from two
  /// threads at once.
  void run(std::int64_t items, const std::function<void(std::int64_t, int)>& work);

 private:
  void serve(int worker);
  void take_items(int worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(std::int64_t, int)>* work_ = nullptr;
  std::int64_t items_ = 0, next_ = 0;
  std::uint64_t round_ = 0;
  int busy_ = 0;
  bool stop_ = false;
  std::exception_ptr error_;
};

}  // namespace kernelgate
