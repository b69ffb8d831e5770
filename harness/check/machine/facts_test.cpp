// Facts are put together right, from made-up libraries and files, and from this machine.
#include "harness/check/machine/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "harness/check/check.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/machine/system_probe.h"
#include "harness/check/show/check_text.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;

// Every object with "value" and "reason" below `document` is null with a text.
void expect_reasons(const nlohmann::json& document, const std::string& where) {
  if (document.is_object() && document.contains("reason")) {
    EXPECT_TRUE(document.at("value").is_null()) << where;
    EXPECT_FALSE(document.at("reason").get<std::string>().empty()) << where;
    EXPECT_NE(document.at("reason"), "not read") << where;  // the text for a reader that forgot to say
    return;
  }
  if (!document.is_structured()) return;
  for (const auto& [key, value] : document.items()) {
    EXPECT_FALSE(value.is_null()) << where << "/" << key;
    expect_reasons(value, where + "/" + key);
  }
}

TEST(Facts, OfAHealthyServer) {
  const Environment environment = read_environment(healthy_h200());
  EXPECT_EQ(environment.driver.value, "580.95.05");
  EXPECT_EQ(environment.kernel_driver.module_flavour.value, "open");
  ASSERT_EQ(environment.gpus.size(), 1U);
  const Gpu& gpu = environment.gpus[0];
  EXPECT_EQ(gpu.sm_count.value, 132);               // CUDA's
  EXPECT_EQ(gpu.memory_bytes.value, 150754820096);  // NVML's: CUDA's excludes what the driver reserves
  EXPECT_EQ(gpu.power_limit_w.value, 700);          // NVML's
  EXPECT_EQ(environment.host.memory_bytes.value, 16384 * 1024);
  EXPECT_EQ(environment.host.memory_available_bytes.value, 8192 * 1024);
  EXPECT_EQ(environment.host.cpu_isa.value, "avx avx2 avx512f fma");
  EXPECT_EQ(environment.host.cpu_family.value, "25/17/1");
  EXPECT_EQ(environment.host.distribution.value, "Debian GNU/Linux 12 (bookworm)");
}

TEST(Facts, CudaAndNvmlAreMatchedByAddressNotByIndex) {
  FakeProbe probe = healthy_h200();
  Gpu first = fake_h200_by_nvml();
  first.pci_bus_id = {"0000:01:00.0", ""};
  first.uuid = {"GPU-first", ""};
  first.power_limit_w = {500, ""};
  probe.nvml_view.gpus.insert(probe.nvml_view.gpus.begin(), first);
  const Environment environment = read_environment(probe);
  ASSERT_EQ(environment.gpus.size(), 2U);
  ASSERT_TRUE(environment.visible_gpu(0));
  EXPECT_EQ(environment.visible_gpu(0)->power_limit_w.value, 700);
  EXPECT_EQ(environment.visible_gpus(), 1);
}

TEST(Facts, TheThreeCudaVersionsStayApart) {
  FakeProbe probe = healthy_h200();
  probe.cuda_view.cuda_driver_version = {13020, ""};
  probe.versions = {{13010, ""}, {12090, ""}};
  const nlohmann::json document = to_json(read_environment(probe));
  EXPECT_EQ(document["cuda_driver_api"], 13020);
  EXPECT_EQ(document["cuda_runtime"], 13010);
  EXPECT_EQ(document["cuda_compiled_with"], 12090);
}

TEST(Facts, MissingOnesAreNullWithAReason) {
  FakeProbe nothing;
  nothing.nvml_view = library_absent("libnvidia-ml.so.1");
  nothing.cuda_view = library_absent("libcuda.so.1");
  nothing.release = nothing.node = "";
  nothing.cores = {std::nullopt, "no affinity"};
  nothing.versions = {{std::nullopt, "no CUDA"}, {std::nullopt, "no CUDA"}};
  const nlohmann::json document = to_json(read_environment(nothing));
  expect_reasons(document, "");
  for (const char* key : {"cpu_model", "cpu_isa", "kernel", "memory_bytes", "load_1min", "usable_cores", "governor"}) {
    EXPECT_TRUE(document["host"][key].is_object()) << key;
  }
}

TEST(Facts, ADriverApiVersionOfZeroIsUnknown) {
  FakeProbe probe = healthy_h200();
  probe.cuda_view.cuda_driver_version = {0, ""};
  const Environment environment = read_environment(probe);
  EXPECT_FALSE(environment.cuda_driver_api.value);
  EXPECT_THAT(environment.cuda_driver_api.reason, HasSubstr("version 0"));
}

