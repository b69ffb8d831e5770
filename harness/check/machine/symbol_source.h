#pragma once
// Functions of a library that may not be there.

#include <dlfcn.h>

#include <functional>
#include <string>

namespace kernelgate {

/// The address of a function by its name, or null: dlsym on an opened library, a table in a test.
using SymbolSource = std::function<void*(const char* name)>;

/// Those of a library, which is never closed: unloading one of a driver's, with threads of its own, is not safe.
/// Where it can't be opened: empty, and `error` says why.
inline SymbolSource open_symbols(std::string& error, const char* library) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle) return [handle](const char* name) { return dlsym(handle, name); };
  const char* why = dlerror();
  error = why ? why : std::string(library) + " could not be loaded";
  return {};
}

}  // namespace kernelgate
