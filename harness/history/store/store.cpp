#include "harness/history/store/store.h"

#include <fstream>

#include <fmt/format.h>

namespace kernelgate::history {
namespace {

using nlohmann::json;

// "kgat", so that no other program's database is taken for ours.
constexpr int application_id = 0x6b676174;

// Names and hashes are the same every night: they are kept once, in `texts`.
constexpr const char* schema = R"(
  CREATE TABLE environments(id INTEGER PRIMARY KEY, device TEXT NOT NULL, device_kind TEXT NOT NULL,
    identity TEXT NOT NULL, UNIQUE(device, device_kind, identity));
  CREATE TABLE texts(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
  CREATE TABLE documents(id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
    imported_utc TEXT NOT NULL, started_utc TEXT NOT NULL, complete INTEGER NOT NULL, injected INTEGER NOT NULL,
    dirty INTEGER NOT NULL, commit_hash TEXT NOT NULL, environment INTEGER NOT NULL REFERENCES environments(id));
  CREATE INDEX documents_by_time ON documents(started_utc, id);
  CREATE TABLE cases(document INTEGER NOT NULL REFERENCES documents(id), position INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES texts(id), status TEXT NOT NULL, injected INTEGER NOT NULL,
    code_hash INTEGER NOT NULL REFERENCES texts(id), PRIMARY KEY(document, position)) WITHOUT ROWID;
  CREATE TABLE runs(document INTEGER NOT NULL, position INTEGER NOT NULL, run INTEGER NOT NULL,
    night TEXT NOT NULL, boot INTEGER NOT NULL REFERENCES texts(id), samples INTEGER NOT NULL, median_s REAL NOT NULL,
    q1_s REAL NOT NULL, q3_s REAL NOT NULL, clock_hz REAL, control_s REAL,
    PRIMARY KEY(document, position, run), FOREIGN KEY(document, position) REFERENCES cases(document, position))
    WITHOUT ROWID;
)";

int pragma(const Database& database, const char* sql) {
  Statement statement(database, sql);
  const int value = statement.step() ? static_cast<int>(statement.integer(0)) : 0;
  while (statement.step()) {
  }
  return value;
}

void require_ours(const Database& database, const std::filesystem::path& path) {
  if (pragma(database, "PRAGMA application_id") != application_id)
    throw ResultError(fmt::format(
        "store '{}': a database of another program; name a store made by 'kernelgate history import'", path.string()));
  const int version = pragma(database, "PRAGMA user_version");
  if (version != store_version)
    throw ResultError(fmt::format(
        "store '{}' has version {}, and this program reads {}; use the version that made it, or import anew",
        path.string(), version, store_version));
}

bool has_tables(const Database& database) { return pragma(database, "SELECT count(*) FROM sqlite_master") > 0; }

/// Texts to their ids, within one document.
class Texts {
 public:
  explicit Texts(const Database& database)
      : insert_(database, "INSERT OR IGNORE INTO texts(text) VALUES(?)"),
        find_(database, "SELECT id FROM texts WHERE text = ?") {}

  std::int64_t id(const std::string& text) {
    const auto [place, fresh] = ids_.try_emplace(text, 0);
    if (fresh) {
      insert_.bind(1, text).run();
      find_.bind(1, text).step();
      place->second = find_.integer(0);
      find_.run();
    }
    return place->second;
  }

