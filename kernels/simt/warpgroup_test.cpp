// Four warps that act together, and the registers that warpgroups hand to each other.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/host/warpgroup_operation.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Warpgroups : public SimtTest {};

// Each thread gives a number and gets the sum of the 128.
int sum_of_group(int value, Where where = Where::current()) {
  using namespace executor;
  int mine = value;
  warpgroup_operation({"sum_of_group", where}, &mine, [](Block&, unsigned, const Operation&, void* const* arguments) {
    int sum = 0;
    for (int i = 0; i < 128; ++i) sum += *static_cast<const int*>(arguments[i]);
    for (int i = 0; i < 128; ++i) *static_cast<int*>(arguments[i]) = sum;
  });
  return mine;
}

SIMT_KERNEL(384) void sums(int* out) {
  const int i = static_cast<int>(linear_thread_idx());
  out[i] = sum_of_group(i);
  out[384 + i] = sum_of_group(i / 128);
}

TEST_F(Warpgroups, MeetAndExchange) {
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    std::vector<int> out(768);
    launch(sums, {{1}, {384}}, nullptr, out.data());
    for (int i = 0; i < 384; ++i) {
      ASSERT_EQ(out[i], 127 * 64 + i / 128 * 128 * 128);
      ASSERT_EQ(out[384 + i], i / 128 * 128);
    }
  }
}

SIMT_KERNEL(128) void warps_diverge() {
  if (warp_idx() < 2) {
    sum_of_group(1);
  } else {
    sum_of_group(2);
  }
}
SIMT_KERNEL(128) void lanes_diverge() {
  if (lane_idx() == 3) {
    sum_of_group(1);
  } else {
    sum_of_group(2);
  }
}
SIMT_KERNEL(256) void one_warp_is_elsewhere() {
  if (warp_idx() == 6) {
    named_barrier_sync(1, 64);
  } else {
    sum_of_group(1);
  }
}
SIMT_KERNEL(128) void one_warp_exits() {
  if (warp_idx() != 2) sum_of_group(1);
}
SIMT_KERNEL(192) void half_a_group() { sum_of_group(1); }

TEST_F(Warpgroups, Errors) {
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    ASSERT_THAT(fault_of([] {
                  launch(warps_diverge, {{1}, {128}}, nullptr);
                }),
                AllOf(HasSubstr("the warpgroup has diverged: "), HasSubstr("of its warps wait at sum_of_group at")));
    ASSERT_THAT(fault_of([] { launch(lanes_diverge, {{1}, {128}}, nullptr); }), HasSubstr("diverged"));
    ASSERT_THAT(fault_of([] {
                  launch(one_warp_is_elsewhere, {{1}, {256}}, nullptr);
                }),
                AllOf(HasSubstr("deadlock: warps 0-3 exited; warps 4-5 at sum_of_group at"),
                      HasSubstr("3 of 4 warps of warpgroup 1 have arrived; warp 6 at named_barrier_sync at")));
    ASSERT_THAT(fault_of([] {
                  launch(half_a_group, {{1}, {192}}, nullptr);
                }),
                HasSubstr("needs a warpgroup of 128 threads, the last one of a block of 192 has 64"));
    const std::string text = fault_of([] { launch(one_warp_exits, {{1}, {128}}, nullptr); });
    ASSERT_TRUE(text.find("needs the whole warpgroup, but threads of its warp 2 have returned") != std::string::npos ||
                text.find("of its warpgroup wait for it at sum_of_group") != std::string::npos)
        << text;
  }
}

// 384 threads start with 168 registers each. As warp-specialised kernels divide them: 3 * 168 = 24 + 2 * 240.
template <unsigned PRODUCER, unsigned CONSUMER>
SIMT_KERNEL(384)
void divide_registers(int* out) {
  if (warp_idx() < 4) {
    set_max_registers_dec<PRODUCER>();
  } else {
    set_max_registers_inc<CONSUMER>();
  }
  out[linear_thread_idx()] = sum_of_group(1);
}

TEST_F(Warpgroups, HandRegistersToEachOther) {
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    std::vector<int> out(384);
    launch(divide_registers<24, 240>, {{1}, {384}}, nullptr, out.data());
    ASSERT_EQ(out, std::vector<int>(384, 128));
    ASSERT_THAT(fault_of([&] {
                  launch(divide_registers<32, 240>, {{1}, {384}}, nullptr, out.data());
                }),
                AllOf(HasSubstr("deadlock: warps 0-"), HasSubstr("at set_max_registers_inc at "),
                      HasSubstr(" wants 240 registers a thread and holds 168, 64 are free")));
  }
}

SIMT_KERNEL(256) void raises_to_less() { set_max_registers_inc<40>(); }
SIMT_KERNEL(384) void lowers_to_more() { set_max_registers_dec<232>(); }

TEST_F(Warpgroups, RegistersGoTheWayTheirNameSays) {
  EXPECT_THAT(fault_of([] {
                launch(raises_to_less, {{1}, {256}}, nullptr);
              }),
              AllOf(HasSubstr("set_max_registers_inc at"),
                    HasSubstr("40 registers, the warpgroup holds 256: it can't be raised to less")));
  EXPECT_THAT(fault_of([] {
                launch(lowers_to_more, {{1}, {384}}, nullptr);
              }),
              HasSubstr("232 registers, the warpgroup holds 168: it can't be lowered to more"));
}

}  // namespace
}  // namespace kernelgate::simt
