// Run by the build: hashes objects and writes the source of object_code().
//
//   write_object_code OUT {--unit SOURCE LIBRARIES OBJECT...}...
//
// LIBRARIES are joined by ','; '-' for none.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/error.h"
#include "harness/base/stable_hash.h"
#include "harness/codegen/object_hash.h"

namespace kernelgate {
namespace {

struct Unit {
  std::string source, libraries;
  std::vector<std::string> objects;
};

std::vector<Unit> units_of(const std::vector<std::string>& words) {
  std::vector<Unit> units;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--unit" && i + 2 < words.size()) {
      units.push_back({words[i + 1], words[i + 2] == "-" ? "" : words[i + 2], {}});
      i += 2;
    } else if (!units.empty()) {
      units.back().objects.push_back(words[i]);
    } else {
      throw HarnessError(ExitCode::usage, fmt::format("'{}' is of no --unit", words[i]));
    }
  }
  return units;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw HarnessError(ExitCode::usage, fmt::format("{}: can't be read; build it again", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string rows_of(const Unit& unit) {
  std::map<std::string, std::vector<std::string>> hashes;  // of its objects, by processor
  for (const std::string& object : unit.objects)
    for (auto& [processor, hash] : object_hashes(read(object), object)) hashes[processor].push_back(hash);
  std::string rows;
  for (auto& [processor, of_objects] : hashes) {
    std::ranges::sort(of_objects);
    StableHash whole;
    for (const std::string& hash : of_objects) whole.add(hash);
    rows +=
        fmt::format("    {{\"{}\", \"{}\", \"{}\", \"{}\"}},\n", unit.source, processor, whole.text(), unit.libraries);
  }
  return rows;
}

void write(const std::string& out, const std::vector<Unit>& units) {
  std::string rows;
  for (const Unit& unit : units) rows += rows_of(unit);
  std::ofstream file(out);
  file << "// Written by bench/code/tool/write_object_code.cpp.\n"
          "#include \"bench/code/object_code.h\"\n\n"
          "#include <vector>\n\n"
          "namespace kernelgate {\n\n"
          "std::span<const ObjectCode> object_code() {\n"
          "  static const std::vector<ObjectCode> rows{\n"
       << rows << "  };\n  return rows;\n}\n\n}  // namespace kernelgate\n";
  if (!file.flush()) throw HarnessError(ExitCode::usage, fmt::format("{}: can't be written", out));
}

}  // namespace
}  // namespace kernelgate

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) throw kernelgate::HarnessError(kernelgate::ExitCode::usage, "no file to write is named");
  kernelgate::write(words.front(), kernelgate::units_of({words.begin() + 1, words.end()}));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "write_object_code: %s\n", error.what());
  return 1;
}
