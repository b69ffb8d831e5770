#pragma once
// Work that may crash, hang, or leave its process useless, item by item, in child processes.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "harness/base/process/child_process.h"

namespace kernelgate::silicon {

/// A child does as many items as go well, since starting CUDA takes longer than most of them. The item in which it ends
/// or hangs is lost, and a new child goes on behind it.
struct ItemWork {
  std::chrono::milliseconds limit{};  ///< from one line to the next
  /// In the child. False: the process is of no use any more, as after an error that CUDA keeps.
  std::function<bool(std::size_t item, const SayLine& say)> work;
  /// Here, of each line that `work` said.
  std::function<void(std::size_t item, const std::string& line)> on_line;
  std::function<void(std::size_t item, const std::string& why)> on_lost;
};

/// All items, in their order; after an interrupt no more. This process must have no threads. Returns how many were
/// begun.
std::size_t do_items(std::size_t count, const ItemWork& items);

}  // namespace kernelgate::silicon
