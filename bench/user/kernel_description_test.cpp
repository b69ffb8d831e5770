// What people write into a description: read, or refused in one line that says where and what is right.
#include "bench/user/kernel_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "bench/user/described_problem.h"
#include "bench/user/description_for_test.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KernelDescriptionTest : public ::testing::Test {
 protected:
  /// The line with which it is refused; empty: it is not.
  std::string refusal(const nlohmann::json& described) const { return refusal_of(folder_.describe(described)); }
  static std::string refusal_of(const std::string& file) {
    try {
      own_problems(read_kernel_description(file));
      return "";
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      return error.what();
    }
  }
  std::string changed(const char* pointer, const nlohmann::json& value) const {
    nlohmann::json described = saxpy_json();
    described[nlohmann::json::json_pointer(pointer)] = value;
    return refusal(described);
  }
  std::string without(const char* field) const {
    nlohmann::json described = saxpy_json();
    described.erase(field);
    return refusal(described);
  }
  DescriptionFolder folder_;
};

TEST_F(KernelDescriptionTest, IsReadAndLaunchedAsItSays) {
  const KernelDescription kernel = read_kernel_description(folder_.describe(saxpy_json()));
  EXPECT_TRUE(kernel.own_op);
  EXPECT_EQ(kernel.symbol, "saxpy");
  float x = 0;
  const DriverLaunch launch = kernel.launch({{"n", 1000}}, {{"x", &x}, {"y", nullptr}, {"z", nullptr}});
  EXPECT_EQ(launch.grid, (simt::Dim3{4}));
  EXPECT_EQ(launch.block, (simt::Dim3{256}));
  ASSERT_EQ(launch.parameters.size(), 5u);
  EXPECT_EQ(launch.parameters[0], reinterpret_cast<std::uintptr_t>(&x));
  EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(launch.parameters[3])), 2.5f);
  EXPECT_EQ(launch.parameters[4], 1000u);
}

TEST_F(KernelDescriptionTest, ItsHashIsOfTheCodeAndOfHowItIsStarted) {
  const std::string hash = read_kernel_description(folder_.describe(saxpy_json())).code_hash;
  nlohmann::json other = saxpy_json();
  other["problems"][0]["sizes"]["n"] = 7;
  EXPECT_EQ(read_kernel_description(folder_.describe(other)).code_hash, hash);
  other["launch"]["block"] = {128};
  EXPECT_NE(read_kernel_description(folder_.describe(other)).code_hash, hash);
  folder_.write("saxpy.ptx", saxpy_ptx() + "// other\n");
  EXPECT_NE(read_kernel_description(folder_.describe(saxpy_json())).code_hash, hash);
}

TEST_F(KernelDescriptionTest, SaysWhatIsMissing) {
  for (const char* field :
       {"kernelgate_kernel", "name", "op", "code", "kernel", "arguments", "launch", "problems", "expected"})
    EXPECT_THAT(without(field), HasSubstr(std::string("field \"") + field + "\": is missing"));
  EXPECT_THAT(without("tensors"), HasSubstr("'saxpy' is no op of kernelgate; for one of your own say its \"tensors\""));
}

TEST_F(KernelDescriptionTest, NamesTheFieldAndTheRemedy) {
  EXPECT_THAT(changed("/kernelgate_kernel", 2), HasSubstr("this program reads version 1; take a newer one"));
  EXPECT_THAT(changed("/name", "../../etc"), HasSubstr("'../../etc' is no name; one is made of letters, digits and _"));
  EXPECT_THAT(changed("/op", "a\nb"), HasSubstr("'a\\x0ab' is no name"));
  EXPECT_THAT(changed("/code", "nothing.cubin"),
              HasSubstr("nothing.cubin: there is no such file; compile the kernel first"));
  EXPECT_THAT(changed("/kernel", "daxpy"), HasSubstr("there is no kernel 'daxpy'; its kernels: saxpy"));
  EXPECT_THAT(changed("/grid", {1}), HasSubstr("the field \"grid\" is not known"));
  EXPECT_THAT(changed("/launch/grid", {1, 1, 1, 1}), HasSubstr("must have one to three numbers or formulas"));
  EXPECT_THAT(changed("/launch/block", {"256 +"}), HasSubstr("launch, field \"block\": '256 +': at character 6"));
  EXPECT_THAT(changed("/launch/block", {nullptr}), HasSubstr("must be a number, or a text with a formula"));
  EXPECT_THAT(changed("/arguments/3", {{"f16", 1}}), HasSubstr("arguments, number 4: the field \"f16\" is not known"));
  EXPECT_THAT(changed("/arguments/3", nlohmann::json::object()), HasSubstr("must say one of tensor, scratch"));
  EXPECT_THAT(changed("/arguments/3", {{"f64", 1}}), HasSubstr("they are 5 of 8, 8, 8, 8, 4 bytes, and saxpy of"));
  EXPECT_THAT(changed("/tensors/0/type", "f8"), HasSubstr("'f8' is not known; right are f16, bf16, f32, i16"));
  EXPECT_THAT(changed("/tensors/0/role", "output"), HasSubstr("only one tensor may be the output"));
  EXPECT_THAT(changed("/tensors/2/role", "input"), HasSubstr("one must have the role output"));
  EXPECT_THAT(changed("/tensors/0/shape", {"m"}), HasSubstr("problems, number 1: "));
  EXPECT_THAT(changed("/tensors/0/shape", {"m"}), HasSubstr("there is no size 'm'; there are: n"));
  EXPECT_THAT(changed("/arguments/2", {{"tensor", "x"}}), HasSubstr("none is the output: {\"tensor\": \"z\"}"));
  EXPECT_THAT(changed("/problems/0/sizes/n", -1), HasSubstr("must be a whole number, 0 to"));
  EXPECT_THAT(changed("/problems/0/sizes/n", 1.5), HasSubstr("must be a whole number, 0 to"));
  EXPECT_THAT(changed("/problems/0/sizes/n", std::int64_t{1} << 59), HasSubstr("more than 2^40 elements"));
  EXPECT_THAT(changed("/expected/formula", "2.5 * x[i] + w[i]"),
              HasSubstr("there is no tensor 'w' to read; there are: x, y"));
  EXPECT_THAT(changed("/expected/formula", "x[i + 1000]"), HasSubstr("x has no place 1000"));
  EXPECT_THAT(changed("/expected/relative", -1), HasSubstr("must be 0 or more"));
  EXPECT_THAT(changed("/expected", {{"formula", "x[i]"}}), HasSubstr("how far may an output be off?"));
  EXPECT_THAT(changed("/expected/relative", 1), HasSubstr("zeros everywhere would be right"));
  EXPECT_THAT(changed("/expected", {{"relative", 1e-6}}), HasSubstr("files must say what is right"));
}

