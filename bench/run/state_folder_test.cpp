#include "bench/run/state_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace kernelgate {
namespace {

/// What the environment says, put back at the end.
class StateFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"KERNELGATE_STATE", "XDG_STATE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_[name] = value != nullptr ? std::optional<std::string>(value) : std::nullopt;
      unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      unsetenv(name.c_str());
      if (value) setenv(name.c_str(), value->c_str(), 1);
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(StateFolder, IsWhatIsNamedFirst) {
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(state_folder(), "/home/somebody/.local/state/kernelgate");
  setenv("XDG_STATE_HOME", "/var/states", 1);
  EXPECT_EQ(state_folder(), "/var/states/kernelgate");
  setenv("KERNELGATE_STATE", "here", 1);
  EXPECT_EQ(state_folder(), "here");
}

TEST_F(StateFolder, WhatIsEmptyOrNotAbsoluteIsNotNamed) {
  setenv("HOME", "/home/somebody", 1);
  setenv("XDG_STATE_HOME", "states", 1);
  setenv("KERNELGATE_STATE", "", 1);
  EXPECT_EQ(state_folder(), "/home/somebody/.local/state/kernelgate");
}

TEST_F(StateFolder, WithoutHomeItIsThatOfTheAccount) {
  const auto folder = state_folder();
  EXPECT_TRUE(folder.empty() || folder.is_absolute()) << folder;
}

}  // namespace
}  // namespace kernelgate
