#pragma once
// What is known of a GPU's speed: one JSON file each in harness/predict/gpus, every figure with its source.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate::predict {

/// Units  cycles of the multiprocessors' clock, seconds, bytes; rates of a warp's instruction are cycles between two of
///        one scheduler.
struct Gpu {
  std::string name;  ///< "h100-sxm"
  std::string title;
  std::string as_of;               ///< the day on which it was looked at
  std::vector<std::string> archs;  ///< whose code it runs, the best first: "sm90a", "sm80"
  std::string no_ground;           ///< why it can't be predicted; empty: it can

  // The chip.
  int multiprocessors = 0;
  int compute_capability = 0;
  double clock_hz = 0;
  double peak_flops = 0;  ///< f16 with f32 sums, dense, at that clock
  int registers = 65536;
  int shared_bytes = 0;        ///< of a multiprocessor
  int shared_bytes_block = 0;  ///< that one block may have
  int max_threads = 2048;
  int max_blocks = 32;
  double l2_bytes = 0;
  double l2_bytes_per_s = 0, dram_bytes_per_s = 0;

  // One multiprocessor.
  double l2_bytes_per_cycle = 64;
  double hmma_16816 = 0, hmma_1688 = 0;  ///< cycles
  double alu = 2, imad = 2, ffma = 1, special = 8, memory_issue = 2, uniform = 2;
  double l1_latency = 0, l2_latency = 0, dram_latency = 0;
  double shared_latency = 0, special_latency = 0, shuffle_latency = 0, register_read = 0, constant_latency = 0;
  double async_copy_issue = 4;
  double barrier_release = 0;
  double branch = 0;  ///< taken, beyond its stall count

  // From compute capability 9.0 on.
  double wgmma_columns_per_cycle = 0, wgmma_issue = 0, wgmma_tail = 0, wgmma_queue = 0;
  double shared_bytes_per_cycle = 128;
  double tma_issue = 0, tma_latency = 0;  ///< cycles between two; beyond a load's latency
  double tma_bytes_under_way = 0;         ///< of a multiprocessor
  double multicast = 0;
  double mbarrier_arrive = 0, mbarrier_wait = 0, remote_arrive = 0, cluster_barrier = 0;
  double other_shared_latency = 0, other_shared_bytes_per_cycle = 0;
  double fence_async = 0, fence_gpu = 0;
  double warm_dram_latency = 0;
  std::vector<int> gpcs;  ///< multiprocessors of each; a cluster lies in one. None: as if all were one

  // The clock under the power cap.
  double sustained_flops = 0;  ///< f16, that its power allows for long; 0: not known
  double power_after_s = 0;    ///< what is shorter runs at the burst clock

  // Fitted; the rest was not.
  double launch_s = 0;      ///< from the event before a kernel to the one behind it, of one that does nothing
  double graph_node_s = 0;  ///< the same of a kernel behind another one in a CUDA graph; 0: not known
  double cold_code = 0;     ///< cycles for 128 bytes of code that a multiprocessor runs for the first time
  std::string fitted_on;    ///< which measurements
  double median_error = 0, worst_error = 0;  ///< of kernels that were left out when the rest was fitted; 0: not known
};

/// Errors  HarnessError(usage) that names the file and the field.
Gpu parse_gpu(std::string_view text, const std::string& file);

/// The names of the GPUs that come with the program, sorted.
std::vector<std::string> gpu_names();

/// Of one of these, or of a file of that form. Errors  HarnessError(usage): neither; it names those there are.
Gpu find_gpu(const std::string& name_or_file);

}  // namespace kernelgate::predict
