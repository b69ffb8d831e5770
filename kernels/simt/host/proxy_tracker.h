#pragma once
// Which proxy wrote a block's shared memory last.
//
// Threads write through the generic proxy; bulk copies and wgmma read and write through the async proxy, which sees
// such a write only after a fence_proxy_async by the thread that made it. Plain pointers are not seen here, so a copy
// of the contents as the vocabulary knows them tells what was written past it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/shared_memory.h"

namespace kernelgate::simt::executor {

class ProxyTracker {
 public:
  void begin(SharedMemory& shared);

  /// After `writer` has written those bytes of this block's shared memory through the generic proxy.
  void generic_write(const Thread& writer, const Operation& operation, const void* to, std::size_t bytes);
  /// After an asynchronous operation has written them, or the executor has poisoned them in its place.
  void async_write(const void* to, std::size_t bytes);
  /// They hold nothing that an asynchronous operation may ask for.
  void forget(const void* to, std::size_t bytes) { async_write(to, bytes); }

  /// When an asynchronous operation is issued that reads, or writes, those bytes.
  ///
  /// Errors  Fault of the issuer: bytes written through the generic proxy by a thread that has not executed
  ///         fence_proxy_async since (both lines are named), or through a plain pointer, which nobody can check.
  void check_async(const Thread& issuer, const Operation& operation, const void* at, std::size_t bytes,
                   bool writes) const;

 private:
  static constexpr std::size_t granule_bytes = 16;

  struct Granule {
    std::uint64_t life = 0;  // of the block; another one's is no entry
    const Thread* writer = nullptr;
    std::uint64_t fences = 0;  // that the writer had executed
    Operation operation;
  };

  void know(std::size_t offset, std::size_t bytes);

  SharedMemory* shared_ = nullptr;
  std::uint64_t life_ = 0;
  std::vector<Granule> granules_;
  std::vector<std::byte> contents_;
  // What of contents_ differs from the poison that a block starts with.
  std::size_t first_known_ = SIZE_MAX;
  std::size_t last_known_ = 0;
};

/// fence_proxy_async of the thread that runs.
void fence_proxy_async();

}  // namespace kernelgate::simt::executor