TEST_F(KernelDescriptionTest, OneLineAlsoForWhatIsNoDescription) {
  folder_.write("not.json", "{\"name\": \n nonsense}");
  EXPECT_THAT(refusal_of((folder_.path() / "not.json").string()), HasSubstr("no JSON: line 2, column"));
  folder_.write("list.json", "[1]");
  EXPECT_THAT(refusal_of((folder_.path() / "list.json").string()), HasSubstr("must be an object"));
  EXPECT_THAT(refusal_of((folder_.path() / "none.json").string()), HasSubstr("there is no such file"));
  EXPECT_THAT(refusal_of(folder_.path().string()), HasSubstr("is no regular file"));
  folder_.write("saxpy.ptx", "no code at all");
  EXPECT_THAT(refusal(saxpy_json()), HasSubstr("is neither a cubin nor PTX nor a fat binary"));
  folder_.write("saxpy.ptx", ".version 7.0\n.target sm_75\n");
  EXPECT_THAT(refusal(saxpy_json()), HasSubstr("there is no kernel in it"));
  folder_.write("saxpy.ptx",
                "\x7f"
                "ELF and then nothing");
  EXPECT_THAT(refusal(saxpy_json()), HasSubstr("is not an ELF file of 64 bits"));
}

TEST_F(KernelDescriptionTest, ALaunchThatNoGpuTakesIsSkippedWithTheReason) {
  const auto reason = [&](const char* pointer, const nlohmann::json& value, Device device = {}) {
    nlohmann::json described = saxpy_json();
    described[nlohmann::json::json_pointer(pointer)] = value;
    return read_kernel_description(folder_.describe(described)).supports(device, {{"n", 1000}}, {"x", "y", "z"}).reason;
  };
  EXPECT_EQ(reason("/launch/block", {256}), "");
  EXPECT_THAT(reason("/launch/grid", {"n - 1000"}),
              HasSubstr("grid is 0 in x ('n - 1000'); it must be 1 to 2147483647"));
  EXPECT_THAT(reason("/launch/grid", {"n * 90000000000000000"}), HasSubstr("2^63 or more"));
  EXPECT_THAT(reason("/launch/grid", {1, 70000}), HasSubstr("grid is 70000 in y"));
  EXPECT_THAT(reason("/launch/block", {64, 32}), HasSubstr("block has 2048 threads; at most 1024"));
  EXPECT_THAT(reason("/launch/cluster", {3}), HasSubstr("the cluster does not divide the grid"));
  EXPECT_THAT(reason("/launch/shared_bytes", 300000), HasSubstr("shared_bytes is 300000"));
  EXPECT_THAT(reason("/arguments/4", {{"i32", "n * 10000000"}}),
              HasSubstr("argument 5: 'n * 10000000' is 10000000000, which i32"));
  EXPECT_THAT(reason("/arguments/4", {{"u32", "-n"}}), HasSubstr("which u32 can't hold"));
  EXPECT_THAT(reason("/arguments/3", {{"f32", 1e300}}), HasSubstr("which f32 can't hold"));
  EXPECT_THAT(reason("/arguments/0", {{"tensor", "w"}}), HasSubstr("the problem has no tensor 'w'"));
  EXPECT_THAT(reason("/where", "n % 16 == 0"), HasSubstr("only where n % 16 == 0"));
  Device turing;
  turing.kind = DeviceKind::cuda;
  turing.compute_capability = 70;
  EXPECT_THAT(reason("/launch/block", {256}, turing), HasSubstr("is PTX for sm_75, and this GPU is sm_70"));
}

TEST_F(KernelDescriptionTest, GigantsAndStrangersBreakNoMessage) {
  EXPECT_THAT(changed("/name", std::string(100000, 'x')), Not(HasSubstr(std::string(100, 'x'))));
  EXPECT_EQ(changed("/problems/0/label", "a\nb\x1b[31m").find('\n'), std::string::npos);
  nlohmann::json many = saxpy_json();
  for (int i = 0; i < 300; ++i) many["arguments"].push_back({{"i32", 1}});
  EXPECT_THAT(refusal(many), HasSubstr("\"arguments\": more than 256"));
}

}  // namespace
}  // namespace kernelgate
