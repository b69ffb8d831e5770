#include "kernels/simt/host/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {
namespace {

// Blocks keep their stacks and shared memory from launch to launch.
class BlockPool {
 public:
  std::unique_ptr<Block> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Block>();
    auto block = std::move(idle_.back());
    idle_.pop_back();
    return block;
  }
  void give_back(std::unique_ptr<Block> block) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(block));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> idle_;
};

BlockPool& pool() {
  static BlockPool blocks;
  return blocks;
}

// Source: CUDA C++ Programming Guide, table of technical specifications per compute capability.
void check(const GridLaunch& launch) {
  const auto& [grid, block, bytes, name] = launch.shape;
  const auto refuse = [&](const std::string& what) {
    throw Fault(fmt::format("kernel {} (launched at {}:{}): {}", name != nullptr ? name : "?", short_path(launch.file),
                            launch.line, what));
  };
  const auto text = [](const Dim3& d) { return fmt::format("{}x{}x{}", d.x, d.y, d.z); };
  if (grid.count() == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    refuse(fmt::format("a grid of {} blocks: 1x1x1 to 2147483647x65535x65535", text(grid)));
  if (block.count() == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || block.count() > 1024)
    refuse(fmt::format("a block of {} threads: 1 to 1024, z up to 64", text(block)));
  if (bytes > max_shared_bytes) refuse(fmt::format("{} bytes of shared memory: at most {}", bytes, max_shared_bytes));
  if (running_thread != nullptr) refuse("launched from within a kernel");
}

// Runs blocks until there are none left or one has failed.
class Worker {
 public:
  Worker(Grid& grid, std::size_t blocks) : grid_(grid), blocks_(blocks) {}

  void work() {
    auto block = pool().take();
    for (;;) {
      const std::size_t linear = next_.fetch_add(1);
      if (linear >= blocks_ || linear > grid_.first_fault) break;
      try {
        block->run(grid_, linear);
      } catch (const std::exception& problem) {
        const std::lock_guard lock(mutex_);
        if (linear < grid_.first_fault) {
          grid_.first_fault = linear;
          text_ = problem.what();
        }
      }
    }
    pool().give_back(std::move(block));
  }

  const std::string& text() const { return text_; }

 private:
  Grid& grid_;
  const std::size_t blocks_;
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
  const std::size_t blocks = launch.shape.grid.count();

  Worker worker(grid, blocks);
  std::vector<std::thread> helpers;
  const std::size_t workers = std::min<std::size_t>(blocks, static_cast<std::size_t>(host_threads()));
  try {
    for (std::size_t i = 1; i < workers; ++i) helpers.emplace_back([&] { worker.work(); });
  } catch (const std::system_error&) {
    // No more threads to be had: go on with those there are.
  }
  worker.work();
  for (std::thread& helper : helpers) helper.join();
  if (grid.first_fault < blocks) throw Fault(worker.text());
}

}  // namespace kernelgate::simt::executor
