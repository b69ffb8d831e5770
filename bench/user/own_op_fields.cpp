#include "bench/user/own_op_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

double number_field(ObjectReader& object, const char* field, double otherwise) {
  if (!object.has(field)) return otherwise;
  const nlohmann::json& value = object.field(field);
  if (!value.is_number()) object.refuse(field, "must be a number");
  return value.get<double>();
}

Type type_field(ObjectReader& object) {
  const std::string type = object.choice("type", {"f16", "bf16", "f32", "i16"});
  if (type == "f16") return Type::f16;
  if (type == "bf16") return Type::bf16;
  return type == "i16" ? Type::i16 : Type::f32;
}

/// Adds it to the inputs, or makes it the output.
void take_tensor(const nlohmann::json& entry, const std::string& where, KernelDescription& d) {
  ObjectReader object(entry, where);
  UserTensor tensor;
  tensor.name = object.text("name");
  const std::string role = object.choice("role", {"input", "constant", "output"});
  tensor.type = type_field(object);
  for (const nlohmann::json& one : object.list("shape"))
    tensor.shape.push_back(formula_of(object, "shape", one).text());
  tensor.constant = role == "constant";
  tensor.low = number_field(object, "low", 0);
  tensor.high = number_field(object, "high", 0);
  if (!(tensor.low <= tensor.high)) object.refuse("high", "must be as large as \"low\" at least");
  object.finish();
  if (role != "output") {
    d.inputs.push_back(std::move(tensor));
  } else {
    if (!d.output.name.empty()) object.refuse("role", "only one tensor may be the output");
    d.output = std::move(tensor);
  }
}

void take_expected(const nlohmann::json& entry, const std::string& where, KernelDescription& d) {
  ObjectReader object(entry, where);
  if (object.has("formula")) d.expected.formula = formula_of(object, "formula", object.field("formula"));
  d.expected.relative = number_field(object, "relative", 0);
  d.expected.absolute = number_field(object, "absolute", 0);
  object.finish();
  for (const auto& [field, value] : {std::pair("relative", d.expected.relative), {"absolute", d.expected.absolute}})
    if (!(value >= 0) || !std::isfinite(value)) object.refuse(field, "must be 0 or more");
  if (d.expected.relative == 0 && d.expected.absolute == 0)
    object.refuse("relative", "how far may an output be off? give \"relative\", \"absolute\" or both: 1e-6");
  if (d.expected.relative >= 1) object.refuse("relative", "must be below 1: else zeros everywhere would be right");
}

std::vector<TensorFiles> take_files(ObjectReader& object, const KernelDescription& d) {
  std::vector<TensorFiles> all;
  for (const nlohmann::json& entry : object.list("files")) {
    ObjectReader one(entry, fmt::format("{}, files, set {}", object.where(), all.size() + 1));
    TensorFiles files;
    const auto take = [&](const std::string& name) {
      files[name] = (std::filesystem::path(d.file).parent_path() / one.text(name.c_str())).string();
    };
    for (const UserTensor& tensor : d.inputs) take(tensor.name);
    take(d.output.name);
    one.finish();
    all.push_back(std::move(files));
  }
  return all;
}

void take_problem(const nlohmann::json& entry, const std::string& where, KernelDescription& d) {
  ObjectReader object(entry, where);
  UserSizes problem;
  const nlohmann::json& sizes = object.field("sizes");
  ObjectReader numbers(sizes, where + ", sizes");
  for (const auto& [name, value] : sizes.items())
    problem.sizes[name] = numbers.integer(name.c_str(), 0, std::int64_t{1} << 60);
  if (object.has("suites")) {
    problem.suites.clear();
    for (const nlohmann::json& one : object.list("suites")) {
      if (!one.is_string()) object.refuse("suites", "must be names: [\"smoke\", \"default\"]");
      problem.suites.push_back(printable(one.get<std::string>()));
    }
  }
  problem.label = one_line(object.optional_text("label"));
  std::vector<TensorFiles> files;
  if (object.has("files")) files = take_files(object, d);
  object.finish();
  if (files.empty() != d.expected.formula.has_value())
    object.refuse("files", d.expected.formula
                               ? "\"expected\" has a formula; leave the files out, or the formula"
                               : "is missing: \"expected\" has no formula, so files must say what is right");
  d.problem_texts.push_back(entry.contains("files") ? entry["files"].dump() : "");
  d.sizes.push_back(std::move(problem));
  d.files.push_back(std::move(files));
}

}  // namespace

Expression formula_of(const ObjectReader& object, const char* field, const nlohmann::json& value) {
  if (!value.is_string() && !value.is_number())
    object.refuse(field, "must be a number, or a text with a formula: \"ceil_div(n, 256)\"");
  try {
    return Expression(value.is_string() ? value.get<std::string>() : value.dump());
  } catch (const Error& error) {
    object.refuse(field, one_line(error.what()));
  }
}

void take_own_op(ObjectReader& object, KernelDescription& d) {
  if (!object.has("tensors"))
    object.refuse("op",
                  fmt::format("'{}' is no op of kernelgate; for one of your own say its \"tensors\", \"problems\" and "
                              "what is \"expected\"",
                              d.op));
  std::size_t number = 0;
  for (const nlohmann::json& one : object.list("tensors"))
    take_tensor(one, fmt::format("{}, tensors, number {}", object.where(), ++number), d);
  if (d.output.name.empty()) object.refuse("tensors", "one must have the role output");
  if (d.output.type == Type::i16) object.refuse("tensors", "the output must be f16, bf16 or f32");
  take_expected(object.field("expected"), object.where() + ", expected", d);
  if (object.has("flop")) d.flop = formula_of(object, "flop", object.field("flop")).text();
  d.op_text = object.field("tensors").dump() + object.field("expected").dump() + d.flop;
  number = 0;
  for (const nlohmann::json& one : object.list("problems"))
    take_problem(one, fmt::format("{}, problems, number {}", object.where(), ++number), d);
  const auto passed = [&](const std::string& name) {
    return std::ranges::any_of(d.arguments, [&](const KernelArgument& argument) { return argument.tensor == name; });
  };
  if (!passed(d.output.name))
    object.refuse("arguments", fmt::format("none is the output: {{\"tensor\": \"{}\"}}", printable(d.output.name)));
}

}  // namespace kernelgate
