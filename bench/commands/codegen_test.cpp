// codegen through the program: its own kernels, and kernels that nvcc makes here to spill and to serialise.

#include "bench/commands/built_with_cuda_for_test.h"
#include "bench/commands/program_for_test.h"
#include "harness/base/paths_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CodegenCommand : public ProgramTest {
 protected:
  static constexpr const char* nvcc_version = "13.0.88";

  json facts(const std::string& arguments, int code = 0) {
    EXPECT_EQ(run("codegen --json " + arguments), code) << err_;
    return json::parse(out_, nullptr, false);
  }

  /// Compiles one of the recorded sources as the build compiles kernels: its log is kept.
  void compile(const std::string& stem, const std::string& options) const {
    const std::string root = source_folder(), source = "harness/codegen/testdata/" + stem + ".cu";
    const std::string command = fmt::format(
        "'{0}/cmake/keep_ptxas_log.sh' {1} '{2}' '{3}' -std=c++20 -gencode arch=compute_90a,code=sm_90a -Xptxas=-v {4} "
        "-c '{0}/{2}' "
        "-o '{5}/{6}.o' 2>'{5}/{6}.err'",
        root, nvcc_version, source, KERNELGATE_NVCC, options, folder_.string(), stem);
    ASSERT_EQ(std::system(command.c_str()), 0) << read(stem + ".err");
  }

  /// A baseline of what `codegen --json` said of one architecture.
  void store(const json& architecture) const {
    json document{
        {"kernelgate_codegen", 1}, {"reason", "test"}, {"accepted_utc", "now"}, {"commit", "abc"}, {"dirty", false}};
    for (const char* field : {"arch", "nvcc", "cuobjdump", "kernels"}) document[field] = architecture[field];
    std::filesystem::create_directories(folder_ / "stored/codegen");
    write("stored/codegen/" + architecture["arch"].get<std::string>() + ".json", document.dump(1));
  }

  /// The first architecture that the program was built for: disassembling all of them takes its time.
  const std::string arch_ = KERNELGATE_FIRST_ARCH;

  /// Whether instructions can be counted here: asked of a file that is refused only after the tools were found.
  bool has_tools() {
    write("no_code.o", "no code\n");
    return run("codegen --need-instructions no_code.o") != 77;
  }
};

TEST_F(CodegenCommand, SaysWhatIsMissingInABuildWithoutCuda) {
  if (built_with_cuda) GTEST_SKIP() << "built with CUDA";
  expect_refusal(77, "codegen", "it was built without a CUDA compiler; build with one");
  expect_refusal(77, "codegen --accept --reason x --baselines stored", "without a CUDA compiler");
}

TEST_F(CodegenCommand, KnowsItsOwnKernels) {
  if (!built_with_cuda) GTEST_SKIP() << "built without CUDA";
  const json arch = facts("--baselines none --arch " + arch_)["architectures"][0];
  EXPECT_EQ(arch["arch"], "sm" + arch_);
  EXPECT_EQ(arch["verdict"], "NO_BASELINE");
  EXPECT_FALSE(arch["nvcc"].get<std::string>().empty());
  bool matmul = false;
  for (const json& kernel : arch["kernels"]) {
    const std::string name = kernel["kernel"];
    EXPECT_THAT(name, Not(HasSubstr("anonymous")));
    EXPECT_THAT(name, Not(HasSubstr("kernels/")));
    EXPECT_TRUE(kernel["registers"].is_null() || kernel["registers"] > 0) << name;
    matmul = matmul || name.starts_with("matmul/sm75_multistage: matmul_multistage<MultistageConfig<");
  }
  EXPECT_TRUE(matmul);
}

TEST_F(CodegenCommand, AcceptsItsOwnKernelsAndFindsThemTheSame) {
  if (!built_with_cuda) GTEST_SKIP() << "built without CUDA";
  const std::string accept = "codegen --accept --reason first --allow-dirty --baselines stored --arch " + arch_;
  if (!has_tools()) {
    expect_refusal(1, accept, "instruction counts");
    GTEST_SKIP() << "no cuobjdump or no nvdisasm here";
  }
  ASSERT_EQ(run(accept), 0) << err_;
  EXPECT_EQ(out_, "accepted into stored/codegen/sm" + arch_ + ".json\n");
  EXPECT_EQ(run("codegen --strict --baselines stored --arch " + arch_), 0) << out_;
  EXPECT_THAT(out_, HasSubstr("  matmul/sm75_multistage\n"));
  EXPECT_THAT(out_, HasSubstr(": SAME (baseline of "));
  EXPECT_EQ(run("baseline list --json --baselines stored"), 0) << err_;
  EXPECT_TRUE(json::parse(out_)["baselines"].empty()) << "machine code is no device";
}

