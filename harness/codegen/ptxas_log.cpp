#include "harness/codegen/ptxas_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

/// The number right before `unit`. Errors  ResultError if the unit is there without one.
std::optional<std::int64_t> number_before(std::string_view line, std::string_view unit, const std::string& where) {
  const std::size_t end = line.find(unit);
  if (end == std::string_view::npos) return std::nullopt;
  std::size_t begin = end;
  while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') --begin;
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(line.data() + begin, line.data() + end, value);
  if (error != std::errc() || stop != line.data() + end)
    throw ResultError(fmt::format("{}: no number that can be before '{}' in: {}", where, unit.substr(1), line));
  return value;
}

std::string_view after(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  return at == std::string_view::npos ? std::string_view() : line.substr(at + mark.size());
}

std::string between_quotes(std::string_view text) {
  const std::size_t begin = text.find('\''), end = text.find('\'', begin + 1);
  return end == std::string_view::npos ? "" : std::string(text.substr(begin + 1, end - begin - 1));
}

/// ptxas runs once for each architecture. Its notes come first and name no architecture, then a line on gmem,
/// then the functions.
class LogReader {
 public:
  LogReader(std::string where, std::string file) : where_(std::move(where)), file_(std::move(file)) {}

  void read(std::string_view line) {
    if (line.starts_with("kernelgate: nvcc ")) return begin_file(line);
    if (line.find("bytes stack frame") != std::string_view::npos) return read_properties(line);
    if (!line.starts_with("ptxas ")) return;
    if (line.find(" bytes gmem") != std::string_view::npos) arch_.clear();
    if (line.find("Compiling entry function '") != std::string_view::npos) return begin_kernel(line);
    if (line.find("Function properties for ") != std::string_view::npos) {
      function_ = after(line, "Function properties for ");
    } else if (line.find(": Used ") != std::string_view::npos) {
      read_usage(line);
    } else if (line.find(": (C") != std::string_view::npos) {
      read_note(line);
    }
  }

  std::vector<KernelCode> finish() {
    end_file();
    return std::move(kernels_);
  }

 private:
  struct PendingNote {
    std::string function;
    CompilerNote note;
  };

  [[noreturn]] void fail(const std::string& what) const { throw ResultError(fmt::format("{}: {}", where_, what)); }

  void begin_file(std::string_view line) {
    end_file();
    const std::string_view words = after(line, "nvcc ");
    const std::size_t comma = words.find(", ");
    if (comma == std::string_view::npos) fail(fmt::format("its head names no source: {}", line));
    nvcc_ = words.substr(0, comma);
    file_ = file_label(std::string(words.substr(comma + 2)));
  }

  void begin_kernel(std::string_view line) {
    end_kernel();
    const std::string_view rest = after(line, "Compiling entry function ");
    const std::string symbol = between_quotes(rest), target = between_quotes(after(rest, "' for "));
    if (symbol.empty() || target.empty()) fail(fmt::format("no function and architecture in: {}", line));
    arch_ = arch_name(target);
    for (KernelCode& function : of_unknown_arch_) {
      function.arch = arch_;
      add(std::move(function));
    }
    of_unknown_arch_.clear();
    function_.clear();
    KernelCode kernel = blank(symbol);
    kernel.registers = -1;  // until its line comes
    add(std::move(kernel));
    open_ = kernels_.size() - 1;
  }

  void read_properties(std::string_view line) {
    if (function_.empty()) fail(fmt::format("figures of no function: {}", line));
    const bool of_kernel = open_ && kernels_[*open_].symbol == function_;
    KernelCode other = blank(function_);
    KernelCode& target = of_kernel ? kernels_[*open_] : other;
    target.stack_bytes = number_before(line, " bytes stack frame", where_).value_or(0);
    target.spill_store_bytes = number_before(line, " bytes spill stores", where_);
    target.spill_load_bytes = number_before(line, " bytes spill loads", where_);
    if (!target.spill_store_bytes || !target.spill_load_bytes) fail(fmt::format("no spills in: {}", line));
    function_.clear();
    if (of_kernel) return;
    if (arch_.empty())
      of_unknown_arch_.push_back(std::move(other));
    else
      add(std::move(other));
  }

  void read_usage(std::string_view line) {
    if (!open_) fail(fmt::format("registers of no kernel: {}", line));
    KernelCode& kernel = kernels_[*open_];
    kernel.registers = number_before(line, " registers", where_);
    if (!kernel.registers) fail(fmt::format("no registers in: {}", line));
    kernel.shared_bytes = number_before(line, " bytes smem", where_).value_or(0);
    if (const auto whole = number_before(line, " bytes cumulative stack size", where_)) kernel.stack_bytes = *whole;
  }

  void read_note(std::string_view line) {
    const std::string_view rest = after(line, ": (");
    const std::size_t close = rest.find(") ");
    const std::string function = between_quotes(rest);
    if (close == std::string_view::npos || function.empty()) {
      // Some remarks are on no function; the ones that count always are.
      if (is_wgmma_serialisation(rest.substr(0, 5))) fail(fmt::format("a note on no function: {}", line));
      return;
    }
    std::string text(rest.substr(close + 2, rest.find('\'') - close - 2));
    for (const std::string_view tail : {" in the function ", " in function "})
      if (text.ends_with(tail)) text.resize(text.size() - tail.size());
    notes_.push_back({function, {std::string(rest.substr(0, close)), text}});
  }

  KernelCode blank(const std::string& symbol) const {
    KernelCode code;
    code.arch = arch_;
    code.nvcc = nvcc_;
    code.file = file_;
    code.symbol = symbol;
    return code;
  }

  void add(KernelCode&& code) {
    std::erase_if(notes_, [&](const PendingNote& pending) {
      if (pending.function != code.symbol) return false;
      code.notes.push_back(pending.note);
      return true;
    });
    kernels_.push_back(std::move(code));
  }

  void end_kernel() {
    if (!open_) return;
    const KernelCode& kernel = kernels_[*open_];
    if (kernel.registers == -1 || !kernel.spill_store_bytes)
      fail(fmt::format("no figures of kernel {} for {}; build it again", kernel.symbol, kernel.arch));
    open_.reset();
  }

  void end_file() {
    end_kernel();
    if (!of_unknown_arch_.empty()) fail(fmt::format("no architecture of {}", of_unknown_arch_.front().symbol));
    for (const PendingNote& left : notes_)
      if (is_wgmma_serialisation(left.note.code))
        fail(fmt::format("a note ({}) on {}, of which there are no figures", left.note.code, left.function));
    notes_.clear();
    arch_.clear();
    function_.clear();
  }

  std::string where_, file_, nvcc_, arch_;
  std::string function_;  ///< whose properties the next line has
  std::vector<KernelCode> kernels_;
  std::optional<std::size_t> open_;          ///< the kernel whose figures come next
  std::vector<KernelCode> of_unknown_arch_;  ///< functions that came before their run's first kernel
  std::vector<PendingNote> notes_;
};

}  // namespace

std::vector<KernelCode> parse_ptxas_log(std::string_view text, const std::string& where, const std::string& file) {
  LogReader reader(where, file);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

bool is_wgmma_serialisation(std::string_view code) { return code >= "C7510" && code <= "C7515" && code.size() == 5; }

std::string file_label(const std::string& source) {
  const std::filesystem::path path = std::filesystem::path(source).lexically_normal();
  std::filesystem::path label;
  for (const auto& part : path.parent_path())
    if (part != "kernels" && part != "/") label /= part;
  return (label / path.stem()).string();
}

}  // namespace kernelgate
