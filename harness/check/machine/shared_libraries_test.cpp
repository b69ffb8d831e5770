// Which CUDA libraries a program would load, and where their versions are found.
#include "harness/check/machine/shared_libraries.h"

#include <gtest/gtest.h>

#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

using Libraries = std::map<std::string, SharedLibrary>;

TEST(SharedLibraries, NoneOnAMachineWithout) { EXPECT_TRUE(read_shared_libraries(bare_machine()).empty()); }

TEST(SharedLibraries, TheVersionIsInTheFilesName) {
  FakeProbe probe = bare_machine();
  const std::string folder = "/usr/lib/x86_64-linux-gnu";
  for (const char* name :
       {"libcublas.so", "libcublas.so.13", "libcublas.so.13.1.0.3", "libcublas.so.12.9.1.4", "libcublas.so.9.0.1",
        "libcublasLt.so.14.0.0.1", "libcudnn.so.9", "libcudnn.so.9.19.0", "libcudart.so.13.0.96"}) {
    probe.files[folder + "/" + name] = "";
  }
  const Libraries found = read_shared_libraries(probe);
  EXPECT_EQ(found.at("cublas").version.value, "13.1.0.3");  // the newest that is there
  EXPECT_EQ(found.at("cublas").path, folder + "/libcublas.so.13.1.0.3");
  EXPECT_EQ(found.at("cudnn").version.value, "9.19.0");
  EXPECT_EQ(found.at("cudart").version.value, "13.0.96");
}

TEST(SharedLibraries, TheLoadersOrderHolds) {
  FakeProbe probe = bare_machine();
  probe.variables = {
      {"LD_LIBRARY_PATH", "/first:/second"}, {"KERNELGATE_LIBRARY_PATH", "/own"}, {"CUDA_HOME", "/home/cuda"}};
  probe.files["/etc/ld.so.conf.d/cuda.conf"] = "# CUDA\n/from/conf\n";
  const std::pair<const char*, const char*> places[] = {{"/second", "1.1"},
                                                        {"/from/conf", "1.2"},
                                                        {"/usr/lib64", "1.3"},
                                                        {"/own", "1.4"},
                                                        {"/home/cuda/lib64", "1.5"},
                                                        {"/usr/local/cuda/lib64", "1.6"},
                                                        {"/usr/local/cuda-13.0/lib64", "1.7"}};
  for (const auto& [folder, version] : places) probe.files[std::string(folder) + "/libcublas.so." + version] = "";
  for (const auto& [folder, version] : places) {
    EXPECT_EQ(read_shared_libraries(probe).at("cublas").version.value, version);
    remove_files(probe, std::string(folder) + "/lib");
  }
  EXPECT_TRUE(read_shared_libraries(probe).empty());
}

TEST(SharedLibraries, ALinkTheWheelOrTheToolkitTellsWhatTheNameDoesNot) {
  FakeProbe probe = bare_machine();
  probe.files["/usr/lib64/libcublas.so.13"] = "";
  probe.links["/usr/lib64/libcublas.so.13"] = "/opt/x/libcublas.so.13.1.0.3";
  EXPECT_EQ(read_shared_libraries(probe).at("cublas").version.value, "13.1.0.3");

  const std::string packages = "/usr/lib/python3.11/site-packages";
  probe = bare_machine();
  probe.files[packages + "/nvidia/cublas/lib/libcublas.so.12"] = "";
  probe.files[packages + "/nvidia_cublas_cu12-12.8.4.1.dist-info/METADATA"] = "";
  probe.files[packages + "/nvidia/cudnn/lib/libcudnn.so.9"] = "";
  probe.files[packages + "/nvidia_cudnn_frontend-1.2.3.dist-info/METADATA"] = "";  // another package
  probe.files[packages + "/nvidia_cudnn_cu12-9.10.2.21.dist-info/METADATA"] = "";
  EXPECT_EQ(read_shared_libraries(probe).at("cublas").version.value, "12.8.4.1");
  EXPECT_EQ(read_shared_libraries(probe).at("cudnn").version.value, "9.10.2.21");

  probe = bare_machine();
  probe.files["/usr/local/cuda/lib64/libcublas.so.13"] = "";
  EXPECT_FALSE(read_shared_libraries(probe).at("cublas").version.value);
  EXPECT_FALSE(read_shared_libraries(probe).at("cublas").version.reason.empty());
  probe.files["/usr/local/cuda/version.json"] = R"({"libcublas": {"name": "cuBLAS", "version": "13.1.0.3"}})";
  EXPECT_EQ(read_shared_libraries(probe).at("cublas").version.value, "13.1.0.3");
  for (const char* strange : {"", "[", "[]", R"({"libcublas": 5})", R"({"libcublas": {"version": 5}})"}) {
    probe.files["/usr/local/cuda/version.json"] = strange;
    EXPECT_FALSE(read_shared_libraries(probe).at("cublas").version.value) << strange;
  }
  probe.files["/usr/local/cuda/dist-info/nvidia_cublas-13.1.0.3.dist-info/METADATA"] = "";
  probe.files["/usr/lib64/libcublas.so.13"] = "";  // a link into the toolkit that comes first
  probe.links["/usr/lib64/libcublas.so.13"] = "/usr/local/cuda/lib64/libcublas.so.13";
  EXPECT_EQ(read_shared_libraries(probe).at("cublas").version.value, "13.1.0.3");
}

}  // namespace
}  // namespace kernelgate
