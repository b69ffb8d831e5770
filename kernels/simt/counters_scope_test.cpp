// Which launches a scope counts, and how it names what it counted.

#include <gmock/gmock.h>

#include <set>
#include <string_view>
#include <vector>

#include "kernels/simt/host/counters.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

/// Global memory that begins with a sector, as a GPU's does.
struct Buffer {
  alignas(256) float data[1024] = {};
};

class CountersScopeTest : public SimtTest {
 protected:
  Buffer from_, to_;
};

SIMT_KERNEL(64) void copy(const float* from, float* to, int step) {
  const auto i = static_cast<int>(block_idx().x * 64 + thread_idx().x);
  store_global(to + i, load_global(from + i * step));
}

TEST_F(CountersScopeTest, AScopeSeesTheLaunchesWithinIt) {
  launch(copy, {{1}, {64}}, nullptr, from_.data, to_.data, 1);
  const CountersScope outer;
  launch(copy, {{1}, {64}}, nullptr, from_.data, to_.data, 1);
  {
    const CountersScope inner;
    EXPECT_EQ(inner.counters(), Counters{});
    launch(copy, {{1}, {64}}, nullptr, from_.data, to_.data, 1);
    EXPECT_EQ(inner.counters().global_reads, 2u);
  }
  launch(copy, {{1}, {64}}, nullptr, from_.data, to_.data, 1);
  EXPECT_EQ(outer.counters().global_reads, 6u);
}

SIMT_KERNEL(64) void copy_and_fail(const float* from, float* to) {
  store_global(to + thread_idx().x, load_global(from + thread_idx().x));
  if (block_idx().x == 3 && thread_idx().x == 5) load_global<float>(nullptr);
}

TEST_F(CountersScopeTest, AFaultCountsNothing) {
  const CountersScope scope;
  EXPECT_THAT(fault_of([&] {
                launch(copy_and_fail, {{8}, {64}}, nullptr, from_.data, to_.data);
              }),
              testing::HasSubstr("the address is null"));
  EXPECT_EQ(scope.counters(), Counters{});
  EXPECT_TRUE(scope.calls().empty());
}

// Two calls of a helper's one line are one call; another type makes another.
template <class T>
SIMT_DEVICE void store_twice(T* to) {
  for (int i = 0; i < 2; ++i) store_shared(to + lane_idx() * 32, T{});
}
SIMT_KERNEL(32) void store_through_helpers(const float* from) {
  store_twice(dynamic_shared<float>());
  store_twice(dynamic_shared<std::uint16_t>());
  load_global(from + lane_idx());
  cp_async<4>(dynamic_shared<float>() + lane_idx(), from + 2 * lane_idx());
}

TEST_F(CountersScopeTest, NamesTheCallsThatDidIt) {
  const CountersScope scope;
  launch(store_through_helpers, {{2}, {32}, 4096}, nullptr, from_.data);
  std::vector<MemoryCall> calls;
  std::vector<MemoryCallCounters> counters;
  for (const auto& [call, of_call] : scope.calls()) {
    EXPECT_EQ(call.file, "kernels/simt/counters_scope_test.cpp");
    calls.push_back(call);
    counters.push_back(of_call);
  }
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_EQ(calls[0].name, "store_shared");
  EXPECT_EQ(calls[0].width, 2u);
  EXPECT_EQ(counters[0], (MemoryCallCounters{4, 4 * 64, 0, 4 * 16, 4 * 15}));  // two lanes to a row
  EXPECT_EQ(calls[1].line, calls[0].line);
  EXPECT_EQ(calls[1].width, 4u);
  EXPECT_EQ(counters[1], (MemoryCallCounters{4, 4 * 128, 0, 4 * 32, 4 * 31}));
  EXPECT_EQ(calls[2].name, "load_global");
  EXPECT_EQ(counters[2], (MemoryCallCounters{2, 2 * 128, 2 * 4, 0, 0}));
  EXPECT_EQ(calls[3].name, "cp_async");
  EXPECT_EQ(counters[3], (MemoryCallCounters{2, 2 * 128, 2 * 8, 2, 0}));
  EXPECT_TRUE(CountersScope().calls().empty());
}

TEST(CounterFields, NamesEachOnce) {
  std::set<std::string_view> names;
  Counters counters;
  for (const CounterField& field : counter_fields()) {
    names.insert(field.name);
    ++(counters.*field.value);
  }
  EXPECT_EQ(names.size(), counter_fields().size());
  for (const CounterField& field : counter_fields()) EXPECT_EQ(counters.*field.value, 1u) << field.name;
}

}  // namespace
}  // namespace kernelgate::simt
