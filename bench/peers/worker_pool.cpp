#include "bench/peers/worker_pool.h"

#include <algorithm>

namespace kernelgate {

WorkerPool::WorkerPool(int threads) {
  for (int worker = 1; worker < threads; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::run(std::int64_t items, const std::function<void(std::int64_t, int)>& work) {
  if (items <= 1 || threads_.empty()) {  // waking the others would cost more
    for (std::int64_t item = 0; item < items; ++item) work(item, 0);
    return;
  }
  std::unique_lock lock(mutex_);
  work_ = &work;
  items_ = items;
  next_ = 0;
  busy_ = static_cast<int>(threads_.size());
  error_ = nullptr;
  ++round_;
  lock.unlock();
  begin_.notify_all();
  take_items(0);
  lock.lock();
  end_.wait(lock, [this] { return busy_ == 0; });
  if (error_) std::rethrow_exception(error_);
}

void WorkerPool::serve(int worker) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
    }
    take_items(worker);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) end_.notify_one();
  }
}

void WorkerPool::take_items(int worker) {
  for (;;) {
    std::int64_t item;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= items_) return;
      item = next_++;
    }
    try {
      (*work_)(item, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      next_ = items_;
    }
  }
}

}  // namespace kernelgate
