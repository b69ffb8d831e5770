#include "bench/run/sides/read_side.h"

#include <gtest/gtest.h>

#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

class ReadSide : public BaselineFolder {};

TEST_F(ReadSide, TakesAResultOrABaseline) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  write_result(result_at(1e-3), folder_ / "result.json");
  EXPECT_EQ(read_side(matmul()).cases.size(), 2u);
  EXPECT_EQ(read_side(folder_ / "result.json").cases.size(), 3u);
}

}  // namespace
}  // namespace kernelgate
