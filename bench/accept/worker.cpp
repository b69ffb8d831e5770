#include "bench/accept/worker.h"

#include <unistd.h>

#include <set>

#include "bench/accept/driver_gpu.h"

namespace kernelgate::accept {

void WorkerOptions::expect_to_go_on() const {
  if (stop != nullptr && stop->load()) throw DriverError(stopped);
}

SymbolSource opened(const std::string& library) {
  std::string error;
  SymbolSource symbols = open_symbols(error, library.c_str());
  if (!symbols) throw DriverError(error);
  return symbols;
}

std::string line_of(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::int64_t other_processes(std::initializer_list<const Fact<std::vector<unsigned>>*> lists) {
  std::set<unsigned> others;
  for (const auto* list : lists)
    if (list->value) others.insert(list->value->begin(), list->value->end());
  others.erase(static_cast<unsigned>(getpid()));
  return static_cast<std::int64_t>(others.size());
}

}  // namespace kernelgate::accept
