// Access to global memory beside a tensor that stands between guard bands, by each of the ways there are.

#include <gmock/gmock.h>

#include "kernels/op/memory.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;

enum class Way { load, load_16, store, atomic, cp_async, bulk_load, bulk_store, tma_load, tma_store };

struct Params {
  TensorMap map;  // of 64 rows of 16 bytes, where the tensor has 32
  std::uint32_t* at;
  int source_bytes;
};

template <Way WAY>
SIMT_KERNEL(1)
void access(const SIMT_GRID_CONSTANT Params p) {
  auto* const smem = dynamic_shared<std::uint32_t>();
  auto* const full = reinterpret_cast<Mbarrier*>(smem + 256);
  if constexpr (WAY == Way::load) load_global(p.at);
  if constexpr (WAY == Way::load_16) load_global_16(p.at);
  if constexpr (WAY == Way::store) store_global(p.at, 0);
  if constexpr (WAY == Way::atomic) atomic_add(p.at, 1);
  if constexpr (WAY == Way::cp_async) {
    cp_async<16>(smem, p.at, p.source_bytes);
    cp_async_commit();
    cp_async_wait<0>();
  }
  if constexpr (WAY == Way::bulk_load || WAY == Way::tma_load) {
    mbarrier_init(full, 1);
    fence_mbarrier_init();
    mbarrier_arrive_expect_tx(full, 64);
    if constexpr (WAY == Way::bulk_load) bulk_load(smem, p.at, 64, full);
    if constexpr (WAY == Way::tma_load) tma_load_2d(smem, p.map, full, 0, 30);
    mbarrier_wait(full, 0);
  }
  if constexpr (WAY == Way::bulk_store || WAY == Way::tma_store) {
    for (int i = 0; i < 16; ++i) store_shared(smem + i, 0u);
    fence_proxy_async();
    if constexpr (WAY == Way::bulk_store) bulk_store(p.at, smem, 64);
    if constexpr (WAY == Way::tma_store) tma_store_2d(p.map, smem, 0, 30);
    bulk_commit();
    bulk_wait<0>();
  }
}

class GlobalMemory : public SimtTest {
 protected:
  static constexpr int words = 128;
  static Device host() {
    Device device;
    device.kind = DeviceKind::simt;
    return device;
  }

  /// The fault of an access that begins at that word of the tensor.
  template <Way WAY>
  std::string at(int word, int source_bytes = 16) {
    TiledTensor tiled{.tensor = {.name = "rows", .element = TensorElement::u32, .rank = 2, .address = tensor_.data()}};
    tiled.tensor.dims = {4, 64};
    tiled.tensor.strides_bytes = {16};
    tiled.box = {4, 4};
    const Params params{encode_tiled(tiled), static_cast<std::uint32_t*>(tensor_.data()) + word, source_bytes};
    return fault_of([&] { launch(access<WAY>, {{1}, {1}, 2048, "access"}, nullptr, params); });
  }
  template <Way WAY>
  void expect_bounds(int bytes) {
    const int last = words - bytes / 4;
    EXPECT_EQ(at<WAY>(0), "");
    EXPECT_EQ(at<WAY>(last), "");
    const auto text = [bytes](const std::string& where) {
      return AllOf(HasSubstr("kernel access"), HasSubstr("global_memory_test.cpp:"),
                   HasSubstr(fmt_bytes(bytes) + where + " a tensor of 512 bytes"));
    };
    EXPECT_THAT(at<WAY>(words), text("0 bytes past the end of"));
    EXPECT_THAT(at<WAY>(-4), text("16 bytes before"));
    if (bytes > 16) {
      EXPECT_THAT(at<WAY>(last + 4), text(std::to_string(bytes - 16) + " bytes before the end of"));
    }
  }
  static std::string fmt_bytes(int bytes) { return "out of bounds: " + std::to_string(bytes) + " bytes that begin "; }

  GuardedTensor tensor_{host(), words * sizeof(std::uint32_t)};
};

TEST_F(GlobalMemory, HasBoundsForEveryWayToReachIt) {
  expect_bounds<Way::load>(4);
  expect_bounds<Way::load_16>(16);
  expect_bounds<Way::store>(4);
  expect_bounds<Way::atomic>(4);
  expect_bounds<Way::cp_async>(16);
  expect_bounds<Way::bulk_load>(64);
  expect_bounds<Way::bulk_store>(64);
}

TEST_F(GlobalMemory, MayBeNamedWhereNothingIsRead) {
  EXPECT_EQ(at<Way::cp_async>(words, 0), "");
  EXPECT_EQ(at<Way::cp_async>(words - 4, 8), "");
}

TEST_F(GlobalMemory, IsSmallerThanATensorMapSays) {
  for (const std::string& text : {at<Way::tma_load>(0), at<Way::tma_store>(0)})
    EXPECT_THAT(text, HasSubstr("out of bounds: 64 bytes that begin 32 bytes before the end of a tensor of 512 bytes"));
}

TEST_F(GlobalMemory, IsForgottenWithItsTensor) {
  std::uint32_t* old = nullptr;
  {
    const GuardedTensor other(host(), 64);
    old = static_cast<std::uint32_t*>(other.data());
    EXPECT_EQ(executor::guarded_globals().size(), 2u);
  }
  EXPECT_EQ(executor::guarded_globals().size(), 1u);
  EXPECT_EQ(executor::beside(executor::guarded_globals(), old - 4, 4), nullptr);
  GuardedTensor moved = std::move(tensor_);
  EXPECT_EQ(executor::guarded_globals().size(), 1u);
  tensor_ = std::move(moved);
}

}  // namespace
}  // namespace kernelgate::simt
