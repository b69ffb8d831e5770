#pragma once
// Deep-learning frameworks that are installed here: what CUDA each was built for, and whether it will run.
// Read from their files; nothing of them is imported.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/fact.h"
#include "harness/check/machine/probe.h"

namespace kernelgate {

/// Units  cuda: 13000 for 13.0.
struct Framework {
  std::string name;     ///< "PyTorch", "TensorFlow", "JAX", "CuPy", "ONNX Runtime", "PaddlePaddle", "CTranslate2"
  std::string version;  ///< as its files say; "2.11.0+cu130"
  std::string path;     ///< the file or folder that says so
  Fact<std::int64_t> cuda;
  bool major_only = false;    ///< of cuda only the major is known
  bool without_cuda = false;  ///< built for the CPU, or for another vendor's GPUs; cuda.reason says which
  Fact<std::vector<std::string>> architectures;  ///< "sm_90", "compute_90"
  std::string python = {};                       ///< of the environment: "3.12"; empty: its folder does not say
  /// What it opens by name when it starts on a GPU, and what is nowhere here: "cuDNN 9 (libcudnn.so.9)".
  std::vector<std::string> missing_libraries = {};
};

/// Lists the package folders of this machine's Python environments and reads one small file a framework.
/// Triton is left out: it carries its own compiler, and no CUDA version is written down in its files.
std::vector<Framework> read_frameworks(const Probe& probe);

/// "CUDA 13.0", "CUDA 12", "the CPU only".
std::string cuda_text(const Framework& framework);

nlohmann::json to_json(const std::vector<Framework>& frameworks);

}  // namespace kernelgate
