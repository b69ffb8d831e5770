// Implementations find their way into the program by registration alone: sorted, told apart, once for all threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "kernels/op/op.h"

namespace kernelgate {
namespace {

/// An op that nobody computes. Each `N` has a registry of its own, since a registry is read once.
template <int N>
struct Nothing {
  static constexpr std::string_view name = "nothing";
  struct Problem {};
  struct Buffers {};
  static std::string problem_name(const Problem&) { return "0"; }
  static void validate(const Problem&) {}
  static Work work(const Problem&) { return {}; }
  static std::vector<TensorSpec> inputs(const Problem&) { return {}; }
  static TensorSpec output(const Problem&) { return {}; }
  static void fill(const Problem&, std::uint64_t, std::span<void* const>) {}
  static Buffers bind(const Problem&, std::span<void* const>) { return {}; }
  static std::vector<std::int64_t> check_indices(const Problem&, double, std::uint64_t) { return {}; }
  static void reference(const Problem&, const Buffers&, std::span<const std::int64_t>, std::span<Expected>) {}
};

template <int N>
void add(const std::string& name, Origin origin, DeviceKind device, const char* file = "a.cu") {
  Register<Nothing<N>>({name, origin, device, {}, {}}, file);
}

template <int N>
std::string refusal() {
  try {
    Implementations<Nothing<N>>::sorted();
  } catch (const Error& why) {
    return why.what();
  }
  return "";
}

TEST(Implementations, IsSortedByDeviceOriginAndName) {
  add<0>("b", Origin::ours, DeviceKind::cpu);
  add<0>("a", Origin::peer, DeviceKind::cpu);
  add<0>("z", Origin::ours, DeviceKind::cuda);
  add<0>("a", Origin::ours, DeviceKind::simt);
  std::vector<std::string> names;
  for (const auto& i : Implementations<Nothing<0>>::sorted())
    names.push_back(std::string(to_string(i.device)) + "/" + i.name);
  EXPECT_THAT(names, testing::ElementsAre("cuda/z", "cpu/b", "cpu/a", "simt/a"));
}

TEST(Implementations, RefusesTwoOfOneNameAndNamesBothFiles) {
  add<1>("sm75_x", Origin::ours, DeviceKind::simt, "/home/a/src/kernels/nothing/sm75_x.cu");
  add<1>("sm75_y", Origin::ours, DeviceKind::simt, "/home/a/src/kernels/nothing/sm75_y.cu");
  add<1>("sm75_x", Origin::ours, DeviceKind::simt, "/home/a/src/kernels/nothing/sm80_copy.cu");
  const std::string text =
      "nothing: two implementations for simt are named sm75_x, in kernels/nothing/sm75_x.cu and in "
      "kernels/nothing/sm80_copy.cu; rename one";
  EXPECT_EQ(refusal<1>(), text);
  EXPECT_EQ(refusal<1>(), text);  // not only who asks first
}

// In the order by origin they are no neighbours.
TEST(Implementations, RefusesAPeerThatIsNamedLikeOneOfOurs) {
  add<2>("x", Origin::ours, DeviceKind::cpu, "kernels/nothing/x.cpp");
  add<2>("y", Origin::ours, DeviceKind::cpu, "kernels/nothing/y.cpp");
  add<2>("x", Origin::peer, DeviceKind::cpu, "bench/peers/x/x.cpp");
  EXPECT_THAT(refusal<2>(), testing::HasSubstr("bench/peers/x/x.cpp and in kernels/nothing/x.cpp"));
}

TEST(Implementations, TakesOneNameOnTwoDevices) {
  add<3>("x", Origin::ours, DeviceKind::simt);
  add<3>("x", Origin::ours, DeviceKind::cuda);
  EXPECT_EQ(refusal<3>(), "");
}

TEST(Implementations, RefusesWhatComesAfterItWasRead) {
  add<4>("x", Origin::ours, DeviceKind::simt);
  Implementations<Nothing<4>>::sorted();
  EXPECT_THROW(add<4>("y", Origin::ours, DeviceKind::simt), Error);
}

TEST(Implementations, GivesAllThreadsTheSame) {
  for (int i = 0; i < 50; ++i) add<5>("x" + std::to_string(i * 37 % 50), Origin::ours, DeviceKind::simt);
  std::vector<const void*> seen(8);
  {
    std::vector<std::jthread> threads;
    for (const void*& one : seen) threads.emplace_back([&one] { one = Implementations<Nothing<5>>::sorted().data(); });
  }
  EXPECT_THAT(seen, testing::Each(Implementations<Nothing<5>>::sorted().data()));
  EXPECT_TRUE(std::ranges::is_sorted(Implementations<Nothing<5>>::sorted(), {}, &Implementation<Nothing<5>>::name));
}

}  // namespace
}  // namespace kernelgate
