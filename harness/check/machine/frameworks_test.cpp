// What installed frameworks were built for, read from their files, and what is made of it.
#include "harness/check/machine/frameworks.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/knowledge/framework_verdict.h"
#include "harness/check/knowledge/wheel_choice.h"

namespace kernelgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string site_packages = "/usr/local/lib/python3.11/site-packages";

const char* const torch_cu130 =
    "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']\n"
    "__version__ = '2.11.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\n"
    "git_version = 'abc'\nhip: Optional[str] = None\n";

Framework only(const FakeProbe& probe) {
  const std::vector<Framework> all = read_frameworks(probe);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Framework{} : all.front();
}

FakeProbe with(const std::string& file, const std::string& text) {
  FakeProbe probe = healthy_h200();
  probe.files[site_packages + "/" + file] = text;
  return probe;
}

TEST(Frameworks, NoneOnAMachineWithout) { EXPECT_TRUE(read_frameworks(healthy_h200()).empty()); }

TEST(Frameworks, PyTorchSaysItInItsVersionFile) {
  const Framework torch = only(with("torch/version.py", torch_cu130));
  EXPECT_EQ(torch.name, "PyTorch");
  EXPECT_EQ(torch.version, "2.11.0+cu130");
  EXPECT_EQ(torch.cuda.value, 13000);
  EXPECT_EQ(torch.path, site_packages + "/torch/version.py");
  EXPECT_EQ(cuda_text(torch), "CUDA 13.0");
  EXPECT_FALSE(torch.architectures.value);
  EXPECT_FALSE(torch.architectures.reason.empty());
  // Older ones carry no annotation.
  EXPECT_EQ(only(with("torch/version.py", "__version__ = '2.0.1+cu118'\ncuda = '11.8'\n")).cuda.value, 11080);
}

// As on a server with a virtual environment: its lib64 is a link.
TEST(Frameworks, ALinkToTheSameFolderIsNotReadTwice) {
  FakeProbe probe = healthy_h200();
  probe.variables["VIRTUAL_ENV"] = "/opt/venv";
  probe.files["/opt/venv/lib/python3.12/site-packages/torch/version.py"] = torch_cu130;
  probe.files["/opt/venv/lib64/python3.12/site-packages/torch/version.py"] = torch_cu130;
  EXPECT_EQ(read_frameworks(probe).size(), 2U);
  probe.links["/opt/venv/lib64"] = "lib";
  EXPECT_EQ(only(probe).path, "/opt/venv/lib/python3.12/site-packages/torch/version.py");
}

TEST(Frameworks, PyTorchForTheCpuOrForRocmIsWithoutCuda) {
  const Framework cpu = only(with("torch/version.py",
                                  "__version__ = '2.9.0+cpu'\ncuda: Optional[str] = None\n"
                                  "hip: Optional[str] = None\n"));
  EXPECT_TRUE(cpu.without_cuda);
  EXPECT_FALSE(cpu.cuda.value);
  EXPECT_EQ(cuda_text(cpu), "no CUDA");
  const Framework rocm = only(with("torch/version.py", "__version__ = '2.9.0'\ncuda = None\nhip = '6.4'\n"));
  EXPECT_TRUE(rocm.without_cuda);
  EXPECT_THAT(rocm.cuda.reason, HasSubstr("ROCm 6.4"));
}

TEST(Frameworks, WithoutItsFilePyTorchsWheelStillTells) {
  FakeProbe probe = with("torch/__init__.py", "");
  probe.files[site_packages + "/torch-2.9.0+cu128.dist-info/METADATA"] = "";
  EXPECT_EQ(only(probe).cuda.value, 12080);
  EXPECT_EQ(only(probe).version, "2.9.0+cu128");
}

