// What registers itself is found by its name, in order, and two of one name are refused.
#include "harness/base/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kernelgate {
namespace {

struct Fruit {
  std::string_view name;
  int seeds;
};

NamedRegistry<Fruit>& fruits() {
  static NamedRegistry<Fruit> all("fruit");
  return all;
}

using RegisterFruit = Registered<Fruit, fruits>;
const RegisterFruit registered{{"pear", 5}};
const RegisterFruit registered_too{{"fig", 900}};
const RegisterFruit registered_last{{"plum", 1}};

TEST(Registry, IsSortedByName) {
  EXPECT_EQ(fruits().names(), "fig, pear, plum");
  ASSERT_EQ(fruits().all().size(), 3U);
  EXPECT_EQ(fruits().all()[1].seeds, 5);
}

TEST(Registry, FindsByName) { EXPECT_EQ(fruits().find("plum").seeds, 1); }

TEST(Registry, AnUnknownNameIsAUsageErrorThatListsThem) {
  try {
    fruits().find("nut");
    FAIL();
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_STREQ(error.what(), "there is no fruit 'nut'; there are: fig, pear, plum");
  }
}

TEST(RegistryDeathTest, TwoOfOneNameEndTheProgramWithBothFiles) {
  EXPECT_EXIT(fruits().add({"fig", 1}, "other.cpp"), testing::ExitedWithCode(1),
              "the fruit 'fig' is registered twice, in .*registry_test.cpp and in other.cpp; rename one");
}

}  // namespace
}  // namespace kernelgate
