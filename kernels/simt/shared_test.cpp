// Checked access to shared memory; and what little there is to test of clock, sleep, trap and dependent grids.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class SharedAccess : public SimtTest {};

SIMT_KERNEL(1) void every_size(unsigned char* out) {
  auto* smem = dynamic_shared<unsigned char>();
  store_shared(reinterpret_cast<Vec4*>(smem), {1, 2, 3, 4});
  store_shared(reinterpret_cast<double*>(smem + 16), 5.5);
  store_shared(reinterpret_cast<float*>(smem + 24), 6.5f);
  store_shared(reinterpret_cast<f16*>(smem + 28), f16{0x1234});
  store_shared(smem + 30, static_cast<unsigned char>(7));
  const bool same = load_shared(reinterpret_cast<const Vec4*>(smem)) == Vec4{1, 2, 3, 4} &&
                    load_shared(reinterpret_cast<const double*>(smem + 16)) == 5.5 &&
                    load_shared(reinterpret_cast<const float*>(smem + 24)) == 6.5f &&
                    load_shared(reinterpret_cast<const f16*>(smem + 28)).bits == 0x1234 && load_shared(smem + 30) == 7;
  out[0] = same;
  out[1] = load_shared(smem + 31);
}

TEST_F(SharedAccess, LoadsAndStoresOfEverySize) {
  std::vector<unsigned char> out(2);
  launch(every_size, {{1}, {1}, 32}, nullptr, out.data());
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[1], 0xff) << "poison";
}

SIMT_KERNEL(1) void load_at(int at) { load_shared(reinterpret_cast<const Vec4*>(dynamic_shared<char>() + at)); }
SIMT_KERNEL(1) void store_at(int at) { store_shared(reinterpret_cast<std::uint16_t*>(dynamic_shared<char>() + at), 1); }
SIMT_KERNEL(1) void load_elsewhere(const int* from) { load_shared(from); }

TEST_F(SharedAccess, ChecksAddresses) {
  const auto load = [](int at) { return fault_of([&] { launch(load_at, {{1}, {1}, 64}, nullptr, at); }); };
  const auto store = [](int at) { return fault_of([&] { launch(store_at, {{1}, {1}, 64}, nullptr, at); }); };
  EXPECT_EQ(load(48), "");
  EXPECT_THAT(load(8), AllOf(HasSubstr("load_shared at kernels/simt/shared_test.cpp:"),
                             HasSubstr("misaligned: 16 bytes at offset 8 of its 64 bytes of shared memory, must be at "
                                       "a multiple of 16")));
  EXPECT_THAT(load(64), HasSubstr("out of bounds: 16 bytes at offset 64 of its 64 bytes"));
  EXPECT_THAT(load(-16), HasSubstr("out of bounds: 16 bytes at offset -16"));
  EXPECT_EQ(store(62), "");
  EXPECT_THAT(store(61), AllOf(HasSubstr("store_shared at"), HasSubstr("misaligned: 2 bytes at offset 61")));
  EXPECT_THAT(store(64), HasSubstr("out of bounds: 2 bytes at offset 64"));
  const int somewhere = 0;
  EXPECT_THAT(fault_of([&] {
                launch(load_elsewhere, {{1}, {1}, 64}, nullptr, &somewhere);
              }),
              HasSubstr("out of bounds"));
}

SIMT_KERNEL(64) void gives_up() {
  if (linear_thread_idx() == 9) trap();
  sync_threads();
}
SIMT_KERNEL(1) void oversleeps() { nanosleep(1000001); }
SIMT_KERNEL(64) void read_clock(std::int64_t* out) {
  for (int i = 0; i < 3; ++i) {
    out[linear_thread_idx() * 3 + static_cast<unsigned>(i)] = clock_cycles();
    nanosleep(10);
  }
}

TEST_F(SharedAccess, TrapSleepAndClock) {
  EXPECT_THAT(fault_of([] {
                launch(gives_up, {{1}, {64}}, nullptr);
              }),
              AllOf(HasSubstr("thread (9,0,0) (warp 0, lane 9): trap at kernels/simt/shared_test.cpp:"),
                    HasSubstr("the kernel gave up")));
  EXPECT_THAT(fault_of([] { launch(oversleeps, {{1}, {1}}, nullptr); }), HasSubstr("1000001 ns: at most 1000000"));
  std::vector<std::int64_t> first(192), second(192);
  launch(read_clock, {{1}, {64}}, nullptr, first.data());
  launch(read_clock, {{1}, {64}}, nullptr, second.data());
  EXPECT_EQ(first, second);
  for (int i = 0; i < 192; i += 3) EXPECT_TRUE(first[i] < first[i + 1] && first[i + 1] < first[i + 2]);
}

template <bool WAITS>
SIMT_KERNEL(64)
void dependent() {
  if (WAITS && warp_idx() == 1) grid_dependency_wait();
  grid_launch_dependents();
}

TEST_F(SharedAccess, AnOverlappingLaunchMustWait) {
  LaunchShape shape{{2}, {64}, 0, "dependent"};
  EXPECT_EQ(fault_of([&] { launch(dependent<false>, shape, nullptr); }), "");
  shape.overlaps_previous = true;
  EXPECT_EQ(fault_of([&] { launch(dependent<true>, shape, nullptr); }), "");
  EXPECT_THAT(fault_of([&] { launch(dependent<false>, shape, nullptr); }),
              AllOf(HasSubstr("kernel dependent"), HasSubstr("no thread of it has called grid_dependency_wait")));
}

SIMT_KERNEL(64) void elect(unsigned* elected) {
  for (unsigned i = 0; i < 4; ++i)
    if (elect_one()) elected[(block_idx().x * 2 + warp_idx()) * 4 + i] = lane_idx();
}

TEST_F(SharedAccess, ElectsTheSameLaneForTheWholeRun) {
  unsigned seen = 0;
  for (int seed = 0; seed < 30; ++seed) {
    set_seed(seed);
    std::vector<unsigned> elected(5 * 2 * 4, 99);
    launch(elect, {{5}, {64}}, nullptr, elected.data());
    EXPECT_LT(elected[0], 32u);
    EXPECT_THAT(elected, testing::Each(elected[0]));
    seen |= 1u << elected[0];
  }
  EXPECT_NE(seen & (seen - 1), 0u) << "a kernel that takes it for lane 0 is found out";
}

TEST_F(SharedAccess, HowMuchAnArchitectureHas) {
  EXPECT_EQ(max_shared_bytes_of(7, 5), 65536u);
  EXPECT_EQ(max_shared_bytes_of(8, 0), 163u * 1024);
  EXPECT_EQ(max_shared_bytes_of(8, 9), 99u * 1024);
  EXPECT_EQ(max_shared_bytes_of(9, 0), max_shared_bytes);
  EXPECT_EQ(max_shared_bytes_of(12, 0), 99u * 1024);
  EXPECT_EQ(max_shared_bytes_of(77, 0), default_shared_bytes);
}

}  // namespace
}  // namespace kernelgate::simt