TEST(Frameworks, TensorFlowSaysItsArchitecturesToo) {
  const Framework tf =
      only(with("tensorflow/python/platform/build_info.py",
                "import collections\n\nbuild_info = collections.OrderedDict([('cpu_compiler', "
                "'/usr/lib/llvm-18/bin/clang'), ('cuda_compute_capabilities', ['sm_60', 'sm_89', "
                "'compute_90']), ('cuda_version', '12.5.1'), ('cudnn_version', '9'), ('is_cuda_build', True)])\n"));
  EXPECT_EQ(tf.name, "TensorFlow");
  EXPECT_EQ(tf.cuda.value, 12050);
  ASSERT_TRUE(tf.architectures.value);
  EXPECT_THAT(*tf.architectures.value, ElementsAre("sm_60", "sm_89", "compute_90"));
  FakeProbe cpu =
      with("tensorflow/python/platform/build_info.py",
           "build_info = collections.OrderedDict([(\"is_cuda_build\", False), (\"is_rocm_build\", False)])\n");
  cpu.files[site_packages + "/tensorflow_cpu-2.18.0.dist-info/METADATA"] = "";
  EXPECT_TRUE(only(cpu).without_cuda);
  EXPECT_EQ(only(cpu).version, "2.18.0");
}

TEST(Frameworks, JaxSaysItByItsPlugin) {
  FakeProbe probe = with("jaxlib-0.7.2.dist-info/METADATA", "");
  probe.files[site_packages + "/jax-0.7.2.dist-info/METADATA"] = "";
  EXPECT_TRUE(only(probe).without_cuda);
  probe.files[site_packages + "/jax_cuda13_plugin-0.7.2.dist-info/METADATA"] = "";
  probe.files[site_packages + "/jax_cuda13_pjrt-0.7.2.dist-info/METADATA"] = "";
  const Framework jax = only(probe);
  EXPECT_FALSE(jax.without_cuda);
  EXPECT_TRUE(jax.major_only);
  EXPECT_EQ(jax.cuda.value, 13000);
  EXPECT_EQ(cuda_text(jax), "CUDA 13");
  EXPECT_EQ(only(with("jaxlib-0.4.14+cuda12.cudnn89.dist-info/METADATA", "")).cuda.value, 12000);
}

TEST(Frameworks, CuPySaysItInItsName) {
  const Framework cupy = only(with("cupy_cuda12x-13.6.0.dist-info/METADATA", ""));
  EXPECT_EQ(cupy.name, "CuPy");
  EXPECT_TRUE(cupy.major_only);
  EXPECT_EQ(cupy.cuda.value, 12000);
  const Framework older = only(with("cupy_cuda112-10.0.0.dist-info/METADATA", ""));
  EXPECT_FALSE(older.major_only);
  EXPECT_EQ(older.cuda.value, 11020);
}

TEST(Frameworks, OnnxRuntimeSaysItInItsBuildInfo) {
  FakeProbe probe = with("onnxruntime_gpu-1.23.0.dist-info/METADATA", "");
  probe.files[site_packages + "/onnxruntime/capi/build_and_package_info.py"] =
      "package_name = 'onnxruntime-gpu'\n__version__ = '1.23.0'\ncuda_version = '12.8'\n";
  EXPECT_EQ(only(probe).cuda.value, 12080);
  EXPECT_TRUE(only(with("onnxruntime-1.23.0.dist-info/METADATA", "")).without_cuda);
  // The GPU's package with no such file: not known, and no CPU build.
  const Framework unknown = only(with("onnxruntime_gpu-1.23.0.dist-info/METADATA", ""));
  EXPECT_FALSE(unknown.without_cuda);
  EXPECT_FALSE(unknown.cuda.value);
}

