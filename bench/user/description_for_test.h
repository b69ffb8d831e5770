#pragma once
// A folder with a kernel, its description, and changes to it.

#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/temporary_folder.h"

namespace kernelgate {

/// PTX that says what the made-up driver's `saxpy` takes; nobody compiles it.
inline std::string saxpy_ptx(const std::string& name = "saxpy") {
  return "// made for a test\n.version 7.0\n.target sm_75\n.address_size 64\n.visible .entry " + name +
         "(\n .param .u64 p0, .param .u64 p1,\n .param .u64 p2, .param .f32 p3, .param .u32 p4)\n{ ret; }\n";
}

inline nlohmann::json saxpy_json() {
  return nlohmann::json::parse(R"json({
    "kernelgate_kernel": 1, "name": "mine", "op": "saxpy", "code": "saxpy.ptx", "kernel": "saxpy",
    "arguments": [{"tensor": "x"}, {"tensor": "y"}, {"tensor": "z"}, {"f32": 2.5}, {"i32": "n"}],
    "launch": {"grid": ["ceil_div(n, 256)"], "block": [256]},
    "tensors": [{"name": "x", "role": "input", "type": "f32", "shape": ["n"]},
                {"name": "y", "role": "input", "type": "f32", "shape": ["n"]},
                {"name": "z", "role": "output", "type": "f32", "shape": ["n"]}],
    "problems": [{"sizes": {"n": 1000}}],
    "expected": {"formula": "2.5 * x[i] + y[i]", "relative": 1e-6, "absolute": 1e-6}})json");
}

class DescriptionFolder {
 public:
  DescriptionFolder() { write("saxpy.ptx", saxpy_ptx()); }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
  }
  /// The path of the description, written there.
  std::string describe(const nlohmann::json& described) const {
    write("mine.json", described.dump());
    return (folder_.path() / "mine.json").string();
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace kernelgate
