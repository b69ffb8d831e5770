#include "bench/run/proofs/save_tensors.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "kernels/op/inputs.h"

namespace kernelgate {
namespace {

const char* numpy_type(Type type) {
  switch (type) {
    case Type::f16:
      return "<f2";
    case Type::f32:
      return "<f4";
    case Type::bf16:
      return "<u2";
    case Type::i16:
      return "<i2";
  }
  return "";
}

}  // namespace

// Source  NumPy Enhancement Proposal 1: magic, version 1.0, the header's length, a Python literal; all of it a multiple
//         of 64 bytes that ends in a newline.
void write_npy(const std::filesystem::path& file, const TensorSpec& spec, std::span<const std::byte> bytes) {
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", numpy_type(spec.type), spec.count);
  constexpr std::size_t before = 10, unit = 64;
  header.resize((before + header.size() + unit) / unit * unit - before - 1, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 0xff);
  text += static_cast<char>(header.size() >> 8);
  text += header;
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  replace_file(file, text);
}

void save_tensors(const std::filesystem::path& folder, const std::string& name, const AnyProblem& problem,
                  std::uint64_t seed, std::span<const std::byte> output) {
  std::string plain = name;
  std::ranges::replace_if(
      plain, [](char c) { return c == '/' || c == ':'; }, '_');
  const std::filesystem::path own = folder / plain;
  std::error_code failed;
  std::filesystem::create_directories(own, failed);
  if (failed) throw HarnessError(ExitCode::usage, fmt::format("--save: '{}': {}", own.string(), failed.message()));
  const Inputs inputs(problem, seed);
  for (std::size_t i = 0; i < inputs.count(); ++i)
    write_npy(own / (inputs.spec(i).name + ".npy"), inputs.spec(i), inputs.bytes(i));
  write_npy(own / (problem.output().name + ".npy"), problem.output(), output);
}

}  // namespace kernelgate
