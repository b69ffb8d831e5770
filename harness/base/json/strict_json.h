#pragma once
// JSON that people write: read strictly, and an error says in one line where it is wrong and what is right.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace kernelgate {

/// Errors  HarnessError (usage): not JSON (with line and column), a field twice, nested too deep, too large.
nlohmann::json parse_strict_json(std::string_view text, const std::string& file);

/// The whole of a file that a user named. Errors  HarnessError (usage): can't be read, no regular file, too large.
std::string read_user_file(const std::string& path);

/// One object of such a document. Every function throws HarnessError (usage) for a field that is missing or
/// has the wrong type; `finish` for one that nobody asked for.
class ObjectReader {
 public:
  /// `where` names the object in messages: "site.json: toolkits, row 3".
  ObjectReader(const nlohmann::json& object, std::string where);

  bool has(const char* field) const { return object_.contains(field); }
  const nlohmann::json& field(const char* name);
  bool is_null(const char* name) { return field(name).is_null(); }
  std::string text(const char* name);  ///< not empty
  std::optional<std::string> text_or_null(const char* name);
  std::string optional_text(const char* name);  ///< empty where the field is absent
  std::int64_t integer(const char* name, std::int64_t least, std::int64_t most);
  std::string version(const char* name);          ///< a driver's: "580.65.06"
  std::string version_or_null(const char* name);  ///< empty for null
  int cuda_version(const char* name);             ///< "13.2" is 13020
  int compute_capability(const char* name);       ///< "9.0" is 90
  std::string date(const char* name);             ///< "2026-11-22"
  std::string choice(const char* name, std::initializer_list<const char*> allowed);
  const nlohmann::json& list(const char* name);  ///< not empty
  void finish() const;

  const std::string& where() const { return where_; }
  [[noreturn]] void refuse(const char* name, const std::string& what_is_right) const;

 private:
  const nlohmann::json& object_;
  std::string where_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace kernelgate
