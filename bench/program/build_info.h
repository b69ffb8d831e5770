#pragma once
// What identifies this build of the program; the source is written at build time.

#include <string>

namespace kernelgate {

struct BuildInfo {
  std::string version;
  std::string commit;  ///< "unknown" outside a git checkout
  bool dirty = true;   ///< built from a tree with uncommitted changes
  std::string build_type;
  std::string compiler;
  std::string nvcc;           ///< empty: built without CUDA
  std::string architectures;  ///< "80,90a"
  std::string sanitizers;
};

const BuildInfo& build_info();

}  // namespace kernelgate
