#include "harness/predict/vendor/vendor_ratios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace kernelgate::predict {
namespace {

using ::testing::HasSubstr;

/// Two measured problems, and one of which others published the hot time alone.
VendorTimes measured() {
  VendorTimes all{.gpu = "x", .measured = "2026-01-01", .on = "one X", .source = "a page", .times = {}};
  all.times = {{"matmul/p", 8e-6, 6e-6, "cublas", "cublaslt", ""},
               {"matmul/q", 2e-6, 1e-6, "cublas", "cublas", ""},
               {"conv2d/r", 0, 9e-6, "", "cudnn", "another page"}};
  return all;
}

const std::array<OurTime, 6> ours{{{"matmul/p/ours", 4e-6, 3e-6},
                                   {"matmul/q/ours", 4e-6, 2e-6},
                                   {"matmul/p/sm80_idea", 8e-6, 8e-6},
                                   {"matmul/never_measured/ours", 1e-6, 1e-6},
                                   {"matmul/q/no_ground", 0, 0},
                                   {"conv2d/r/ours", 3e-6, 3e-6}}};

TEST(VendorRatios, AreOfTheCasesThatWereMeasured) {
  const auto ratios = vendor_ratios(ours, measured());
  ASSERT_EQ(ratios.size(), 4u);
  EXPECT_EQ(ratios[0].ours.name, "matmul/p/ours");
  EXPECT_DOUBLE_EQ(ratios[0].cold(), 2);
  EXPECT_DOUBLE_EQ(ratios[0].hot(), 2);
  EXPECT_DOUBLE_EQ(ratios[1].cold(), 0.5);
  EXPECT_EQ(ratios[3].ours.name, "conv2d/r/ours");
  EXPECT_EQ(ratios[3].cold(), 0) << "nobody published it";
  EXPECT_DOUBLE_EQ(ratios[3].hot(), 3);
}

TEST(VendorRatios, AreSummedUpForEachImplementation) {
  const auto all = summaries(vendor_ratios(ours, measured()));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].op, "matmul");
  EXPECT_EQ(all[0].implementation, "ours");
  EXPECT_EQ(all[0].cold.problems, 2);
  EXPECT_DOUBLE_EQ(all[0].cold.geometric_mean, 1) << "of 2 and 1/2: not their mean, which is 1.25";
  EXPECT_DOUBLE_EQ(all[0].cold.least, 0.5);
  EXPECT_EQ(all[0].cold.least_of, "matmul/q/ours");
  EXPECT_EQ(all[1].implementation, "sm80_idea");
  EXPECT_DOUBLE_EQ(all[1].hot.least, 0.75);
  EXPECT_EQ(all[2].op, "conv2d");
  EXPECT_EQ(all[2].cold.problems, 0);
  EXPECT_DOUBLE_EQ(all[2].hot.geometric_mean, 3);
}

TEST(VendorRatios, SayWhatWasMeasuredAndWhatOthersPublished) {
  const VendorTimes vendor = measured();
  const std::string text = to_text(vendor_ratios(ours, vendor), vendor);
  EXPECT_THAT(text, HasSubstr("theirs was MEASURED on one X, 2026-01-01 (a page)"));
  EXPECT_THAT(text, HasSubstr("cublas, cublaslt\n"));
  EXPECT_THAT(text, HasSubstr("cudnn; not by us: another page\n"));
  EXPECT_THAT(text, HasSubstr("matmul/ours; cold: 2 problems, geometric mean 1.00, least 0.50 (matmul/q); hot: 2"));
  EXPECT_THAT(text, HasSubstr("conv2d/ours; hot: 1 problem, geometric mean 3.00"));
  EXPECT_EQ(to_text({}, vendor), "");
}

}  // namespace
}  // namespace kernelgate::predict
