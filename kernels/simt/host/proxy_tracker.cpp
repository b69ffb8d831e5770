#include "kernels/simt/host/proxy_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void ProxyTracker::begin(SharedMemory& shared) {
  shared_ = &shared;
  ++life_;
  const std::size_t granules = (shared.size() + granule_bytes - 1) / granule_bytes;
  if (first_known_ < last_known_)
    std::memset(contents_.data() + first_known_, SharedMemory::poison, last_known_ - first_known_);
  first_known_ = SIZE_MAX;
  last_known_ = 0;
  if (granules_.size() < granules) {
    granules_.resize(granules);
    contents_.resize(granules * granule_bytes, std::byte{SharedMemory::poison});
  }
}

void ProxyTracker::know(std::size_t offset, std::size_t bytes) {
  first_known_ = std::min(first_known_, offset);
  last_known_ = std::max(last_known_, offset + bytes);
  std::memcpy(contents_.data() + offset, shared_->data() + offset, bytes);
}

void ProxyTracker::generic_write(const Thread& writer, const Operation& operation, const void* to, std::size_t bytes) {
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(to) - shared_->data());
  know(offset, bytes);
  for (std::size_t g = offset / granule_bytes; g * granule_bytes < offset + bytes; ++g)
    granules_[g] = {life_, &writer, writer.proxy_fences, operation};
}

void ProxyTracker::async_write(const void* to, std::size_t bytes) {
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(to) - shared_->data());
  know(offset, bytes);
  for (std::size_t g = offset / granule_bytes; g * granule_bytes < offset + bytes; ++g) granules_[g].life = 0;
}

void ProxyTracker::check_async(const Thread& issuer, const Operation& operation, const void* at, std::size_t bytes,
                               bool writes) const {
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(at) - shared_->data());
  const char* verb = writes ? "writes" : "reads";
  for (std::size_t g = offset / granule_bytes; g * granule_bytes < offset + bytes; ++g) {
    const Granule& granule = granules_[g];
    if (granule.life != life_ || granule.writer->proxy_fences > granule.fences) continue;
    fault(issuer, operation,
          fmt::format("{} offset {} of shared memory through the async proxy, but thread {} of block {} wrote it at {} "
                      "and has not executed fence_proxy_async since",
                      verb, std::max(offset, g * granule_bytes), describe(granule.writer->index),
                      describe(granule.writer->block->index()), describe(granule.operation)));
  }
  if (std::memcmp(contents_.data() + offset, shared_->data() + offset, bytes) == 0) return;
  const auto differs =
      std::mismatch(contents_.begin() + static_cast<std::ptrdiff_t>(offset),
                    contents_.begin() + static_cast<std::ptrdiff_t>(offset + bytes), shared_->data() + offset)
          .first -
      contents_.begin();
  fault(issuer, operation,
        fmt::format("{} offset {} of shared memory through the async proxy, but it was written through a plain "
                    "pointer: use store_shared, so that the fences can be checked",
                    verb, differs));
}

void fence_proxy_async() { ++current_thread().proxy_fences; }

}  // namespace kernelgate::simt::executor
