#include "bench/commands/command.h"

#include <algorithm>
#include <string_view>

namespace kernelgate {
namespace {

std::vector<Command>& registry() {
  static std::vector<Command> all;
  return all;
}

}  // namespace

const std::vector<Command>& commands() {
  std::ranges::sort(registry(), {}, [](const Command& c) { return std::string_view(c.name); });
  return registry();
}

RegisterCommand::RegisterCommand(Command command) { registry().push_back(std::move(command)); }

std::vector<std::string>& command_line() {
  static std::vector<std::string> arguments;
  return arguments;
}

}  // namespace kernelgate
