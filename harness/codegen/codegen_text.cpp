#include "harness/codegen/codegen_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "harness/codegen/sass.h"

namespace kernelgate {
namespace {

using nlohmann::ordered_json;

// The classes that a line has room for; --json has them all. Matrix instructions come before them.
constexpr std::array shown_classes = {"LDSM", "STSM", "LDGSTS", "UTMALDG", "UTMASTG", "SYNCS", "BAR",  "LDG",
                                      "STG",  "LDS",  "STS",    "LDL",     "STL",     "MUFU",  "FFMA", "HFMA2"};

using Row = std::vector<std::string>;

std::string number(const std::optional<std::int64_t>& value) { return value ? fmt::to_string(*value) : "?"; }

/// What tells a kernel from its file's others.
std::string short_of(const KernelCode& kernel) {
  const std::string head = kernel.file + ": ";
  return kernel.name.starts_with(head) ? kernel.name.substr(head.size()) : kernel.name;
}

std::vector<std::string> classes_of(const std::vector<const KernelCode*>& kernels) {
  std::vector<std::string> tensor, others;
  for (const KernelCode* kernel : kernels)
    if (kernel->instructions)
      for (const auto& [name, count] : kernel->instructions->classes)
        if (is_tensor_class(name) && std::ranges::find(tensor, name) == tensor.end()) tensor.push_back(name);
  std::ranges::sort(tensor);
  for (const char* name : shown_classes)
    if (std::ranges::any_of(kernels,
                            [&](const KernelCode* k) { return k->instructions && (*k->instructions)[name] > 0; }))
      others.emplace_back(name);
  tensor.insert(tensor.end(), others.begin(), others.end());
  return tensor;
}

Row row_of(const KernelCode& kernel, const std::vector<std::string>& classes) {
  Row row{short_of(kernel) + (kernel.is_kernel() ? "" : " (function)"),
          kernel.is_kernel() ? number(kernel.registers) : "-",
          number(kernel.spill_store_bytes),
          number(kernel.spill_load_bytes),
          number(kernel.stack_bytes),
          number(kernel.shared_bytes)};
  if (kernel.instructions) {
    row.push_back(number(kernel.instructions->total));
    for (const std::string& name : classes) row.push_back(number((*kernel.instructions)[name]));
  } else {
    row.resize(row.size() + 1 + classes.size(), "?");
  }
  return row;
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("    {:<{}}", row.front(), widths.front());
    for (std::size_t i = 1; i < row.size(); ++i) out += fmt::format("  {:>{}}", row[i], widths[i]);
    out += '\n';
  }
  return out;
}

std::string difference_text(const CodegenDifference& one) {
  return fmt::format("{}: {} {} -> {}{}", one.kernel, one.what, one.before, one.after,
                     one.fails() ? "; " + one.why : "");
}

}  // namespace

std::string table_text(const ArchCode& code) {
  std::map<std::string, std::vector<const KernelCode*>> files;
  for (const KernelCode& kernel : code.kernels) files[kernel.file].push_back(&kernel);
  std::string out =
      fmt::format("{}, nvcc {}: {} kernels\n", code.arch, code.nvcc.empty() ? "of unknown version" : code.nvcc,
                  std::ranges::count_if(code.kernels, &KernelCode::is_kernel));
  for (const auto& [file, kernels] : files) {
    const std::vector<std::string> classes = classes_of(kernels);
    std::vector<Row> rows{{"kernel", "registers", "spill st", "spill ld", "stack", "shared", "instr"}};
    rows.front().insert(rows.front().end(), classes.begin(), classes.end());
    for (const KernelCode* kernel : kernels) rows.push_back(row_of(*kernel, classes));
    out += fmt::format("  {}\n{}", file, aligned(rows));
    for (const KernelCode* kernel : kernels)
      for (const CompilerNote& note : kernel->notes)
        out += fmt::format("    {}: ptxas {}: {}\n", short_of(*kernel), note.code, note.text);
  }
  return out;
}

std::string comparison_text(const CodegenComparison& comparison) {
  std::string out = fmt::format("{}: {} ({})\n", comparison.arch, to_text(comparison.verdict), comparison.base);
  for (const bool failing : {true, false})
    for (const CodegenDifference& one : comparison.differences)
      if (one.fails() == failing)
        out += fmt::format("  {} {}\n", failing ? "FAILS   " : "changed ", difference_text(one));
  for (const std::string& name : comparison.fresh) out += fmt::format("  new      {}\n", name);
  for (const std::string& name : comparison.vanished) out += fmt::format("  vanished {}\n", name);
  return out;
}

ordered_json to_json(const ArchCode& code, const CodegenComparison& comparison) {
  ordered_json differences = ordered_json::array(), kernels = ordered_json::array();
  for (const CodegenDifference& one : comparison.differences) {
    differences.push_back({{"kernel", one.kernel},
                           {"what", one.what},
                           {"before", one.before},
                           {"after", one.after},
                           {"fails", one.fails()}});
    if (one.fails()) differences.back()["why"] = one.why;
  }
  for (const KernelCode& kernel : code.kernels) kernels.push_back(to_json(kernel));
  ordered_json out{{"arch", code.arch},
                   {"nvcc", code.nvcc},
                   {"cuobjdump", code.disassembler},
                   {"verdict", to_text(comparison.verdict)},
                   {"compared_with", comparison.base},
                   {"differences", differences},
                   {"new", comparison.fresh},
                   {"vanished", comparison.vanished},
                   {"kernels", kernels}};
  if (!comparison.unsettled.empty()) out["unsettled"] = comparison.unsettled;
  return out;
}

}  // namespace kernelgate