TEST(Frameworks, AreLookedForInEveryEnvironment) {
  FakeProbe probe = healthy_h200();
  const char* file = "/lib/python3.12/site-packages/torch/version.py";
  probe.variables = {{"VIRTUAL_ENV", "/srv/venv"},
                     {"CONDA_PREFIX", "/opt/conda"},
                     {"HOME", "/home/me"},
                     {"PATH", "relative:/nowhere/bin:/opt/python/bin/"}};
  probe.files["/opt/python/bin/python3"] = "";
  for (const char* prefix : {"/srv/venv", "/opt/conda", "/opt/python", "/home/me/.local", "/usr/local", "/usr"}) {
    probe.files[std::string(prefix) + file] = torch_cu130;
  }
  probe.files["/usr/lib/python3/dist-packages/torch/version.py"] = torch_cu130;
  std::vector<std::string> paths;
  for (const Framework& framework : read_frameworks(probe)) paths.push_back(framework.path);
  EXPECT_THAT(paths, ElementsAre(std::string("/srv/venv") + file, std::string("/opt/conda") + file,
                                 std::string("/opt/python") + file, std::string("/home/me/.local") + file,
                                 std::string("/usr/local") + file, std::string("/usr") + file,
                                 "/usr/lib/python3/dist-packages/torch/version.py"));
}

TEST(Frameworks, AStrangeFileIsNoFact) {
  for (const std::string& text :
       {std::string(), std::string(1 << 20, '\0'), std::string(1 << 20, '\xff'), std::string("__version__ = '"),
        std::string("__version__ = '1'\ncuda = '999999999999.1'\n"), std::string("__version__ = '1'\ncuda = '"),
        std::string("__version__\ncuda\n=")}) {
    const Framework torch = only(with("torch/version.py", text));
    EXPECT_FALSE(torch.cuda.value) << text.substr(0, 40);
    EXPECT_FALSE(torch.cuda.reason.empty());
    EXPECT_NO_THROW(to_json(std::vector<Framework>{torch}).dump());
    const Framework tf = only(with("tensorflow/python/platform/build_info.py", text + "'cuda_version'"));
    EXPECT_FALSE(tf.cuda.value);
  }
}

TEST(Frameworks, AHugeFileIsReadAtItsBeginningOnly) {
  std::string text = torch_cu130;
  text.append(50 << 20, '#');
  EXPECT_EQ(only(with("torch/version.py", text)).cuda.value, 13000);
}

FrameworkVerdict verdict_of(const FakeProbe& probe) {
  const std::vector<FrameworkVerdict> all = judge_frameworks(read_environment(probe), CompatDb::shipped());
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? FrameworkVerdict{} : all.front();
}

void set_cc(FakeProbe& probe, int cc) {
  probe.nvml_view.gpus[0].compute_capability = probe.cuda_view.gpus[0].compute_capability = {cc, ""};
}

TEST(FrameworkVerdict, KnowsItsStates) {
  const struct {
    const char* driver;
    std::int64_t api;
    const char* cuda;
    VersionState state;
    bool problem;
  } rows[] = {
      {"580.95.05", 13000, "13.0", VersionState::native, false},
      {"580.95.05", 13000, "12.8", VersionState::native, false},
      {"580.95.05", 13000, "13.2", VersionState::minor_version, false},
      {"570.211.01", 12080, "12.9", VersionState::minor_version, false},
      {"570.211.01", 12080, "13.0", VersionState::too_old, true},
      {"535.309.01", 13000, "13.0", VersionState::forward_compat, false},
  };
  for (const auto& row : rows) {
    FakeProbe probe = with("torch/version.py", fmt::format("__version__ = '2.9'\ncuda = '{}'\n", row.cuda));
    set_driver(probe, row.driver, row.api);
    const FrameworkVerdict verdict = verdict_of(probe);
    EXPECT_EQ(verdict.state, row.state) << verdict.text;
    EXPECT_EQ(!verdict.problem.empty(), row.problem) << verdict.problem;
    EXPECT_EQ(verdict.remedies.empty(), !row.problem);
  }
}

// Its toolkit could compile for Pascal; whoever built the wheel left it out.
TEST(FrameworkVerdict, AWheelHasTheCodeThatItsIndexHas) {
  FakeProbe probe = with("torch/version.py", "__version__ = '2.9.0+cu128'\ncuda = '12.8'\n");
  set_cc(probe, 61);
  EXPECT_THAT(verdict_of(probe).problem, HasSubstr("wheels of cu128 have it for 7.0 7.5"));
  probe = with("torch/version.py", "__version__ = '2.9.0'\ncuda = '12.8'\n");  // of one's own build
  set_cc(probe, 61);
  EXPECT_EQ(verdict_of(probe).problem, "");
}

