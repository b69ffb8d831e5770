#include "harness/base/json/json_fault.h"

#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace kernelgate {
namespace {

using nlohmann::json;

class FaultFinder final : public nlohmann::json_sax<json> {
 public:
  explicit FaultFinder(int deepest) : left_(deepest) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool key(std::string&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t end, const std::string& token, const json::exception& error) override {
    if (dynamic_cast<const json::out_of_range*>(&error) != nullptr)
      found_ = {JsonFault::Kind::out_of_range, end - token.size(), token};
    else
      found_.at = end - 1;
    bad_utf8_ = std::string_view(error.what()).find("UTF-8") != std::string_view::npos;
    return false;
  }

  const JsonFault& found() const { return found_; }
  bool bad_utf8() const { return bad_utf8_; }

 private:
  bool enter() {
    if (left_-- > 0) return true;
    found_.kind = JsonFault::Kind::too_deep;
    return false;
  }
  bool leave() {
    ++left_;
    return true;
  }

  int left_;
  JsonFault found_{JsonFault::Kind::not_json};
  bool bad_utf8_ = false;
};

}  // namespace

void find_json_fault(std::string_view text, int deepest) {
  FaultFinder finder(deepest);
  const bool accepted = json::sax_parse(text, &finder);
  JsonFault fault = finder.found();
  if (accepted) fault.at = text.find('\0');  // which it takes for the end
  fault.at = std::min(fault.at, text.size());
  // A character that broke off is seen at the next one, and begins where it began.
  const auto is_ascii = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0x80) == 0; };
  if (finder.bad_utf8() && fault.at < text.size() && is_ascii(fault.at))
    while (fault.at > 0 && !is_ascii(fault.at - 1)) --fault.at;
  throw fault;
}

}  // namespace kernelgate