 private:
  Statement insert_, find_;
  std::map<std::string, std::int64_t> ids_;
};

std::map<std::int64_t, std::string> all_texts(const Database& database) {
  std::map<std::int64_t, std::string> texts;
  Statement statement(database, "SELECT id, text FROM texts");
  while (statement.step()) texts[statement.integer(0)] = statement.text(1);
  return texts;
}

std::map<std::int64_t, std::shared_ptr<const Environment>> all_environments(const Database& database,
                                                                            Environments& environments) {
  std::map<std::int64_t, std::shared_ptr<const Environment>> all;
  Statement statement(database, "SELECT id, device, device_kind, identity FROM environments");
  while (statement.step())
    all[statement.integer(0)] =
        environments.shared({statement.text(1), statement.text(2), {{"identity", json::parse(statement.text(3))}}});
  return all;
}

std::int64_t environment_id(const Database& database, const Environment& environment) {
  const std::string identity =
      environment.fingerprint.value("identity", json()).dump(-1, ' ', false, json::error_handler_t::replace);
  Statement insert(database, "INSERT OR IGNORE INTO environments(device, device_kind, identity) VALUES(?, ?, ?)");
  insert.bind(1, environment.device).bind(2, environment.device_kind).bind(3, identity).run();
  Statement find(database, "SELECT id FROM environments WHERE device = ? AND device_kind = ? AND identity = ?");
  find.bind(1, environment.device).bind(2, environment.device_kind).bind(3, identity).step();
  return find.integer(0);
}

void add_cases(const Database& database, std::int64_t document, const std::vector<CaseInDocument>& cases) {
  Texts texts(database);
  Statement add_case(database, "INSERT INTO cases VALUES(?, ?, ?, ?, ?, ?)");
  Statement add_run(database, "INSERT INTO runs VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t position = 0;
  for (const CaseInDocument& one : cases) {
    add_case.bind(1, document).bind(2, position).bind(3, texts.id(one.name)).bind(4, to_string(one.status));
    add_case.bind(5, std::int64_t{one.injected}).bind(6, texts.id(one.code_hash)).run();
    std::int64_t number = 0;
    for (const RunSummary& run : one.runs) {
      add_run.bind(1, document).bind(2, position).bind(3, number++).bind(4, run.night).bind(5, texts.id(run.boot));
      add_run.bind(6, static_cast<std::int64_t>(run.samples)).bind(7, std::optional(run.median_s));
      add_run.bind(8, std::optional(run.q1_s)).bind(9, std::optional(run.q3_s));
      add_run.bind(10, run.clock_hz).bind(11, run.control_s).run();
    }
    ++position;
  }
}

CaseStatus status_named(const std::string& name) {
  for (CaseStatus status : {CaseStatus::measured, CaseStatus::skipped, CaseStatus::wrong, CaseStatus::invalid})
    if (name == to_string(status)) return status;
  return CaseStatus::error;
}

RunSummary run_of(const Statement& row, const std::map<std::int64_t, std::string>& texts) {
  RunSummary run{row.real(4), row.real(5), row.real(6), static_cast<std::size_t>(row.integer(3))};
  run.night = row.text(1);
  run.boot = texts.at(row.integer(2));
  run.clock_hz = row.maybe_real(7);
  run.control_s = row.maybe_real(8);
  return run;
}

}  // namespace

bool is_store(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string begin(16, '\0');
  in.read(begin.data(), 16);
  return in.gcount() == 16 && begin == std::string("SQLite format 3\0", 16);
}

Store Store::open_to_read(const std::filesystem::path& path) {
  Database database(path, Database::Mode::read);
  require_ours(database, path);
  return Store(std::move(database));
}

Store Store::open_to_write(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool there = std::filesystem::exists(path, ignored) && std::filesystem::file_size(path, ignored) > 0;
  if (there && !is_store(path))
    throw ResultError(
        fmt::format("'{}' is there and is no store; the store comes first: "
                    "kernelgate history import STORE RESULT...",
                    path.string()));
  Database database(path, Database::Mode::write);
  {
    Transaction transaction(database);
    if (!has_tables(database)) {
      database.execute(schema);
      database.execute(fmt::format("PRAGMA application_id = {}", application_id).c_str());
      database.execute(fmt::format("PRAGMA user_version = {}", store_version).c_str());
    }
    transaction.commit();
  }
  require_ours(database, path);
  return Store(std::move(database));
}

bool Store::holds(const std::string& hash) {
  Statement find(database_, "SELECT 1 FROM documents WHERE hash = ?");
  return find.bind(1, hash).step();
}

bool Store::add(const ReadDocument& read, const std::string& source, const std::string& imported_utc) {
  Transaction transaction(database_);
  if (holds(read.hash)) return false;
  const Document& from = read.document;
  Statement add_document(database_,
                         "INSERT INTO documents(hash, source, imported_utc, started_utc, complete, injected, dirty, "
                         "commit_hash, environment) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add_document.bind(1, read.hash).bind(2, source).bind(3, imported_utc).bind(4, from.started_utc);
  add_document.bind(5, std::int64_t{from.complete}).bind(6, std::int64_t{from.injected});
  add_document.bind(7, std::int64_t{from.dirty}).bind(8, from.commit);
  add_document.bind(9, environment_id(database_, *from.environment)).run();
  add_cases(database_, database_.last_row(), from.cases);
  transaction.commit();
  return true;
}

void Store::each(Environments& environments,
                 const std::function<void(const std::string& hash, const Document&)>& take) {
  database_.execute("BEGIN");  // one state of the store, whoever adds to it meanwhile
  const auto texts = all_texts(database_);
  const auto known = all_environments(database_, environments);
  Statement documents(
      database_,
      "SELECT id, started_utc, complete, injected, dirty, commit_hash, environment, hash FROM documents "
      "ORDER BY started_utc, id");
  Statement cases(database_,
                  "SELECT position, name, status, injected, code_hash FROM cases WHERE document = ? ORDER BY position");
  Statement runs(database_,
                 "SELECT position, night, boot, samples, median_s, q1_s, q3_s, clock_hz, control_s FROM runs "
                 "WHERE document = ? ORDER BY position, run");
  while (documents.step()) {
    const std::int64_t id = documents.integer(0);
    Document document{documents.text(1),
                      documents.integer(2) != 0,
                      documents.integer(3) != 0,
                      documents.integer(4) != 0,
                      documents.text(5),
                      known.at(documents.integer(6)),
                      {}};
    cases.bind(1, id);
    while (cases.step())
      document.cases.push_back({texts.at(cases.integer(1)),
                                status_named(cases.text(2)),
                                cases.integer(3) != 0,
                                texts.at(cases.integer(4)),
                                {}});
    runs.bind(1, id);
    while (runs.step())
      document.cases.at(static_cast<std::size_t>(runs.integer(0))).runs.push_back(run_of(runs, texts));
    take(documents.text(7), document);
  }
  database_.execute("COMMIT");
}

}  // namespace kernelgate::history
