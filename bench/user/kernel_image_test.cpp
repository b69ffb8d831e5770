// What is told of machine code and PTX without a GPU.
#include "bench/user/kernel_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/paths_for_test.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class KernelImageTest : public ::testing::Test {
 protected:
  KernelImage image_of(const std::string& bytes) const {
    const std::string file = (folder_.path() / "image").string();
    std::ofstream(file, std::ios::binary) << bytes;
    return read_kernel_image(file);
  }
  TemporaryFolder folder_;
};

TEST_F(KernelImageTest, PtxSaysItsKernelsAndWhatTheyTake) {
  const KernelImage image = image_of(R"(
.version 8.0
.target sm_90a, texmode_independent // .entry not_this_one(
.address_size 64
/* .entry nor_this_one( */
.visible .entry one(
	.param .u64 .ptr .global .align 16 one_param_0,
	.param .align 64 .b8 one_param_1[128],
	.param .f32 one_param_2, .param .u16 one_param_3
)
.maxntid 128
{ ret; }
.entry none
{ ret; }
)");
  EXPECT_TRUE(image.ptx);
  EXPECT_EQ(image.architecture, 90);
  ASSERT_EQ(image.entries.size(), 2u);
  EXPECT_EQ(image.entries[0].symbol, "one");
  EXPECT_THAT(*image.entries[0].parameters, ElementsAre(8, 128, 4, 2));
  EXPECT_EQ(image.entries[1].symbol, "none");
  EXPECT_THAT(*image.entries[1].parameters, ElementsAre());
  EXPECT_EQ(image.bytes.back(), '\0');
  EXPECT_EQ(image.why_not_on(100), "");
  EXPECT_THAT(image.why_not_on(89), HasSubstr("is PTX for sm_90, and this GPU is sm_89"));
}

TEST_F(KernelImageTest, AKernelIsFoundByItsNameInTheSourceToo) {
  KernelImage image{"mine.cubin", ""};
  image.entries = {{"_Z5saxpyPKfi", {}}, {"_ZN4mine5scaleEPf", {}}, {"_ZN5yours5scaleEPf", {}}, {"plain", {}}};
  EXPECT_EQ(image.find("plain").symbol, "plain");
  EXPECT_EQ(image.find("saxpy").symbol, "_Z5saxpyPKfi");
  EXPECT_EQ(image.find("_ZN5yours5scaleEPf").symbol, "_ZN5yours5scaleEPf");
  EXPECT_THAT([&] { image.find("scale"); },
              ThrowsMessage<HarnessError>(HasSubstr("several kernels have the name 'scale'")));
  EXPECT_THAT(
      [&] { image.find("gemm"); },
      ThrowsMessage<HarnessError>(HasSubstr("mine.cubin: there is no kernel 'gemm'; its kernels: _Z5saxpyPKfi, ")));
}

TEST_F(KernelImageTest, ACubinSaysItsKernelsAndWhatTheyTake) {
  if (std::string_view(KERNELGATE_NVCC).empty()) GTEST_SKIP() << "no nvcc, so no cubin to read";
  const std::string cubin = (folder_.path() / "saxpy.cubin").string();
  ASSERT_EQ(std::system(fmt::format("'{}' -cubin -arch=sm_80 -o '{}' '{}/examples/own_kernel_cubin/saxpy.cu'",
                                    KERNELGATE_NVCC, cubin, source_folder().string())
                            .c_str()),
            0);
  const KernelImage image = read_kernel_image(cubin);
  EXPECT_FALSE(image.ptx);
  EXPECT_EQ(image.architecture, 80);
  ASSERT_EQ(image.entries.size(), 1u);
  EXPECT_EQ(image.entries[0].symbol, "saxpy");
  ASSERT_TRUE(image.entries[0].parameters);
  EXPECT_THAT(*image.entries[0].parameters, ElementsAre(8, 8, 8, 4, 4));
  EXPECT_EQ(image.why_not_on(86), "");
  EXPECT_THAT(image.why_not_on(90), HasSubstr("is code of sm_80, and this GPU is sm_90"));
}

TEST_F(KernelImageTest, AProgramForTheHostIsNoKernel) {
  EXPECT_THAT([] { read_kernel_image("/proc/self/exe"); },
              ThrowsMessage<HarnessError>(HasSubstr("no machine code of a GPU")));
}

TEST_F(KernelImageTest, DamagedCodeIsRefusedAndNothingIsReadBeyondIt) {
  EXPECT_THAT([&] { image_of(""); }, ThrowsMessage<HarnessError>(HasSubstr("is neither a cubin nor PTX")));
  std::ifstream self("/proc/self/exe", std::ios::binary);
  std::string head(4096, '\0');
  self.read(head.data(), 4096);
  head[18] = static_cast<char>(190);
  EXPECT_THROW(image_of(head), HarnessError);
  for (std::size_t cut : {4, 16, 63, 64, 200}) EXPECT_THROW(image_of(head.substr(0, cut)), HarnessError);
}

}  // namespace
}  // namespace kernelgate
