#pragma once
// What the tests of the executor share.

#include <gtest/gtest.h>

#include <string>

#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::simt {

/// The text of the Fault that `run` throws; empty if it throws none.
template <class Run>
std::string fault_of(Run&& run) {
  try {
    run();
  } catch (const Fault& fault) {
    return fault.what();
  }
  return {};
}

/// Each test starts from the default settings and leaves them behind.
class SimtTest : public testing::Test {
 protected:
  SimtTest() { reset(); }
  ~SimtTest() override { reset(); }

 private:
  static void reset() {
    set_seed(1);
    set_host_threads(0);
    set_poll_limit(60);
  }
};

}  // namespace kernelgate::simt
