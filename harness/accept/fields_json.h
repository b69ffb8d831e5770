#pragma once
// Structs to JSON and back by the list of their fields, `static void fields(visit)`: visit("name", &Struct::name).

#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/json/fact_json.h"

namespace kernelgate::accept {

struct AnyVisit {
  template <class Member>
  void operator()(const char*, Member) const {}
};
template <class T>
concept HasFields = requires {
  T::fields(AnyVisit{});
};

template <class T>
struct IsFact : std::false_type {};
template <class T>
struct IsFact<Fact<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
nlohmann::json json_of(const T& value) {
  if constexpr (IsFact<T>::value) {
    return fact_json(value);
  } else if constexpr (IsVector<T>::value) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& one : value) all.push_back(json_of(one));
    return all;
  } else if constexpr (HasFields<T>) {
    nlohmann::json document = nlohmann::json::object();
    T::fields([&](const char* name, auto member) { document[name] = json_of(value.*member); });
    return document;
  } else {
    return value;
  }
}

/// A field that the document lacks keeps its value: a sheet of an earlier version has fewer.
template <class T>
void read_fields(const nlohmann::json& from, T& value) {
  if constexpr (IsFact<T>::value) {
    using Value = typename std::remove_reference_t<decltype(value.value)>::value_type;
    value = fact_from_json<Value>(from);
  } else if constexpr (IsVector<T>::value) {
    value.clear();
    for (const nlohmann::json& one : from) read_fields(one, value.emplace_back());
  } else if constexpr (HasFields<T>) {
    T::fields([&](const char* name, auto member) {
      if (const auto found = from.find(name); found != from.end()) read_fields(*found, value.*member);
    });
  } else {
    from.get_to(value);
  }
}

}  // namespace kernelgate::accept
