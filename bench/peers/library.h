#pragma once
// Loads a vendor's shared library when it is first used, so that the program starts where there is none.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/op/op.h"

namespace kernelgate {

/// Where vendors' libraries may lie beside the loader's own path, in the order in which they are tried:
/// $KERNELGATE_LIBRARY_PATH, the program's own lib/ and ../lib/, $CUDA_HOME and $CUDA_PATH, the toolkit
/// that this program was built with, /usr/local/cuda*, and Python wheels (nvidia/*/lib in site-packages
/// and dist-packages of $VIRTUAL_ENV, the system and $HOME/.local). Only folders that exist.
std::vector<std::string> library_folders();

/// A shared library, never unloaded: vendors' libraries don't survive that.
class Library {
 public:
  /// The first of `sonames` that loads, by the loader's own search, then from `library_folders()`. Name
  /// only the majors whose headers the caller was compiled with: another major is another interface.
  /// `name` is for messages. The answer for a list of sonames is remembered, a failure too.
  ///
  /// Errors  Unsupported, with what was tried and why the last file found did not load.
  static const Library& open(std::string_view name, const std::vector<std::string>& sonames);

  /// Whether `open` would succeed; never throws.
  static Support probe(std::string_view name, const std::vector<std::string>& sonames) noexcept;

  /// A function of the library: `library.symbol<decltype(&cublasLtCreate)>("cublasLtCreate")`.
  ///
  /// Errors  Unsupported if the library has none of that name.
  template <class Function>
  Function symbol(const char* symbol_name) const {
    return reinterpret_cast<Function>(address(symbol_name));
  }

  /// The file that was loaded, or the soname when the loader found it by itself.
  const std::string& path() const { return path_; }

 private:
  Library(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  static Library load(std::string_view name, const std::vector<std::string>& sonames);
  void* address(const char* symbol_name) const;

  void* handle_;
  std::string path_;
};

}  // namespace kernelgate