TEST(Facts, BytesThatAreNoTextStayOutOfDocuments) {
  FakeProbe probe = healthy_h200();
  probe.variables["LD_PRELOAD"] = "/tmp/\xff\xfe.so";
  const CheckReport report = run_check(probe, {});
  EXPECT_NO_THROW(static_cast<void>(to_json(report).dump()));
}

TEST(SystemProbe, ReadsUnderAnotherRoot) {
  const std::string root = testing::TempDir() + "kernelgate_root_" + std::to_string(getpid());
  ASSERT_EQ(std::system(("mkdir -p " + root + "/proc/driver/nvidia " + root + "/sys/bus/pci/devices/0000:01:00.0 && " +
                         "printf 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.211.01  Sun\\n' > " + root +
                         "/proc/driver/nvidia/version && printf 0x10de > " + root +
                         "/sys/bus/pci/devices/0000:01:00.0/vendor && printf 0x030000 > " + root +
                         "/sys/bus/pci/devices/0000:01:00.0/class && ln -s /drivers/nouveau " + root +
                         "/sys/bus/pci/devices/0000:01:00.0/driver")
                            .c_str()),
            0);
  SystemProbeOptions options;
  options.sysroot = root;
  options.nvml_library = options.cuda_library = "libkernelgate-no-such-library.so.1";
  const Environment environment = read_environment(SystemProbe(options));
  EXPECT_EQ(environment.kernel_driver.module_version.value, "570.211.01");
  EXPECT_EQ(environment.kernel_driver.module_flavour.value, "proprietary");
  EXPECT_EQ(environment.kernel_driver.pci_drivers, std::vector<std::string>{"nouveau"});
  EXPECT_FALSE(environment.host.memory_bytes.value);
  EXPECT_THAT(environment.cuda.load_error, HasSubstr("libkernelgate-no-such-library"));
  ASSERT_EQ(std::system(("rm -r " + root).c_str()), 0);
}

TEST(SystemProbe, OfThisMachineNeverThrows) {
  CheckReport report;
  ASSERT_NO_THROW(report = run_check(SystemProbe(), {}));
  expect_reasons(to_json(report.environment), "");
  EXPECT_GE(report.environment.host.usable_cores.value.value_or(0), 1);
  EXPECT_GT(report.environment.host.memory_bytes.value.value_or(0), 0);
  EXPECT_THAT(check_text(report, {}, {}), HasSubstr(report.headline));
  if (!report.gpu_present) {
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings.front().id, "D-HW-NONE");
    EXPECT_EQ(report.exit_code(false), ExitCode::nothing);
  }
}

TEST(SystemProbe, ALibraryThatIsNotADriverIsRead) {
  SystemProbeOptions options;
  options.nvml_library = options.cuda_library = "libm.so.6";  // loads, and has none of the functions
  const SystemProbe probe(options);
  EXPECT_EQ(probe.nvml().init_code.value, 13);
  EXPECT_EQ(probe.cuda_driver().init_code.value, 500);
  EXPECT_FALSE(probe.cuda_driver().device_count.value);
}

TEST(CheckText, ShowsVerdictFactsEvidenceAndRequirements) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].persistence = {false, ""};
  CheckOptions options;
  options.built_with_cuda = true;
  const CheckReport report = run_check(probe, options);
  const std::string text = check_text(report, {}, evaluate(parse_requirements("cc>=10.0,count=1"), report.environment));
  EXPECT_TRUE(text.starts_with("GPU USABLE: GPU 0 NVIDIA H200 (0000:19:00.0), driver 580.95.05, 1 warning\n")) << text;
  EXPECT_THAT(text, HasSubstr("NVIDIA H200, compute capability 9.0, 132 SMs, 140.4 GiB"));
  EXPECT_THAT(text, HasSubstr("NATIVE: driver 580.95.05 (driver API CUDA 13.0), compiled with CUDA 13.0"));
  EXPECT_THAT(text, HasSubstr("WARNING W-PERSISTENCE: Persistence mode is off"));
  EXPECT_THAT(text, HasSubstr("remedy: sudo nvidia-smi -pm 1"));
  EXPECT_THAT(text, HasSubstr("required cc>=10.0                 NOT MET"));
  EXPECT_THAT(text, HasSubstr("required count==1                 met (1)"));
}

}  // namespace
}  // namespace kernelgate
