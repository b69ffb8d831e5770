#include "kernels/simt/host/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/launch_recorder.h"

namespace kernelgate::simt::executor {
namespace {

// Clusters keep their blocks, and these their stacks and shared memory, from launch to launch.
class ClusterPool {
 public:
  std::unique_ptr<Cluster> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Cluster>();
    auto cluster = std::move(idle_.back());
    idle_.pop_back();
    return cluster;
  }
  void give_back(std::unique_ptr<Cluster> cluster) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(cluster));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Cluster>> idle_;
};

ClusterPool& pool() {
  static ClusterPool clusters;
  return clusters;
}

// Source: CUDA C++ Programming Guide, table of technical specifications per compute capability.
void check(const GridLaunch& launch) {
  const auto& [grid, block, bytes, name, cluster, overlaps] = launch.shape;
  const char* shown = name != nullptr ? name : "?";
  const auto refuse = [&](const std::string& what) {
    throw Fault(fmt::format("kernel {} (launched at {}:{}): {}", shown, short_path(launch.file), launch.line, what));
  };
  const auto text = [](const Dim3& d) { return fmt::format("{}x{}x{}", d.x, d.y, d.z); };
  if (grid.count() == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    refuse(fmt::format("a grid of {} blocks: 1x1x1 to 2147483647x65535x65535", text(grid)));
  if (block.count() == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > 1024)
    refuse(fmt::format("a block of {} threads: 1 to 1024, z up to 64", text(block)));
  if (bytes > max_shared_bytes) refuse(fmt::format("{} bytes of shared memory: at most {}", bytes, max_shared_bytes));
  if (cluster.count() == 0 || cluster.count() > max_cluster_blocks)
    refuse(fmt::format("a cluster of {} blocks: 1 to {}", text(cluster), max_cluster_blocks));
  if (grid.x % cluster.x != 0 || grid.y % cluster.y != 0 || grid.z % cluster.z != 0)
    refuse(fmt::format("a grid of {} blocks is no multiple of the cluster of {}", text(grid), text(cluster)));
  if (running_thread != nullptr) refuse("launched from within a kernel");
}

// Runs clusters until there are none left or one has failed.
class Worker {
 public:
  Worker(Grid& grid, std::size_t clusters, const std::vector<std::size_t>* only)
      : grid_(grid), clusters_(clusters), only_(only) {}

  void work() {
    auto cluster = pool().take();
    for (;;) {
      const std::size_t turn = next_.fetch_add(1);
      if (turn >= clusters_) break;
      const std::size_t number = only_ != nullptr ? (*only_)[turn] : turn;
      if (number > grid_.first_fault) break;
      try {
        cluster->run(grid_, number);
      } catch (const std::exception& problem) {
        const std::lock_guard lock(mutex_);
        if (number < grid_.first_fault) {
          grid_.first_fault = number;
          text_ = problem.what();
        }
      }
    }
    pool().give_back(std::move(cluster));
  }

  const std::string& text() const { return text_; }

 private:
  Grid& grid_;
  const std::size_t clusters_;
  const std::vector<std::size_t>* only_;  ///< these, in their order; null: all
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::string text_;
};

}  // namespace

void run_grid(const GridLaunch& launch, const std::function<void()>& kernel) {
  check(launch);
  Grid grid;
  grid.shape = launch.shape;
  grid.file = launch.file;
  grid.line = launch.line;
  grid.kernel = &kernel;
  grid.seed = seed();
  grid.tensors = guarded_globals();
  grid.counting = counting();
  const std::size_t all = launch.shape.grid.count() / launch.shape.cluster.count();
  std::vector<std::size_t> chosen;
  if (const LaunchRecorder* some = recorder())
    std::ranges::copy_if(some->clusters(), std::back_inserter(chosen),
                         [&](std::size_t number) { return number < all; });
  const std::size_t clusters = recorder() != nullptr ? chosen.size() : all;

  Worker worker(grid, clusters, recorder() != nullptr ? &chosen : nullptr);
  std::vector<std::thread> helpers;
  const std::size_t workers = std::min<std::size_t>(clusters, static_cast<std::size_t>(host_threads()));
  try {
    for (std::size_t i = 1; i < workers; ++i) helpers.emplace_back([&] { worker.work(); });
  } catch (const std::system_error&) {
    // No more threads to be had: go on with those there are.
  }
  worker.work();
  for (std::thread& helper : helpers) helper.join();
  if (grid.first_fault < all) throw Fault(worker.text());
  if (grid.counting) add_counters(grid.counters, grid.memory_calls);
}

}  // namespace kernelgate::simt::executor