TEST(FrameworkVerdict, TheRemedysIndexHasCodeForThisGpuAndThisDriver) {
  const struct {
    const char* driver;
    std::int64_t api;
    int cc;
    const char* index;  ///< empty: none
  } rows[] = {
      {"580.95.05", 13000, 61, "cu126"},  {"580.95.05", 13000, 70, "cu126"},  {"575.57.08", 12090, 90, "cu126"},
      {"580.95.05", 13000, 120, "cu130"}, {"595.71.05", 13020, 90, "cu132"},  {"570.124.06", 12080, 61, "cu126"},
      {"550.144.03", 12040, 89, "cu124"}, {"545.23.08", 12030, 90, "cu121"},  {"535.183.01", 12020, 80, "cu121"},
      {"525.147.05", 12000, 75, "cu118"}, {"470.256.02", 11040, 37, "cu113"}, {"470.256.02", 11040, 35, ""},
      {"565.57.01", 12070, 120, "cu128"}, {"580.95.05", 13000, 110, "cu130"}, {"620.10", 13050, 90, "cu132"}};
  for (const auto& row : rows) {
    FakeProbe probe = with("torch/version.py", "__version__ = '2.9.0+cpu'\ncuda = None\n");
    set_driver(probe, row.driver, row.api);
    set_cc(probe, row.cc);
    const std::string remedy = verdict_of(probe).remedies.at(0);
    EXPECT_THAT(remedy, *row.index ? HasSubstr("https://download.pytorch.org/whl/" + std::string(row.index))
                                   : HasSubstr("No wheel of PyTorch has code"))
        << row.driver << " " << row.cc;
  }
}

TEST(FrameworkVerdict, CodeIsOfTheMajorAndOfNoLaterMinor) {
  WheelIndex wheels;
  wheels.machine_code = {75, 86, 120};
  wheels.ptx = 120;
  const struct {
    int cc;
    bool native, has;
  } rows[] = {{75, true, true},  {80, true, false},  {86, true, true},    {89, true, true},  {90, true, false},
              {70, true, false}, {121, false, true}, {130, false, false}, {130, true, true}, {110, true, false}};
  for (const auto& row : rows) EXPECT_EQ(has_code(wheels, row.cc, row.native), row.has) << row.cc << row.native;
}

TEST(FrameworkVerdict, TheRemedyMindsThePythonThatIsThere) {
  FakeProbe probe = healthy_h200();
  probe.files["/usr/lib/python3.8/site-packages/torch/version.py"] = "__version__ = '1.9.0+cpu'\ncuda = None\n";
  EXPECT_THAT(verdict_of(probe).remedies.at(0), HasSubstr("Python 3.10 or later (this one is 3.8)"));
}

TEST(FrameworkVerdict, SaysWhatIsAvailableWould) {
  FakeProbe probe = with("torch/version.py", torch_cu130);
  EXPECT_EQ(verdict_of(probe).uses_gpu.value, true);
  set_cc(probe, 70);  // no code for it, and is_available() is true all the same
  EXPECT_EQ(verdict_of(probe).uses_gpu.value, true);
  set_driver(probe, "570.211.01", 12080);
  EXPECT_EQ(verdict_of(probe).uses_gpu.value, false);
  probe = with("torch/version.py", torch_cu130);
  cuda_answers(probe, 100);
  EXPECT_EQ(verdict_of(probe).uses_gpu.value, false);
  cuda_answers(probe, 0);  // CUDA starts, and has no GPU
  EXPECT_EQ(verdict_of(probe).uses_gpu.value, false);
  EXPECT_EQ(verdict_of(with("torch/version.py", "__version__ = '2.9.0+cpu'\ncuda = None\n")).uses_gpu.value, false);
  EXPECT_FALSE(verdict_of(with("torch/version.py", "__version__ = '2.9'\ncuda = 'x'\n")).uses_gpu.value);
}

