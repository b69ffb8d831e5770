#include "harness/measure/telemetry/background_sampler.h"

namespace kernelgate {

BackgroundSampler::BackgroundSampler(std::function<GpuState()> read, std::chrono::milliseconds period)
    : read_(std::move(read)), period_(period), thread_([this] { run(); }) {}

BackgroundSampler::~BackgroundSampler() { stop(); }

std::vector<GpuState> BackgroundSampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  return std::move(samples_);
}

void BackgroundSampler::run() {
  std::unique_lock lock(mutex_);
  // Not at fixed times: a driver that answers slowly is asked less often, never more.
  while (!wake_.wait_for(lock, period_, [this] { return stopping_; })) {
    lock.unlock();
    GpuState state = read_();
    lock.lock();
    samples_.push_back(std::move(state));
  }
}

}  // namespace kernelgate
