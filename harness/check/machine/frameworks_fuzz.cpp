// The files of installed packages: whatever is in them, the facts are texts or missing, and the judgement stands.
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/fuzz_checks_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/knowledge/framework_verdict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kernelgate;
  const std::string text(reinterpret_cast<const char*>(data), size);
  FakeProbe probe = healthy_h200();
  const std::string packages = "/usr/lib/python3.12/site-packages/";
  probe.files[packages + "torch/version.py"] = text;
  probe.files[packages + "tensorflow/python/platform/build_info.py"] = text;
  probe.files[packages + "onnxruntime_gpu-1.0.dist-info/METADATA"] = "";
  probe.files[packages + "onnxruntime/capi/build_and_package_info.py"] = text;
  probe.files["/usr/local/cuda/version.json"] = text;
  probe.files["/usr/local/cuda/lib64/libcublas.so.13"] = "";
  probe.files["/etc/ld.so.conf.d/x.conf"] = text;
  // The first line as the name of a package and of a library.
  const std::string name = text.substr(0, text.find_first_of("\n/"));
  probe.files[packages + name + ".dist-info/METADATA"] = "";
  probe.files["/usr/lib64/libcudnn.so." + name] = "";
  const Environment environment = read_environment(probe);
  fuzz_require(environment.frameworks.size() >= 3, "three are installed", text);
  for (const Framework& framework : environment.frameworks) {
    fuzz_require(framework.cuda.value || !framework.cuda.reason.empty(), "a missing fact has a reason", text);
  }
  to_json(environment).dump();
  to_json(judge_frameworks(environment, CompatDb::shipped())).dump();
  return 0;
}
