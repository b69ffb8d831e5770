#include "bench/user/kernel_description.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "bench/user/own_op_fields.h"
#include "harness/base/error.h"
#include "harness/base/json/strict_json.h"
#include "harness/base/printable.h"
#include "harness/base/stable_hash.h"
#include "kernels/op/any_op.h"
#include "kernels/user/user_problem.h"

namespace kernelgate {
namespace {

constexpr int schema = 1;
constexpr std::size_t most_arguments = 256;

std::vector<Expression> take_shape(ObjectReader& object, const char* field) {
  std::vector<Expression> all;
  const nlohmann::json& list = object.list(field);
  if (list.size() > 3) object.refuse(field, "must have one to three numbers or formulas: [\"ceil_div(n, 256)\", 1, 1]");
  for (const nlohmann::json& one : list) all.push_back(formula_of(object, field, one));
  return all;
}

KernelArgument take_argument(const nlohmann::json& described, const std::string& where) {
  static const std::vector<std::pair<const char*, KernelArgument::Kind>> kinds{
      {"tensor", KernelArgument::Kind::tensor}, {"scratch", KernelArgument::Kind::scratch},
      {"i32", KernelArgument::Kind::i32},       {"u32", KernelArgument::Kind::u32},
      {"i64", KernelArgument::Kind::i64},       {"u64", KernelArgument::Kind::u64},
      {"f32", KernelArgument::Kind::f32},       {"f64", KernelArgument::Kind::f64}};
  ObjectReader object(described, where);
  KernelArgument argument;
  int said = 0;
  for (const auto& [word, kind] : kinds) {
    if (!object.has(word)) continue;
    ++said;
    argument.kind = kind;
    if (kind == KernelArgument::Kind::tensor)
      argument.tensor = object.text(word);
    else
      argument.value = formula_of(object, word, object.field(word));
  }
  object.finish();
  if (said != 1)
    throw HarnessError(ExitCode::usage,
                       fmt::format("{}: must say one of tensor, scratch, i32, u32, i64, u64, f32, f64: "
                                   "{{\"i32\": \"n\"}}",
                                   where));
  return argument;
}

/// The parameters that the code says it has, against those that the description gives it.
void expect_parameters(const KernelDescription& d, const std::string& where) {
  const auto& entries = d.image.entries;
  const auto entry = std::ranges::find(entries, d.symbol, &KernelImage::Entry::symbol);
  if (entry == entries.end() || !entry->parameters) return;
  std::vector<std::size_t> given;
  for (const KernelArgument& argument : d.arguments) given.push_back(argument.bytes());
  if (given == *entry->parameters) return;
  throw HarnessError(
      ExitCode::usage,
      fmt::format(
          "{}, field \"arguments\": they are {} of {} bytes, and {} of {} takes {} of {} bytes; list them as the "
          "kernel declares them",
          where, given.size(), fmt::join(given, ", "), printable(d.symbol), d.image.file, entry->parameters->size(),
          fmt::join(*entry->parameters, ", ")));
}

void take_problems_by_name(ObjectReader& object, KernelDescription& d) {
  for (const nlohmann::json& one : object.list("problems")) {
    if (!one.is_string())
      object.refuse("problems",
                    fmt::format("must be names of {}'s problems, as `kernelgate list` has them; * stands for "
                                "any text",
                                d.op));
    d.problems.push_back(one.get<std::string>());
  }
}

void take_launch(const nlohmann::json& described, const std::string& where, KernelDescription& d) {
  ObjectReader object(described, where);
  d.grid = take_shape(object, "grid");
  d.block = take_shape(object, "block");
  if (object.has("cluster")) d.cluster = take_shape(object, "cluster");
  if (object.has("shared_bytes")) d.shared_bytes = formula_of(object, "shared_bytes", object.field("shared_bytes"));
  object.finish();
}

std::string name_field(ObjectReader& object, const char* field) {
  const std::string name = object.text(field);
  if (!is_user_name(name))
    object.refuse(field,
                  fmt::format("'{}' is no name; one is made of letters, digits and _, begins with a letter, and has "
                              "at most 64 of them",
                              printable(name)));
  return name;
}

}  // namespace

KernelDescription read_kernel_description(const std::string& file,
                                          const std::set<std::string, std::less<>>& described) {
  const nlohmann::json document = parse_strict_json(read_user_file(file), file);
  const std::string where = printable(file, 120);
  ObjectReader object(document, where);
  KernelDescription d;
  d.file = file;
  if (object.integer("kernelgate_kernel", 1, 1'000'000) != schema)
    object.refuse("kernelgate_kernel", fmt::format("this program reads version {}; take a newer one", schema));
  d.name = name_field(object, "name");
  d.op = name_field(object, "op");
  const auto ops = all_ops();
  d.own_op = described.contains(d.op) || std::ranges::find(ops, d.op) == ops.end();
  d.image = read_kernel_image((std::filesystem::path(file).parent_path() / object.text("code")).string());
  const std::string kernel = object.text("kernel");
  d.symbol = d.image.entries.empty() ? kernel : d.image.find(kernel).symbol;
  const nlohmann::json& arguments = object.list("arguments");
  if (arguments.size() > most_arguments) object.refuse("arguments", fmt::format("more than {}", most_arguments));
  for (const nlohmann::json& one : arguments)
    d.arguments.push_back(take_argument(one, fmt::format("{}, arguments, number {}", where, d.arguments.size() + 1)));
  expect_parameters(d, where);
  take_launch(object.field("launch"), where + ", launch", d);
  if (object.has("where")) d.where = formula_of(object, "where", object.field("where"));
  if (d.own_op)
    take_own_op(object, d);
  else if (object.has("tensors"))
    object.refuse("tensors", fmt::format("{} is an op of kernelgate, and has its tensors; leave it out, or name the op "
                                         "otherwise",
                                         d.op));
  else
    take_problems_by_name(object, d);
  object.finish();
  d.code_hash = StableHash()
                    .add(d.image.bytes)
                    .add(d.symbol)
                    .add(document.at("arguments").dump())
                    .add(document.at("launch").dump())
                    .text();
  return d;
}

}  // namespace kernelgate
