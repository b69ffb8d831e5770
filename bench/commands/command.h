#pragma once
// One subcommand of the program. Each registers itself from its own file.

#include <functional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/registry.h"

namespace CLI {
class App;
}

namespace kernelgate {

/// `add` declares the options on its own app and returns the function that runs the command. Options'
/// variables must outlive `add`: keep them in a shared_ptr that both lambdas hold.
struct Command {
  const char* name;
  const char* summary;
  std::function<std::function<ExitCode()>(CLI::App& app)> add;
};

NamedRegistry<Command>& commands();

/// `const RegisterCommand registered{{"check", "...", add}};` at file scope.
using RegisterCommand = Registered<Command, commands>;

/// What the shell gave the program, for the result document and for starting fresh processes.
std::vector<std::string>& command_line();

}  // namespace kernelgate
