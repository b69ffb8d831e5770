// The kernels that read the clock, on the host executor: they are right, whatever its clock says.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "kernels/microbench/clocked.h"
#include "kernels/op/memory.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::microbench {
namespace {

std::vector<Clocked> on_the_executor() {
  std::vector<Clocked> all;
  for (const Clocked& one : clocked_kernels())
    if (one.device == DeviceKind::simt) all.push_back(one);
  return all;
}

class EachClocked : public testing::TestWithParam<Clocked> {};

TEST_P(EachClocked, RunsUnderEverySeedAndGivesItsReadings) {
  const Clocked& one = GetParam();
  Device device;
  device.kind = DeviceKind::simt;
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    simt::set_seed(seed);
    const std::vector<std::byte> zeros(one.memory_bytes);
    const GuardedTensor memory(device, one.memory_bytes), readings(device, one.smallest.blocks * 32);
    memory.poison();
    readings.poison();
    memory.upload(zeros);
    ClockedRun run = one.smallest;
    run.memory = memory.data();
    run.readings = static_cast<std::int64_t*>(readings.data());
    one.launch(run, nullptr);
    EXPECT_TRUE(memory.guards_intact());
    EXPECT_TRUE(readings.guards_intact());
    const auto bytes = readings.download();
    const bool written = std::ranges::any_of(bytes, [](std::byte b) { return b != std::byte{0xff}; });
    const bool says_nothing = one.name.starts_with("nothing") || one.name == "make_chain";
    EXPECT_NE(written, says_nothing);
  }
  simt::set_seed(1);
}

INSTANTIATE_TEST_SUITE_P(Microbench, EachClocked, testing::ValuesIn(on_the_executor()),
                         [](const auto& one) { return one.param.name; });

TEST(ClockedKernels, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Clocked& one : on_the_executor()) EXPECT_TRUE(names.insert(one.name).second) << one.name;
  EXPECT_GT(names.size(), 25u);
  EXPECT_EQ(find_clocked(DeviceKind::simt, "no such"), nullptr);
}

}  // namespace
}  // namespace kernelgate::microbench
