#include "bench/commands/command.h"

namespace kernelgate {

NamedRegistry<Command>& commands() {
  static NamedRegistry<Command> all("command");
  return all;
}

std::vector<std::string>& command_line() {
  static std::vector<std::string> arguments;
  return arguments;
}

}  // namespace kernelgate
