// Reports of one launch: what is right, what is one multiprocessor's alone, and what all have wrong.

#include <gtest/gtest.h>

#include "bench/accept/own_code.h"
#include "bench/accept/product_work.h"
#include "bench/accept/worker.h"
#include "harness/accept/fields_json.h"

namespace kernelgate::accept {
namespace {

constexpr sdc::Word right = 0xabcd;

std::vector<sdc::BlockReport> reports() {
  std::vector<sdc::BlockReport> all;
  for (sdc::Word block = 0; block < 8; ++block) all.push_back({block % 4, right, 0, 0, 0, 0, 0, 0});
  return all;
}

TEST(CompareReports, WhatIsRightIsNoFault) {
  Products products;
  compare_reports(sdc::Kind::f16, reports(), right, 7, products);
  EXPECT_EQ(products.wrong_launches, 0);
  EXPECT_TRUE(products.faults.empty());
}

TEST(CompareReports, OneThatIsWrongAloneIsNamed) {
  std::vector<sdc::BlockReport> all = reports();
  all[6] = {2, 0x9999, 1, 5, 201, 13, 0x10, 0x30};
  Products products;
  products.phase = "hot";
  compare_reports(sdc::Kind::f16, all, right, 7, products);
  EXPECT_EQ(products.wrong_launches, 1);
  ASSERT_EQ(products.faults.size(), 1u);
  const Fault& fault = products.faults[0];
  EXPECT_EQ(fault.multiprocessor, 2);
  EXPECT_EQ(fault.launch, 7);
  EXPECT_EQ(fault.pass, 5);
  EXPECT_EQ(fault.warp, 6);
  EXPECT_EQ(fault.row, 18);  // thread 201 is lane 9 of warp 6; word 13 of fragments 1 and 1
  EXPECT_EQ(fault.column, 11);
  EXPECT_EQ(fault.got, "0x00000010");
  EXPECT_TRUE(fault.alone);
}

// A reference from the same GPU would not see this one.
TEST(CompareReports, WhereAllAgreeAndAreWrongItIsNobodysAlone) {
  std::vector<sdc::BlockReport> all = reports();
  for (sdc::BlockReport& one : all) one.digest = 0x9999;
  Products products;
  compare_reports(sdc::Kind::f16, all, right, 0, products);
  EXPECT_EQ(products.wrong_launches, 1);
  ASSERT_EQ(products.faults.size(), 8u);
  EXPECT_FALSE(products.faults[0].alone);
  EXPECT_EQ(products.faults[0].got, "") << "the digest alone tells";
  compare_reports(sdc::Kind::f16, all, right, 1, products);
  EXPECT_EQ(products.wrong_launches, 2);
  EXPECT_EQ(products.faults.size(), 8u) << "the first are kept";
}

TEST(CompareReports, ABlockThatWroteNothingIsAFault) {
  std::vector<sdc::BlockReport> all = reports();
  all[3] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
  Products products;
  compare_reports(sdc::Kind::f16, all, right, 0, products);
  ASSERT_EQ(products.faults.size(), 1u);
  EXPECT_EQ(products.faults[0].multiprocessor, -1);
}

TEST(WorkersLines, AddUpToWhatWasMeasured) {
  Load load;
  take_line(R"({"doing": "its memory"})", load);
  take_line(R"({"add_sample": {"at_s": 1, "flop_per_s": 5}})", load);
  take_line(R"({"add_products": {"kind": "f16", "phase": "cold", "launches": 10}})", load);
  take_line(R"({"add_products": {"kind": "f16", "phase": "cold", "launches": 20}})", load);
  take_line(R"({"add_products": {"kind": "f16", "phase": "hot", "launches": 5}})", load);
  take_line("this is no JSON", load);
  EXPECT_EQ(load.error, "");
  take_line(R"({"add_sample": {"at_s": null}})", load);
  EXPECT_NE(load.error, "") << "no number: not taken for one, and no reason to end";
  load.samples.pop_back();
  EXPECT_EQ(load.doing, "its memory");
  EXPECT_EQ(load.samples.size(), 1u);
  ASSERT_EQ(load.products.size(), 2u) << "a later word of the same takes the place of the earlier";
  EXPECT_EQ(load.products[0].launches, 20);
}

TEST(OwnCode, ImagesFitTheirArchitecture) {
  const OwnImage of_80{80, false, "", {}}, of_90a{90, true, "", {}};
  EXPECT_TRUE(of_80.fits(80));
  EXPECT_TRUE(of_80.fits(86));
  EXPECT_FALSE(of_80.fits(75));
  EXPECT_FALSE(of_80.fits(90));
  EXPECT_TRUE(of_90a.fits(90));
  EXPECT_FALSE(of_90a.fits(91));
}

TEST(OwnCode, ANameIsNotFoundWithinAnother) {
  const std::vector<OwnImage> images = {{80, false, "old", {"_ZN3sdc8sdc_bf16ENS_3RunE", "_ZN3sdc7sdc_f16ENS_3RunE"}},
                                        {86, false, "new", {"_ZN3sdc7sdc_f16ENS_3RunE"}}};
  EXPECT_EQ(find_kernel(images, "sdc_f16", 80).symbol, "_ZN3sdc7sdc_f16ENS_3RunE");
  EXPECT_EQ(find_kernel(images, "sdc_f16", 86).image->bytes, "new");
  EXPECT_EQ(find_kernel(images, "sdc_bf16", 86).image->bytes, "old");
  EXPECT_EQ(find_kernel(images, "sdc_f16", 90).image, nullptr);
}

#if KERNELGATE_HAS_CUDA
TEST(OwnCode, ThisProgramHasItsKernels) {
  const std::vector<OwnImage> images = own_images({"sdc_f16", "memory_check"});
  const int first = std::atoi(KERNELGATE_FIRST_ARCH);
  EXPECT_NE(find_kernel(images, "sdc_f16", first).image, nullptr);
  EXPECT_NE(find_kernel(images, "memory_check", first).image, nullptr);
}
#endif

}  // namespace
}  // namespace kernelgate::accept
