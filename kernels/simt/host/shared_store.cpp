#include "kernels/simt/host/shared_store.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <vector>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {
namespace {

// What a store has read and not yet written. Swizzles look at the last ten bits of an address: they are kept.
class Image {
 public:
  Image(const std::byte* from, std::size_t bytes) : bytes_(bytes), storage_(bytes + 2 * period) {
    const auto at = reinterpret_cast<std::uintptr_t>(storage_.data());
    image_ = storage_.data() + (reinterpret_cast<std::uintptr_t>(from) - at) % period;
  }
  void read(const std::byte* from) { std::memcpy(image_, from, bytes_); }
  const std::byte* data() const { return image_; }

 private:
  static constexpr std::size_t period = 1024;
  std::size_t bytes_;
  std::vector<std::byte> storage_;
  std::byte* image_;
};

}  // namespace

void issue_store(const Operation& operation, const SharedStore& store, const void* shared) {
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const auto* from = static_cast<const std::byte*>(shared);
  if (!block.shared().contains(shared, store.footprint))
    fault(operation, fmt::format("out of bounds: reads {} bytes {}", store.footprint, block.shared().locate(shared)));
  if (static_cast<std::size_t>(from - block.shared().data()) % store.alignment != 0)
    fault(operation, fmt::format("misaligned: reads {}, must be at a multiple of {}", block.shared().locate(shared),
                                 store.alignment));
  block.proxies().check_async(thread, operation, shared, store.footprint, false);

  const auto image = std::make_shared<Image>(from, store.footprint);
  AsyncOperation async;
  async.operation = operation;
  async.issuer = &thread;
  async.touches = &block;
  async.touching_steps = 1;
  async.on_demand = true;
  async.steps.emplace_back([image, from] { image->read(from); });
  async.steps.emplace_back([image, write = store.write] { write(image->data()); });
  thread.bulk.add(block.cluster().engine().issue(std::move(async)), operation);
}

}  // namespace kernelgate::simt::executor
