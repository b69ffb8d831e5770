// The parsers against what the real tools wrote (testdata/record.sh), and against text that can't be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/codegen/codegen_for_test.h"
#include "harness/codegen/kernel_name.h"
#include "harness/codegen/ptxas_log.h"
#include "harness/codegen/resource_usage.h"
#include "harness/codegen/sass.h"

namespace kernelgate {
namespace {

using for_test::recorded;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<KernelCode> named(std::vector<KernelCode> kernels) {
  name_kernels(kernels);
  return kernels;
}

const KernelCode& find(const std::vector<KernelCode>& kernels, const std::string& arch, const std::string& name) {
  for (const KernelCode& kernel : kernels)
    if (kernel.arch == arch && kernel.name.find(name) != std::string::npos) return kernel;
  throw std::runtime_error("no " + name);
}

TEST(PtxasLog, HasRegistersSpillsStackAndSharedMemoryOfEachArchitecture) {
  const auto kernels = named(parse_ptxas_log(recorded("spills.ptxas"), "log"));
  ASSERT_EQ(kernels.size(), 10U);
  const KernelCode& old = find(kernels, "sm80", "spilling<Policy<16, true>, (Layout)1>");
  EXPECT_EQ(old.nvcc, "13.0.88");
  EXPECT_EQ(old.file, "harness/codegen/testdata/spills");
  EXPECT_EQ(old.registers, 24);
  EXPECT_EQ(old.spill_store_bytes, 40);
  EXPECT_EQ(old.spill_load_bytes, 44);
  EXPECT_EQ(old.stack_bytes, 40);
  EXPECT_EQ(find(kernels, "sm90a", "spilling<").spill_store_bytes, 92);
  const KernelCode& tile = find(kernels, "sm90a", "shared_tile(float");
  EXPECT_EQ(tile.shared_bytes, 1024);
  EXPECT_EQ(tile.spill_store_bytes, 0);
  EXPECT_EQ(find(kernels, "sm80", "shared_tile(int").registers, 8);
}

TEST(PtxasLog, KeepsTheSpillsOfAFunctionThatIsNotInlined) {
  const auto kernels = named(parse_ptxas_log(recorded("spills.ptxas"), "log"));
  const KernelCode& helper = find(kernels, "sm90a", "helper");
  EXPECT_FALSE(helper.is_kernel());
  EXPECT_EQ(helper.spill_store_bytes, 16);
  EXPECT_EQ(find(kernels, "sm80", "helper").spill_store_bytes, 8);
  EXPECT_EQ(find(kernels, "sm90a", "calling").spill_store_bytes, 0) << "the caller's own figures";
  EXPECT_EQ(find(kernels, "sm90a", "calling").registers, 24);
}

TEST(PtxasLog, GivesNotesToTheirKernel) {
  const auto kernels = named(parse_ptxas_log(recorded("wgmma.ptxas"), "log"));
  ASSERT_EQ(kernels.size(), 2U);
  EXPECT_TRUE(find(kernels, "sm90a", "product<false>").notes.empty());
  const auto& notes = find(kernels, "sm90a", "product<true>").notes;
  ASSERT_EQ(notes.size(), 5U);
  EXPECT_EQ(notes[0].code, "C7517");
  EXPECT_EQ(notes[4].code, "C7511");
  EXPECT_EQ(notes[4].text,
            "Potential Performance Loss: wgmma.mma_async instructions are serialized due to insufficient register "
            "resources for the wgmma pipeline");
}

TEST(PtxasLog, GivesNotesToTheArchitectureThatFollowsThem) {
  // One ptxas run after another; a note comes before its own run and names no architecture.
  const std::string old_run =
      "ptxas info    : 0 bytes gmem\nptxas info    : Compiling entry function 'k' for 'sm_80'\n"
      "ptxas info    : Function properties for k\n"
      "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\nptxas info    : Used 8 registers\n";
  std::string new_run = old_run;
  new_run.replace(new_run.find("sm_80"), 5, "sm_90a");
  const auto kernels = parse_ptxas_log(
      old_run + "ptxas info    : (C7510) Potential Performance Loss in function 'k'\n" + new_run, "log", "file");
  ASSERT_EQ(kernels.size(), 2U);
  EXPECT_TRUE(kernels[0].notes.empty());
  EXPECT_THAT(kernels[1].notes, ElementsAre(CompilerNote{"C7510", "Potential Performance Loss"}));
}

TEST(PtxasLog, KnowsWhichNotesAreASerialisedWgmma) {
  for (const char* code : {"C7510", "C7511", "C7512", "C7513", "C7514", "C7515"})
    EXPECT_TRUE(is_wgmma_serialisation(code)) << code;
  for (const char* code : {"C7509", "C7516", "C7517", "C75", "", "C75110"})
    EXPECT_FALSE(is_wgmma_serialisation(code)) << code;
}

TEST(PtxasLog, RefusesWhatItCantUse) {
  const std::string kernel = "ptxas info    : Compiling entry function 'k' for 'sm_80'\n";
  const std::string properties = "ptxas info    : Function properties for k\n";
  const std::string frame = "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n";
  const std::string used = "ptxas info    : Used 8 registers\n";
  EXPECT_EQ(parse_ptxas_log(kernel + properties + frame + used, "log").size(), 1U);
  for (const auto& [text, why] : {std::pair{kernel, "no figures of kernel k for sm80"},
                                  {kernel + properties + frame, "no figures of kernel k"},
                                  {kernel + used, "no figures of kernel k"},
                                  {kernel + properties + "    0 bytes stack frame\n" + used, "no spills in"},
                                  {frame, "figures of no function"},
                                  {used, "registers of no kernel"},
                                  {properties + frame, "no architecture of k"},
                                  {"ptxas info    : Compiling entry function 'k'\n", "no function and architecture"},
                                  {"ptxas info    : (C7511) lost in function 'k'\n", "a note (C7511) on k"},
                                  {"ptxas info    : (C7511) lost\n", "a note on no function"},
                                  {kernel + properties + frame + "ptxas info    : Used x registers\n", "no number"},
                                  {"kernelgate: nvcc 13.0.88\n", "names no source"}})
    EXPECT_THAT([&text = text] { parse_ptxas_log(text, "the log"); },
                ThrowsMessage<ResultError>(AllOf(HasSubstr("the log: "), HasSubstr(why))))
        << text;
  EXPECT_THAT(
      [&] { parse_ptxas_log(kernel + properties + frame + "ptxas info : Used 99999999999999999999 registers\n", "l"); },
      ThrowsMessage<ResultError>(HasSubstr("no number")));
  // Whatever is cut off: an error, or what stands there; never a crash.
  const std::string whole = recorded("spills.ptxas");
  for (std::size_t length = 0; length < whole.size(); length += 61) try {
      EXPECT_LE(parse_ptxas_log(whole.substr(0, length), "log").size(), 10U);
    } catch (const HarnessError&) {
    }
}

TEST(Sass, CountsByClassAndArchitecture) {
  const auto counts = parse_sass(recorded("spills.sass"), "sass");
  EXPECT_EQ(counts.size(), 8U);
  const auto kernels = parse_ptxas_log(recorded("spills.ptxas"), "log");
  const auto of = [&](const std::string& arch, const std::string& name) {
    return counts.at({arch, find(named(kernels), arch, name).symbol});
  };
  // Counted in the recorded text by other means (awk).
  EXPECT_EQ(of("sm80", "spilling<").total, 175);
  EXPECT_EQ(of("sm80", "spilling<")["STL"], 9);
  EXPECT_EQ(of("sm80", "spilling<")["LDL"], 10);
  EXPECT_EQ(of("sm90a", "spilling<")["STL"], 21);
  EXPECT_EQ(of("sm90a", "spilling<")["LDG"], 32);
  const InstructionCounts tile = of("sm90a", "shared_tile(float");
  EXPECT_EQ(tile.total, 23) << "without NOPs, which pad";
  EXPECT_EQ(tile["BAR"], 1);
  EXPECT_EQ(tile["LDS"], 1);
  EXPECT_EQ(tile["STS"], 1);
  EXPECT_EQ(tile["HMMA"], 0);
}

TEST(Sass, CountsWhatIsUnderAPredicate) {
  const auto counts = parse_sass(
      "\t.target\tsm_80\n\t\tFunction : k\n"
      "        /*0000*/              @!P0 LDS R1, [R2] ;\n"
      "        /*0010*/             @UPT UTMALDG.2D [UR8], [UR4] ;\n"
      "        /*0020*/            { @P1 LDG.E R1, [R2] ;\n",
      "x");
  const InstructionCounts& k = counts.at({"sm80", "k"});
  EXPECT_EQ(k.total, 3);
  EXPECT_EQ(k["LDS"] + k["UTMALDG"] + k["LDG"], 3);
}

TEST(Sass, ReadsABareCubin) {
  const auto counts = parse_sass(recorded("wgmma.sass"), "sass");
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts.at({"sm90a", "_Z7productILb0EEvPfmm"})["HGMMA"], 4);
  EXPECT_EQ(counts.at({"sm90a", "_Z7productILb0EEvPfmm"}).total, 27);
  EXPECT_EQ(counts.at({"sm90a", "_Z7productILb1EEvPfmm"}).total, 30);
}

TEST(Sass, KnowsClasses) {
  EXPECT_EQ(instruction_class("LDG.E.128.CONSTANT"), "LDG");
  EXPECT_EQ(instruction_class("LDGSTS.E.BYPASS.128"), "LDGSTS");
  EXPECT_EQ(instruction_class("HGMMA.64x256x16.F32"), "HGMMA");
  EXPECT_EQ(instruction_class("UTCHMMA"), "UTCHMMA");
  EXPECT_EQ(instruction_class("FFMA.FTZ"), "FFMA");
  EXPECT_EQ(instruction_class("S2R"), "");
  for (const char* name : {"HMMA", "IMMA", "DMMA", "QMMA", "HGMMA", "UTCHMMA"}) EXPECT_TRUE(is_tensor_class(name));
  for (const char* name : {"FFMA", "LDSM", "FFMA2", ""}) EXPECT_FALSE(is_tensor_class(name));
  for (const char* name : {"HGMMA", "QGMMA", "UTCHMMA"}) EXPECT_TRUE(is_wide_tensor_class(name));
  for (const char* name : {"HMMA", "UTMALDG"}) EXPECT_FALSE(is_wide_tensor_class(name));
}

TEST(Sass, RefusesWhatItCantUse) {
  const std::string instruction = "        /*0000*/                   MOV R1, R2 ;\n";
  EXPECT_THAT([&] { parse_sass(instruction, "x"); }, ThrowsMessage<ResultError>(HasSubstr("outside a function")));
  EXPECT_THAT([&] { parse_sass("\tFunction : k\n", "x"); },
              ThrowsMessage<ResultError>(HasSubstr("for no architecture")));
  EXPECT_THAT([&] { parse_sass("\t.target\tsm_90a\n\tFunction : k\n  /*0000*/  ;\n", "x"); },
              ThrowsMessage<ResultError>(HasSubstr("no instruction in")));
  EXPECT_THAT([&] { parse_sass("\t.target\tppc\n", "x"); }, ThrowsMessage<HarnessError>(HasSubstr("ppc")));
  EXPECT_TRUE(parse_sass("", "x").empty());
}

TEST(ResourceUsage, HasAllButTheSpills) {
  const auto kernels = named(parse_resource_usage(recorded("spills.res_usage"), "x", "spills"));
  ASSERT_EQ(kernels.size(), 8U);
  const KernelCode& spilling = find(kernels, "sm80", "spills: spilling<");
  EXPECT_EQ(spilling.registers, 24);
  EXPECT_EQ(spilling.stack_bytes, 40);
  EXPECT_FALSE(spilling.spill_store_bytes);
  EXPECT_EQ(find(kernels, "sm80", "shared_tile(float").shared_bytes, 1024);
  EXPECT_EQ(parse_resource_usage(recorded("wgmma.res_usage"), "x", "wgmma", "sm90a").front().arch, "sm90a");
}

TEST(ResourceUsage, RefusesWhatItCantUse) {
  for (const auto& [text, why] : {std::pair{"arch = sm_80\n Function k:\n", "no figures of k"},
                                  {"arch = sm_80\n Function k:\n  REG:8 SHARED:0\n", "no figures of k in"},
                                  {"arch = sm_80\n Function k:\n Function l:\n", "no figures of k"},
                                  {"arch = sm_80\n Function k:\n  REG:x STACK:0 SHARED:0\n", "no figures of k in"},
                                  {" Function k:\n  REG:8 STACK:0 SHARED:0\n", "no architecture of k"}})
    EXPECT_THAT([&text = text] { parse_resource_usage(text, "x", "file"); }, ThrowsMessage<ResultError>(HasSubstr(why)))
        << text;
}

TEST(KernelName, IsShortAndTheSameInEveryBuild) {
  const std::string head = "_ZN10kernelgate52_GLOBAL__N__",
                    tail = "8mel_tileINS0_6ConfigILi400ELi160ELi7EEEEEvNS0_6ParamsE";
  const std::string one = short_name(head + "2a1e5f4f_13_sm75_fused_cu_59f28b3b_19595" + tail);
  EXPECT_EQ(one, "mel_tile<Config<400, 160, 7>>");
  EXPECT_EQ(short_name(head + "77777777_13_sm75_fused_cu_00000000_00001" + tail), one);
  EXPECT_EQ(long_name(head + "2a1e5f4f_13_sm75_fused_cu_59f28b3b_19595" + tail),
            "void kernelgate::mel_tile<kernelgate::Config<400, 160, 7>>(kernelgate::Params)");
  EXPECT_EQ(long_name("_ZN39_INTERNAL_0f20bd8d_9_spills_cu_fad99cd28recorded41_GLOBAL__N__0f20bd8d_9_spills_cu_"
                      "fad99cd26helperEPKfi"),
            "recorded::helper(float const*, int)");
  EXPECT_EQ(short_name("_Z11shared_tilePKfPf"), "shared_tile");
  EXPECT_EQ(short_name("an_extern_c_kernel"), "an_extern_c_kernel");
  EXPECT_EQ(short_name("_Z"), "_Z");
}

TEST(KernelName, TellsOverloadsApart) {
  const auto kernels = named(parse_ptxas_log(recorded("spills.ptxas"), "log"));
  EXPECT_EQ(find(kernels, "sm80", "shared_tile(float").name,
            "harness/codegen/testdata/spills: recorded::shared_tile(float const*, float*)");
  EXPECT_EQ(find(kernels, "sm80", "helper").name, "harness/codegen/testdata/spills: helper");
  std::vector<KernelCode> twice(2);
  for (KernelCode& kernel : twice) kernel.symbol = "k", kernel.file = "f", kernel.arch = "sm80";
  EXPECT_THAT([&] { name_kernels(twice); }, ThrowsMessage<HarnessError>(HasSubstr("both called 'f: k'")));
}

TEST(ArchName, IsReadInEverySpelling) {
  for (const char* text : {"90a", "sm90a", "sm_90a"}) EXPECT_EQ(arch_name(text), "sm90a");
  EXPECT_EQ(arch_name("120"), "sm120");
  for (const char* text : {"", "sm", "9", "90b", "hopper", "9000", "-90", "90 "})
    EXPECT_THROW(arch_name(text), HarnessError) << text;
  EXPECT_TRUE(arch_less("sm80", "sm100"));
  EXPECT_FALSE(arch_less("sm120", "sm90a"));
}

TEST(FileLabel, IsTheOpAndTheFile) {
  EXPECT_EQ(file_label("kernels/matmul/sm75_multistage.cu"), "matmul/sm75_multistage");
  EXPECT_EQ(file_label("./kernels/mel/x.cu"), "mel/x");
  EXPECT_EQ(file_label("alone.cu"), "alone");
}

}  // namespace
}  // namespace kernelgate
