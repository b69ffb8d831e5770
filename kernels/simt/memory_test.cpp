// Shared memory is poisoned, exact and guarded; accesses through the vocabulary are checked.

#include <gmock/gmock.h>

#include <cstring>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/simt/host/sanitizer.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class MemoryAccess : public SimtTest {};

SIMT_KERNEL(1) void read_fresh(unsigned char* out, std::uintptr_t* address) {
  const auto* smem = dynamic_shared<unsigned char>();
  *address = reinterpret_cast<std::uintptr_t>(smem);
  std::memcpy(out, smem, 100);
  std::memset(dynamic_shared<unsigned char>(), 0, 100);
}

TEST_F(MemoryAccess, SharedMemoryStartsAsPoisonInEveryBlock) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::vector<unsigned char> out(100);
    std::uintptr_t address = 0;
    launch(read_fresh, {{3}, {1}, 100}, nullptr, out.data(), &address);
    EXPECT_THAT(out, testing::Each(0xff));
    EXPECT_EQ(address % 1024, 0u);
  }
}

SIMT_KERNEL(1) void ask_for_shared() { dynamic_shared<char>(); }

TEST_F(MemoryAccess, SharedMemoryMustBeAskedFor) {
  EXPECT_THAT(fault_of([] {
                launch(ask_for_shared, {{1}, {1}}, nullptr);
              }),
              HasSubstr("launched without dynamic shared memory"));
}

SIMT_KERNEL(1) void write_shared(int at) { *static_cast<volatile char*>(dynamic_shared<char>() + at) = 1; }

#if SIMT_ASAN
TEST_F(MemoryAccess, AsanSeesWritesOutsideSharedMemory) {
  for (const int at : {-1, 100, 1100})
    EXPECT_DEATH(launch(write_shared, {{1}, {1}, 100}, nullptr, at), "AddressSanitizer: use-after-poison");
}
#else
TEST_F(MemoryAccess, GuardBandsSeeWritesOutsideSharedMemory) {
  const auto text = [](int at) {
    return fault_of([&] { launch(write_shared, {{1}, {1}, 100, "writes"}, nullptr, at); });
  };
  EXPECT_EQ(text(0), "");
  EXPECT_EQ(text(99), "");
  EXPECT_THAT(text(100), AllOf(HasSubstr("kernel writes"), HasSubstr("block (0,0,0)"),
                               HasSubstr("written 0 bytes past the end of its 100 bytes of shared memory")));
  EXPECT_THAT(text(1123), HasSubstr("written 1023 bytes past the end"));
  EXPECT_THAT(text(-1), HasSubstr("written 1 bytes before its 100 bytes"));
  EXPECT_THAT(text(-1024), HasSubstr("written 1024 bytes before"));
}
#endif

struct Everything {
  Vec4 vec;
  double eight;
  float four;
  f16 two;
  unsigned char one;
};

SIMT_KERNEL(1) void copy_global(const Everything* from, Everything* to) {
  store_global_16(&to->vec, load_global_16(&from->vec));
  store_global(&to->eight, load_global(&from->eight));
  store_global(&to->four, load_global(&from->four));
  store_global(&to->two, load_global(&from->two));
  store_global(&to->one, load_global(&from->one));
}
SIMT_KERNEL(1) void copy_vec(const Vec4* from, Vec4* to) {
  store_global(to, load_global(from));
  store_global_16(to + 1, load_global_16_streaming(from + 1));
}

TEST_F(MemoryAccess, LoadsAndStoresOfEverySize) {
  const Everything from{{1, 2, 3, 4}, 5.5, 6.5f, f16{0x1234}, 7};
  Everything to{};
  launch(copy_global, {{1}, {1}}, nullptr, &from, &to);
  EXPECT_EQ(to.vec, from.vec);
  EXPECT_EQ(to.eight, from.eight);
  EXPECT_EQ(to.four, from.four);
  EXPECT_EQ(to.two, from.two);
  EXPECT_EQ(to.one, from.one);
  const Vec4 vectors[2] = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  Vec4 copies[2];
  launch(copy_vec, {{1}, {1}}, nullptr, vectors, copies);
  EXPECT_EQ(copies[0], vectors[0]);
  EXPECT_EQ(copies[1], vectors[1]);
}

SIMT_KERNEL(1) void load_16(const char* from) { load_global_16(from); }
SIMT_KERNEL(1) void store_16(char* to) { store_global_16(to, {}); }
SIMT_KERNEL(1) void load_own_shared() { load_global_16(dynamic_shared<char>()); }

TEST_F(MemoryAccess, ChecksGlobalAddresses) {
  alignas(16) char bytes[64] = {};
  EXPECT_EQ(fault_of([&] { launch(load_16, {{1}, {1}}, nullptr, bytes + 16); }), "");
  EXPECT_THAT(fault_of([&] {
                launch(load_16, {{1}, {1}}, nullptr, bytes + 8);
              }),
              AllOf(HasSubstr("load_global_16 at kernels/simt/memory_test.cpp:"),
                    HasSubstr("misaligned: the address is 8 bytes past a multiple of 16")));
  EXPECT_THAT(fault_of([&] {
                launch(store_16, {{1}, {1}}, nullptr, bytes + 2);
              }),
              AllOf(HasSubstr("store_global_16 at"), HasSubstr("misaligned: the address is 2 bytes")));
  EXPECT_THAT(fault_of([] { launch(load_16, {{1}, {1}}, nullptr, nullptr); }), HasSubstr("the address is null"));
  EXPECT_THAT(fault_of([] {
                launch(load_own_shared, {{1}, {1}, 64}, nullptr);
              }),
              HasSubstr("the address is in shared memory"));
}

}  // namespace
}  // namespace kernelgate::simt
