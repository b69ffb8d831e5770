#pragma once
// Who waits where, when nobody can go on.

#include <string>

namespace kernelgate::simt::executor {

class Cluster;

/// "kernel k (launched at ...), block (0,0,0): deadlock: warps 0-3 at named_barrier_sync at ..., barrier 1: 128 of
/// 160 threads have arrived; warp 4 thread (128,0,0) at mbarrier_wait at ..., mbarrier at offset 16: phase 3
/// (parity 1), 1 of 2 arrivals and 8192 bytes missing; 31 lanes exited"
std::string deadlock(const Cluster& cluster);

}  // namespace kernelgate::simt::executor
