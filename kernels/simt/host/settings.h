#pragma once
// What a test or the program may choose about the host executor. Process-wide.

#include <cstdint>

namespace kernelgate::simt {

/// Decides the order of threads and when asynchronous copies land. The same seed gives the same run of
/// every block, on any number of host threads. Default 1.
void set_seed(std::uint64_t seed);
std::uint64_t seed();

/// How many blocks run at a time; 0, the default, is one for each core.
void set_host_threads(int threads);
int host_threads();

/// After how many seconds in which a block did nothing but poll memory it counts as deadlocked.
/// Default 60.
void set_poll_limit(double seconds);
double poll_limit();

}  // namespace kernelgate::simt
