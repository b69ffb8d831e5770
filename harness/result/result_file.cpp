// The result document on disk.

#include "harness/base/atomic_file.h"
#include "harness/result/result.h"

namespace kernelgate {

Result read_result(const std::filesystem::path& path) { return result_from_json(read_json(path), path.string()); }

void write_result(const Result& result, const std::filesystem::path& path) {
  replace_file(path, dump_lines(to_json(result)));
}

}  // namespace kernelgate