TEST(FrameworkVerdict, OfAMajorAloneItPromisesNoMore) {
  FakeProbe probe = with("jax_cuda13_plugin-0.7.2.dist-info/METADATA", "");
  EXPECT_EQ(verdict_of(probe).state, VersionState::minor_version);
  EXPECT_THAT(verdict_of(probe).text, HasSubstr("NATIVE or MVC"));
  set_driver(probe, "570.211.01", 12080);
  EXPECT_EQ(verdict_of(probe).state, VersionState::too_old);
  probe = with("jax_cuda12_plugin-0.7.2.dist-info/METADATA", "");
  EXPECT_EQ(verdict_of(probe).state, VersionState::native);  // any 12.x on a driver of 13.0
}

TEST(FrameworkVerdict, ACpuBuildBesideAGpuIsAProblemWithARemedy) {
  const FrameworkVerdict verdict = verdict_of(with("torch/version.py", "__version__ = '2.9.0+cpu'\ncuda = None\n"));
  EXPECT_THAT(verdict.problem, HasSubstr("will not use the GPU"));
  EXPECT_THAT(verdict.remedies.at(0), HasSubstr("https://download.pytorch.org/whl/cu130"));
}

TEST(FrameworkVerdict, ABuildWithoutCodeForThisGpuIsAProblem) {
  FakeProbe probe = with("torch/version.py", "__version__ = '2.6.0+cu124'\ncuda = '12.4'\n");
  EXPECT_EQ(verdict_of(probe).problem, "");
  set_cc(probe, 120);
  EXPECT_THAT(verdict_of(probe).problem, HasSubstr("only CUDA 12.8 and later compile for it"));
  probe = with("torch/version.py", torch_cu130);
  set_cc(probe, 70);
  EXPECT_THAT(verdict_of(probe).problem, HasSubstr("CUDA 12.9 was the last to compile for it"));
  probe = with("cupy_cuda11x-13.0.dist-info/METADATA", "");
  set_cc(probe, 100);
  EXPECT_THAT(verdict_of(probe).problem, HasSubstr("only CUDA 12.8"));
  probe = with("cupy_cuda12x-13.0.dist-info/METADATA", "");  // some 12.x do
  set_cc(probe, 100);
  EXPECT_EQ(verdict_of(probe).problem, "");
  set_cc(probe, 990);  // a GPU that the tables lack
  EXPECT_EQ(verdict_of(probe).problem, "");
}

TEST(FrameworkVerdict, WhereTheArchitecturesAreKnownTheyDecide) {
  const auto tensorflow = [](const char* list) {
    FakeProbe probe = with(
        "tensorflow/python/platform/build_info.py",
        fmt::format("('cuda_compute_capabilities', [{}]), ('cuda_version', '12.5.1'), ('is_cuda_build', True)", list));
    probe.files[site_packages + "/nvidia/cublas/lib/libcublas.so.12"] = "";
    return probe;
  };
  const struct {
    const char* list;
    int cc;
    bool problem;
  } rows[] = {{"'sm_80'", 90, true},        {"'sm_90'", 90, false},    {"'sm_80'", 86, false},
              {"'sm_86'", 80, true},        {"'sm_90a'", 90, false},   {"'sm_100a'", 103, true},
              {"'compute_90'", 120, false}, {"'compute_90'", 80, true}};
  for (const auto& row : rows) {
    FakeProbe probe = tensorflow(row.list);
    set_cc(probe, row.cc);
    EXPECT_EQ(!verdict_of(probe).problem.empty(), row.problem) << row.list << " on " << row.cc;
  }
  // Without NATIVE the driver compiles no PTX of that toolkit.
  FakeProbe probe = tensorflow("'compute_80'");
  set_driver(probe, "535.309.01", 12020);
  EXPECT_FALSE(verdict_of(probe).problem.empty());
}

}  // namespace
}  // namespace kernelgate
