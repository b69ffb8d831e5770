#pragma once
// SQLite, as far as the store needs it: statements that end themselves, and errors of one line.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kernelgate::history {

/// One open database file. Errors  ResultError, one line that names the file.
class Database {
 public:
  enum class Mode { read, write };  ///< write: made if it is not there
  Database(const std::filesystem::path& path, Mode mode);

  void execute(const char* sql);
  std::int64_t last_row() const;
  sqlite3* handle() const { return handle_.get(); }
  [[noreturn]] void fail() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string name_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement, used again and again. Columns and parameters from 0 and 1, as SQLite counts them.
class Statement {
 public:
  Statement(const Database& database, const char* sql);

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, std::optional<double> number);

  bool step();  ///< true: there is a row. At the end the statement is ready for its next use
  void run();   ///< for what gives no rows

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::optional<double> maybe_real(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolls back what is not committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database* database_;
  bool open_ = true;
};

}  // namespace kernelgate::history
