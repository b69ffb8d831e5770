#include "harness/codegen/codegen_baseline.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& text) { throw ResultError("not accepted: " + text); }

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::optional<std::int64_t> count_from(const json& value) {
  if (value.is_null()) return std::nullopt;
  // get() would make something of a negative or a fraction.
  if (!value.is_number_unsigned()) throw ResultError("no count: " + value.dump());
  return value.get<std::int64_t>();
}

std::int64_t known_count(const json& value) {
  if (value.is_null()) throw ResultError("a figure that must be there is null");
  return *count_from(value);
}

KernelCode kernel_from(const json& row) {
  KernelCode kernel;
  row.at("kernel").get_to(kernel.name);
  kernel.registers = count_from(row.at("registers"));
  kernel.spill_store_bytes = known_count(row.at("spill_store_bytes"));
  kernel.spill_load_bytes = known_count(row.at("spill_load_bytes"));
  kernel.stack_bytes = known_count(row.at("stack_bytes"));
  kernel.shared_bytes = known_count(row.at("shared_bytes"));
  for (const auto& [code, count] : row.at("notes").items()) {
    if (known_count(count) > 100000) throw ResultError("too many notes: " + count.dump());
    kernel.notes.insert(kernel.notes.end(), static_cast<std::size_t>(known_count(count)), {code, ""});
  }
  const json& instructions = row.at("instructions");
  if (instructions.is_null()) return kernel;
  InstructionCounts counts;
  for (const auto& [name, count] : instructions.items()) {
    if (name == "total")
      counts.total = known_count(count);
    else
      counts.classes[name] = known_count(count);
  }
  kernel.instructions = counts;
  return kernel;
}

CodegenBaseline from_json(const json& document, const std::string& arch) {
  CodegenBaseline baseline;
  if (document.at("kernelgate_codegen").get<int>() != codegen_schema_version)
    throw ResultError(fmt::format("its schema is {}, and this program knows {}",
                                  document.at("kernelgate_codegen").dump(), codegen_schema_version));
  document.at("arch").get_to(baseline.code.arch);
  if (baseline.code.arch != arch) throw ResultError("it is of " + baseline.code.arch);
  document.at("nvcc").get_to(baseline.code.nvcc);
  document.at("cuobjdump").get_to(baseline.code.disassembler);
  document.at("reason").get_to(baseline.reason);
  document.at("accepted_utc").get_to(baseline.accepted_utc);
  document.at("commit").get_to(baseline.commit);
  document.at("dirty").get_to(baseline.dirty);
  for (const json& row : document.at("kernels")) baseline.code.kernels.push_back(kernel_from(row));
  std::vector<std::string> names;
  for (const KernelCode& kernel : baseline.code.kernels) names.push_back(kernel.name);
  if (std::ranges::adjacent_find(names, std::greater_equal<>()) != names.end())
    throw ResultError("its kernels are not sorted, or one is there twice");
  return baseline;
}

ordered_json document_of(const ArchCode& code, const AcceptCodegen& options) {
  ordered_json rows = ordered_json::array();
  for (const KernelCode& kernel : code.kernels) rows.push_back(to_json(kernel));
  return {{"kernelgate_codegen", codegen_schema_version},
          {"arch", code.arch},
          {"nvcc", code.nvcc},
          {"cuobjdump", code.disassembler},
          {"reason", options.reason},
          {"accepted_utc", options.accepted_utc},
          {"commit", options.commit},
          {"dirty", options.dirty},
          {"kernels", rows}};
}

void require_acceptable(const ArchCode& code) {
  if (!code.no_instructions.empty())
    refuse("without instruction counts nobody would see a kernel lose its Tensor Cores: " + code.no_instructions);
  if (code.nvcc.empty()) refuse("it is not known which nvcc made " + code.arch + "; accept what the project built");
  for (const KernelCode& kernel : code.kernels)
    if (!kernel.spill_store_bytes)
      refuse(fmt::format("the spills of '{}' are not known; accept what the project built", kernel.name));
}

}  // namespace

ordered_json to_json(const KernelCode& kernel) {
  ordered_json row{{"kernel", kernel.name},
                   {"registers", or_null(kernel.registers)},
                   {"spill_store_bytes", or_null(kernel.spill_store_bytes)},
                   {"spill_load_bytes", or_null(kernel.spill_load_bytes)},
                   {"stack_bytes", kernel.stack_bytes},
                   {"shared_bytes", kernel.shared_bytes},
                   {"notes", ordered_json::object()},
                   {"instructions", nullptr}};
  std::map<std::string, int> notes;
  for (const CompilerNote& note : kernel.notes) ++notes[note.code];
  for (const auto& [code, count] : notes) row["notes"][code] = count;
  if (kernel.instructions) {
    row["instructions"] = ordered_json{{"total", kernel.instructions->total}};
    for (const auto& [name, count] : kernel.instructions->classes) row["instructions"][name] = count;
  }
  return row;
}

fs::path codegen_baseline_path(const fs::path& baselines, const std::string& arch) {
  return baselines / codegen_folder / (arch + ".json");
}

std::optional<CodegenBaseline> read_codegen_baseline(const fs::path& baselines, const std::string& arch) {
  const fs::path path = codegen_baseline_path(baselines, arch);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  const json document = read_json(path);
  const auto unusable = [&](const char* why) {
    return ResultError(
        fmt::format("'{}' is no baseline of machine code for {}: {}; write it again: kernelgate codegen "
                    "--accept --reason TEXT",
                    path.string(), arch, why));
  };
  try {
    return from_json(document, arch);
  } catch (const json::exception& error) {
    throw unusable(error.what());
  } catch (const ResultError& error) {
    throw unusable(error.what());
  }
}

void require_acceptable(const AcceptCodegen& options) {
  if (options.reason.find_first_not_of(" \t\r\n") == std::string::npos)
    refuse("a reason is needed; say why: --reason TEXT");
  if (options.dirty && !options.allow_dirty)
    refuse("it was built with uncommitted changes; commit and build again, or say --allow-dirty");
}

std::vector<fs::path> accept_codegen(const std::vector<ArchCode>& codes, const fs::path& baselines,
                                     const AcceptCodegen& options) {
  require_acceptable(options);
  if (codes.empty()) refuse("there are no kernels");
  for (const ArchCode& code : codes) require_acceptable(code);

  std::error_code failed;
  fs::create_directories(baselines / codegen_folder, failed);
  if (failed)
    throw ResultError(fmt::format("can't create '{}': {}; choose another place: --baselines DIR",
                                  (baselines / codegen_folder).string(), failed.message()));
  std::vector<fs::path> written;
  std::vector<std::pair<fs::path, std::string>> texts;
  for (const ArchCode& code : codes) {
    written.push_back(codegen_baseline_path(baselines, code.arch));
    texts.emplace_back(written.back(), dump_lines(document_of(code, options)));
  }
  replace_files(texts);
  return written;
}

}  // namespace kernelgate
