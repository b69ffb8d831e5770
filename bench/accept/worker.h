#pragma once
// What the child processes of one GPU do. Each says what it has found as it goes, one JSON object a line, so that what
// was measured before a GPU falls off the bus is not lost.

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/accept/own_code.h"
#include "harness/accept/measured.h"
#include "harness/base/fact.h"
#include "harness/base/process/child_process.h"
#include "harness/check/machine/symbol_source.h"

namespace kernelgate::accept {

struct WorkerOptions {
  int gpu = 0;
  int gpus = 1;  ///< that CUDA shows
  std::string cuda_library, nvml_library;
  double steady_s = 1200;
  double kind_s = 10;            ///< for each kind of product before the steady load, and after it
  std::size_t memory_bytes = 0;  ///< to be filled and read at most; 0: all that is free
  std::uint64_t seed = 1;
  std::vector<OwnImage> images = {};        ///< read before any process is made: a program may be replaced meanwhile
  const std::atomic<bool>* stop = nullptr;  ///< of all processes: end with what there is

  /// Errors  DriverError(stopped): it is to end.
  void expect_to_go_on() const;
};

/// The library in a child process. Errors  DriverError: it can't be opened.
SymbolSource opened(const std::string& library);

/// One JSON object as a line to be said.
std::string line_of(const nlohmann::json& document);

/// How many processes but this one are in one of these lists; of an unknown list none.
std::int64_t other_processes(std::initializer_list<const Fact<std::vector<unsigned>>*> lists);

/// The kernels that they launch, by name.
const std::vector<std::string_view>& worker_kernels();

/// One GPU of the machine at a time: the link to the host, and to each other GPU.
void measure_links(const WorkerOptions& options, const SayLine& say);

/// All GPUs at once: memory, products, the steady load, and what NVML counts meanwhile.
void measure_load(const WorkerOptions& options, const SayLine& say);

/// Here, of a line that one of the two said. A line that is none is left out.
void take_line(const std::string& line, Links& links);
void take_line(const std::string& line, Load& load);

}  // namespace kernelgate::accept
