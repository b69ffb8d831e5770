#pragma once
// A fact in JSON: its value, or {"value": null, "reason": "..."} so that a missing one is never a 0.

#include <optional>

#include <nlohmann/json.hpp>

#include "harness/base/fact.h"

namespace kernelgate {

template <class T>
nlohmann::json fact_json(const Fact<T>& fact) {
  if (fact.value) return *fact.value;
  return {{"value", nullptr}, {"reason", fact.reason.empty() ? "not read" : fact.reason}};
}

template <class T>
Fact<T> fact_from_json(const nlohmann::json& document) {
  if (document.is_object()) return {std::nullopt, document.value("reason", "not read")};
  return {document.get<T>(), ""};
}

}  // namespace kernelgate
