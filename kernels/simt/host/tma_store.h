#pragma once
// The host's side of TMA stores.

#include "kernels/simt/host/tma_load.h"

namespace kernelgate::simt::executor {

void tma_store(const Operation& operation, const TensorMap& map, const void* shared, unsigned rank,
               const Coordinates& at);
void tma_reduce_add(const Operation& operation, const TensorMap& map, const void* shared, unsigned rank,
                    const Coordinates& at);

}  // namespace kernelgate::simt::executor
