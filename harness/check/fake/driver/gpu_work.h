#pragma once
// What the GPUs of the made-up libcuda do: which one is current, how long its work takes, and when it is lost.
//
//   clock = work          events tell how long the work takes by these figures, not what it took on the host
//   tflops = 800          products
//   nvlinks = 18          active links; field.90 is the rate of one in MB/s
//   pcie_generation, pcie_width, memory_clock_max, bus_width
//   lost_after = 1500     launches; then every call of it returns 999, and NVML says that it is lost
//   hang_after = 500      launches; then a launch never returns

#include <cstddef>

namespace kernelgate::fake {

/// Of the context that was made current last: the driver's whole process is one thread here.
int current_gpu();
void set_current_gpu(int gpu);

/// Seconds, of the current GPU: since some moment.
double gpu_time();
/// It has done something that takes so long.
void take(double seconds);

enum class Way { host, own_memory, other_gpu };
void take_copy(std::size_t bytes, Way way);

/// Memory that the current GPU was asked for, and whose it is.
void note_memory(const void* address);
int owner_of(const void* address);

/// The code that a launch returns: of a GPU that is lost, or is lost from this launch on.
int launch_refusal();
bool is_lost();

}  // namespace kernelgate::fake