TEST_F(CodegenCommand, GivesTheVerdictsExitCode) {
  if (!built_with_cuda) GTEST_SKIP() << "built without CUDA";
  compile("spills", "");
  const json good = facts("spills.o --baselines none")["architectures"][0];
  const std::string compare = "codegen spills.o --changes --baselines stored";
  json base = good;
  base["kernels"][0]["registers"] = 8;
  store(base);
  EXPECT_EQ(run(compare), 0);
  EXPECT_THAT(out_, HasSubstr(": registers 8 -> "));
  EXPECT_EQ(run(compare + " --strict"), 4);
  base = good;
  base["nvcc"] = "1.0";
  store(base);
  EXPECT_EQ(run(compare), 0);
  EXPECT_THAT(out_, HasSubstr("NOT_COMPARABLE (nvcc "));
  write("stored/codegen/sm90a.json", good.dump().substr(0, 200));
  expect_refusal(1, compare, "truncated");
  if (!has_tools()) return;
  base = good;
  base["kernels"][0]["instructions"]["HMMA"] = 8;
  store(base);
  EXPECT_EQ(run(compare), 3);
  EXPECT_THAT(out_, HasSubstr("HMMA 8 -> 0; it no longer uses the Tensor Cores"));
}

TEST_F(CodegenCommand, SeesAKernelThatSpills) {
  if (!built_with_cuda) GTEST_SKIP() << "built without CUDA";
  compile("spills", "");
  const json roomy = facts("spills.o --baselines none");
  store(roomy["architectures"][0]);
  const json again = facts("spills.o --baselines stored")["architectures"][0];
  EXPECT_THAT(again["verdict"], AnyOf("SAME", "INCONCLUSIVE")) << "the latter without a disassembler";
  compile("spills", "-maxrregcount=16");
  const json tight = facts("spills.o --baselines stored", 3)["architectures"][0];
  EXPECT_EQ(tight["verdict"], "REGRESSED");
  const std::string name = "harness/codegen/testdata/spills: spilling<Policy<16, true>, (Layout)1>";
  bool seen = false;
  for (const json& one : tight["differences"])
    seen = seen || (one["kernel"] == name && one["what"] == "spill stores (bytes)" && one["before"] == 0 &&
                    one["after"] > 0 && one["fails"] == true);
  EXPECT_TRUE(seen) << tight["differences"].dump(1);
}

TEST_F(CodegenCommand, SeesAWgmmaThatIsSerialised) {
  if (!built_with_cuda) GTEST_SKIP() << "built without CUDA";
  compile("wgmma", "");
  json found = facts("wgmma.o --baselines none")["architectures"][0];
  found["kernels"] = json::array();
  store(found);
  EXPECT_EQ(run("codegen --changes wgmma.o --baselines stored"), 3) << err_;
  EXPECT_THAT(out_, HasSubstr("FAILS    harness/codegen/testdata/wgmma: product<true>: note C75"));
  EXPECT_THAT(out_, Not(HasSubstr("FAILS    harness/codegen/testdata/wgmma: product<false>")));
  // The launcher keeps the figures to itself and passes on what a person must see.
  EXPECT_THAT(read("wgmma.err"), HasSubstr("instructions are serialized"));
  EXPECT_THAT(read("wgmma.err"), Not(HasSubstr("registers, used")));
}

TEST_F(CodegenCommand, KeepsNoLogOfACompilationThatFails) {
  const std::string launcher = (source_folder() / "cmake/keep_ptxas_log.sh").string();
  write("x.o.ptxas", "of an earlier compilation");
  EXPECT_NE(std::system(fmt::format("cd '{}' && '{}' 1.0 x.cu sh -c 'echo broken >&2; exit 7' -o x.o 2>err",
                                    folder_.string(), launcher)
                            .c_str()),
            0);
  EXPECT_EQ(read("err"), "broken\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.o.ptxas"));
}

TEST_F(CodegenCommand, NamesWhatItCantUse) {
  write("text.o", "no code\n");
  expect_refusal(1, "codegen missing.o", "'missing.o' is no file; name a program");
  expect_refusal(1, "codegen --arch hopper", "'hopper' is no GPU architecture; write it as 90a");
  expect_refusal(1, "codegen text.o --accept --reason x", "leave out the files");
  if (!built_with_cuda) return;
  expect_refusal(1, "codegen --accept --baselines stored", "--reason TEXT");
  expect_refusal(1, "codegen --arch 52", "no kernels for sm52");
  if (has_tools()) expect_refusal(1, "codegen text.o", "cuobjdump can't read 'text.o'");
  write("text.o.ptxas", "ptxas info : Used x registers\n");
  expect_refusal(1, "codegen text.o", "registers of no kernel");
}

}  // namespace
}  // namespace kernelgate
