#include "harness/base/boot_id.h"

#include <fstream>

namespace kernelgate {

std::string boot_id() {
  std::string id;
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::getline(file, id);
  return id;
}

}  // namespace kernelgate
