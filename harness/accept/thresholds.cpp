#include "harness/accept/thresholds.h"

#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "harness/accept/embedded_thresholds.h"
#include "harness/base/json/json_text.h"

namespace kernelgate::accept {
namespace {

std::vector<Threshold> read() {
  std::vector<Threshold> all;
  for (const EmbeddedText& file : accept_texts()) {
    const nlohmann::json document = parse_json(std::string(file.text), std::string(file.name));
    for (const nlohmann::json& row : document.at("thresholds"))
      all.push_back({row.at("id"), row.at("unit"), row.at("text"), row.at("source"), row.at("value")});
  }
  return all;
}

}  // namespace

const std::vector<Threshold>& thresholds() {
  static const std::vector<Threshold> all = read();
  return all;
}

const Threshold& threshold(std::string_view id) {
  for (const Threshold& one : thresholds())
    if (one.id == id) return one;
  throw std::out_of_range("no threshold " + std::string(id));
}

double pcie_bytes_per_s(int generation, int width) {
  constexpr std::array<double, 7> transfers_per_s = {0, 2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9};
  if (generation < 1 || generation >= static_cast<int>(transfers_per_s.size()) || width < 1) return 0;
  const double coded = generation < 3 ? 8.0 / 10 : generation < 6 ? 128.0 / 130 : 1;
  return transfers_per_s[static_cast<std::size_t>(generation)] * coded * width / 8;
}

double memory_bytes_per_s(double clock_hz, int bus_bits) { return clock_hz * 2 * bus_bits / 8; }

}  // namespace kernelgate::accept
