#include "kernels/user/user_op.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <utility>

#include "kernels/user/user_problem.h"

namespace kernelgate {
namespace {

/// An op, and the kernels that named it, in whichever order they came.
struct Registered {
  std::shared_ptr<const UserOp> op;
  std::string file;
  std::shared_ptr<std::vector<UserKernel>> kernels = std::make_shared<std::vector<UserKernel>>();
};

std::map<std::string, Registered>& registered() {
  static std::map<std::string, Registered> all;
  return all;
}

[[noreturn]] void end_program(const std::string& what) {
  std::fflush(stdout);
  std::fprintf(stderr, "kernelgate: %s\n", what.c_str());
  std::_Exit(1);
}

/// The same source, however the two compilers were given it.
bool same_file(const std::string& one, const std::string& other) {
  const std::filesystem::path a(one), b(other);
  return one == other || (a.filename() == b.filename() && (a.is_relative() || b.is_relative()));
}

template <class Found>
auto& find_or_fail(Found& all, std::string_view name, const char* what) {
  const auto found = all.find(std::string(name));
  if (found != all.end()) return found->second;
  std::string known;
  for (const auto& [key, value] : all) known += (known.empty() ? "" : ", ") + key;
  throw Error("there is no " + std::string(what) + " '" + std::string(name) + "'; there are: " + known);
}

}  // namespace

std::int64_t UserInputs::size(std::string_view name) const { return find_or_fail(sizes_, name, "size"); }

double UserInputs::operator()(const std::string& tensor, std::int64_t index) const {
  const TensorView& view = find_or_fail(tensors_, tensor, "input");
  if (index < 0 || index >= view.count())
    throw Error(tensor + "[" + std::to_string(index) + "] is not there: it has " + std::to_string(view.count()) +
                " elements");
  return view.at(index);
}

std::int64_t UserCall::size(std::string_view name) const { return find_or_fail(sizes, name, "size"); }
void* UserCall::find(std::string_view name) const { return find_or_fail(tensors, name, "tensor"); }

RegisterOp::RegisterOp(UserOp op, const char* file) {
  Registered& known = registered()[op.name];
  if (known.op && same_file(known.file, file)) return;
  if (known.op) end_program("two ops are named " + op.name + ", in " + known.file + " and in " + file + "; rename one");
  if (op.problems.empty()) end_program(std::string(file) + ": op " + op.name + " has no problems; name one at least");
  known.file = file;
  known.op = std::make_shared<const UserOp>(std::move(op));
  try {
    for (const UserSizes& sizes : known.op->problems)
      add_problem(std::make_shared<UserProblem>(known.op, sizes, known.kernels));
  } catch (const std::exception& error) {
    end_program(std::string(file) + ": " + error.what());
  }
}

RegisterKernel::RegisterKernel(UserKernel kernel, const char* file) {
  kernel.file = file;
  const std::string what = std::string(file) + ": kernel " + kernel.op + "/" + kernel.name;
  if (!is_user_name(kernel.name))
    end_program(what + ": a name is made of letters, digits and _, begins with a letter, and has at most 64 of them");
  if (!kernel.prepare) end_program(what + " has nothing that prepares it");
  std::vector<UserKernel>& all = *registered()[kernel.op].kernels;
  for (const UserKernel& other : all) {
    if (other.name != kernel.name || other.device != kernel.device) continue;
    if (same_file(other.file, file)) return;
    end_program("two kernels of " + kernel.op + " for " + std::string(to_string(kernel.device)) + " are named " +
                kernel.name + ", in " + other.file + " and in " + file + "; rename one");
  }
  all.push_back(std::move(kernel));
}

void expect_user_ops() {
  std::string known;
  for (const auto& [name, one] : registered())
    if (one.op) known += (known.empty() ? "" : ", ") + name;
  for (const auto& [name, one] : registered())
    if (!one.op)
      throw Error(one.kernels->front().file + ": kernel " + one.kernels->front().name + " is of op '" + name +
                  "', which no file registers; there are: " + (known.empty() ? "none" : known));
}

}  // namespace kernelgate
