#include "bench/accept/load_library.h"

#include <dlfcn.h>

#include "bench/accept/driver_gpu.h"
#include "bench/accept/worker.h"

namespace kernelgate::accept {

SymbolSource load_library(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: the child ends soon
  if (!library) {
    const char* why = dlerror();
    throw DriverError(why ? why : name + " can't be opened");
  }
  return [library](const char* symbol) { return dlsym(library, symbol); };
}

void WorkerOptions::expect_to_go_on() const {
  if (stop != nullptr && stop->load()) throw DriverError(stopped);
}

}  // namespace kernelgate::accept
