#include "kernels/simt/host/fault.h"

#include <fmt/format.h>

#include <cstring>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

bool same(const Operation& a, const Operation& b) {
  const auto equal = [](const char* left, const char* right) { return left == right || std::strcmp(left, right) == 0; };
  return a.where.line() == b.where.line() && a.where.column() == b.where.column() && equal(a.name, b.name) &&
         equal(a.where.file_name(), b.where.file_name());
}

std::string_view short_path(std::string_view path) {
  for (const std::string_view root : {"/kernels/", "/bench/"}) {
    if (path.starts_with(root.substr(1))) return path;  // the compiler was given it so, or mapped it so
    if (const auto at = path.rfind(root); at != std::string_view::npos) return path.substr(at + 1);
  }
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string describe(const Operation& operation) {
  return fmt::format("{} at {}:{}", operation.name, short_path(operation.where.file_name()), operation.where.line());
}

std::string describe(const Dim3& index) { return fmt::format("({},{},{})", index.x, index.y, index.z); }

void fault(const Thread& thread, const Operation& operation, const std::string& what) {
  throw Fault(fmt::format("{}, thread {} (warp {}, lane {}): {}: {}", thread.block->describe(), describe(thread.index),
                          thread.linear / 32, thread.lane, describe(operation), what));
}

void fault(const Operation& operation, const std::string& what) { fault(current_thread(), operation, what); }

}  // namespace kernelgate::simt::executor
