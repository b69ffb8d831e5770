#include "kernels/pipeline/windows.h"

#include <gtest/gtest.h>

#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

using pipeline::Windows;

class WindowsOn : public OpOn<Windows> {};

TEST_P(WindowsOn, AreCut) {
  prove({.rows = 80, .columns = 16, .frames = 1});
  prove({.rows = 80, .columns = 3 + 16, .frames = 2});
  prove({.rows = 80, .columns = 100, .frames = 26});
  prove({.rows = 80, .columns = 100, .frames = 26}, misaligned(1));
}

INSTANTIATE_TEST_SUITE_P(Devices, WindowsOn, every_device(), device_name);

TEST(Windows, AreNotBehindTheEnd) {
  EXPECT_THROW(Windows::validate({.rows = 80, .columns = 18, .frames = 2}), InvalidProblem);
  EXPECT_NO_THROW(Windows::validate({.rows = 80, .columns = 19, .frames = 2}));
  EXPECT_THROW(Windows::validate({.rows = -1}), InvalidProblem);
}

}  // namespace
}  // namespace kernelgate
