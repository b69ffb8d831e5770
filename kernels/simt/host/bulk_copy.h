#pragma once
// The host's side of bulk copies of contiguous bytes.

#include <cstdint>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

void bulk_load(const Operation& operation, void* shared, const void* global, std::uint32_t bytes, void* mbarrier);
void bulk_load_multicast(const Operation& operation, void* shared, const void* global, std::uint32_t bytes,
                         void* mbarrier, std::uint16_t blocks);
void bulk_store(const Operation& operation, void* global, const void* shared, std::uint32_t bytes);

}  // namespace kernelgate::simt::executor
