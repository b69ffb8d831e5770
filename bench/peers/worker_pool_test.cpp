// The pool behind the CPU's mel: each item once, no worker twice at once, errors come back.

#include "bench/peers/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace kernelgate {
namespace {

TEST(WorkerPool, DoesEachItemOnceInEveryRound) {
  for (int threads : {1, 2, 5}) {
    WorkerPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    std::vector<std::atomic<int>> inside(static_cast<std::size_t>(threads));
    for (int round = 0; round < 50; ++round) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(round));
      pool.run(round, [&](std::int64_t item, int worker) {
        EXPECT_EQ(inside[static_cast<std::size_t>(worker)].fetch_add(1), 0);
        ++done[static_cast<std::size_t>(item)];
        --inside[static_cast<std::size_t>(worker)];
      });
      for (const auto& count : done) EXPECT_EQ(count, 1);
    }
  }
}

TEST(WorkerPool, GivesTheErrorBackAndWorksOn) {
  WorkerPool pool(3);
  EXPECT_THROW(pool.run(10,
                        [](std::int64_t item, int) {
                          if (item == 7) throw std::runtime_error("seven");
                        }),
               std::runtime_error);
  std::atomic<int> done = 0;
  pool.run(10, [&](std::int64_t, int) { ++done; });
  EXPECT_EQ(done, 10);
}

}  // namespace
}  // namespace kernelgate
