#include "harness/history/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "harness/base/temporary_folder.h"
#include "harness/history/store/sources.h"
#include "harness/result/result_for_test.h"

namespace kernelgate::history {
namespace {

namespace fs = std::filesystem;
using kernelgate::for_test::made_case;
using kernelgate::for_test::made_result;
using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "results/deep"); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  /// One document, of a night in January.
  void write_night(const std::string& name, int day, double level = 1e-3) {
    Result result = made_result({made_case("a", {std::vector<double>(5, level), std::vector<double>(6, 2 * level)})});
    result.started_utc = "2026-01-" + std::to_string(10 + day) + "T22:00:00Z";
    result.cases[0].runs[0].sm_clock_hz = std::vector<double>(5, 1e9);
    result.cases[0].runs[0].boot_id = "boot";
    result.cases[0].code_hash = "code";
    write_result(result, folder_ / name);
  }

  Found import(const std::vector<fs::path>& places) {
    Store store = Store::open_to_write(store_);
    return import_documents(places, store, "2026-02-01T00:00:00Z");
  }

  std::vector<Document> stored() {
    Environments environments;
    std::vector<Document> documents;
    Store::open_to_read(store_).each(
        environments, [&](const std::string&, const Document& document) { documents.push_back(document); });
    return documents;
  }

  std::string reason(const std::function<void()>& action) {
    try {
      action();
    } catch (const ResultError& error) {
      return error.what();
    }
    return "nothing";
  }

  TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
  fs::path store_ = folder_ / "year.sqlite";
};

TEST_F(StoreTest, GivesBackWhatADocumentSaid) {
  write_night("results/a.json", 0);
  import({folder_ / "results"});
  const std::vector<Document> documents = stored();
  Environments environments;
  const Document from_file = read_documents(folder_ / "results/a.json", environments).at(0).document;
  ASSERT_EQ(documents.size(), 1U);
  const Document& from_store = documents[0];
  EXPECT_EQ(from_store.started_utc, from_file.started_utc);
  EXPECT_EQ(from_store.commit, from_file.commit);
  EXPECT_EQ(from_store.complete, from_file.complete);
  EXPECT_EQ(from_store.injected, from_file.injected);
  EXPECT_EQ(from_store.dirty, from_file.dirty);
  EXPECT_EQ(from_store.environment->device, from_file.environment->device);
  EXPECT_EQ(from_store.environment->fingerprint, from_file.environment->fingerprint);
  ASSERT_EQ(from_store.cases.size(), 1U);
  EXPECT_EQ(from_store.cases[0].name, from_file.cases[0].name);
  EXPECT_EQ(from_store.cases[0].code_hash, "code");
  ASSERT_EQ(from_store.cases[0].runs.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const RunSummary &a = from_store.cases[0].runs[i], &b = from_file.cases[0].runs[i];
    EXPECT_EQ(a.median_s, b.median_s);
    EXPECT_EQ(a.q1_s, b.q1_s);
    EXPECT_EQ(a.q3_s, b.q3_s);
    EXPECT_EQ(a.samples, b.samples);
    EXPECT_EQ(a.clock_hz, b.clock_hz);
    EXPECT_EQ(a.night, b.night);
    EXPECT_EQ(a.boot, b.boot);
  }
}

TEST_F(StoreTest, StoresADocumentOnceAndGoesOnPastBadOnes) {
  write_night("results/a.json", 0);
  write_night("results/deep/b.json", 1);
  fs::copy_file(folder_ / "results/a.json", folder_ / "results/copy.json");
  write("results/cut.json", "{\"kernelgate\": {");
  write("results/other.json", "{\"name\": \"package\"}");
  write("results/notes.txt", "not looked at");
  const Found first = import({folder_ / "results"});
  EXPECT_EQ(first.documents, 2U);
  EXPECT_EQ(first.duplicates, 1U);
  EXPECT_EQ(first.foreign, 1U);
  ASSERT_EQ(first.unusable.size(), 1U);
  EXPECT_THAT(first.unusable[0], HasSubstr("cut.json"));
  const Found again = import({folder_ / "results", folder_ / "none.json", folder_ / "results/other.json"});
  EXPECT_EQ(again.documents, 0U);
  EXPECT_EQ(again.duplicates, 3U);
  EXPECT_EQ(again.unusable.size(), 3U) << "a foreign file that was named is one";
  const std::vector<Document> documents = stored();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_LT(documents[0].started_utc, documents[1].started_utc);
}

TEST_F(StoreTest, ADocumentIsStoredWholeOrNotAtAll) {
  write_night("results/a.json", 0);
  Environments environments;
  ReadDocument read = read_documents(folder_ / "results/a.json", environments).at(0);
  read.document.cases[0].runs[1].median_s = std::nan("");  // SQLite keeps NaN as NULL, which no median may be
  Store store = Store::open_to_write(store_);
  EXPECT_THROW(store.add(read, "x", "now"), ResultError);
  EXPECT_FALSE(store.holds(read.hash));
  EXPECT_TRUE(stored().empty());
  read.document.cases[0].runs[1].median_s = 1;
  EXPECT_TRUE(store.add(read, "x", "now"));
  EXPECT_EQ(stored().size(), 1U);
}

TEST_F(StoreTest, RefusesWhatIsNoStoreOfOurs) {
  write("text.json", "{\"a\": 1, \"b\": 2, \"c\": 3}");
  EXPECT_THAT(reason([&] { Store::open_to_write(folder_ / "text.json"); }), HasSubstr("is no store"));
  EXPECT_EQ(fs::file_size(folder_ / "text.json"), 24U) << "untouched";
  { Database(folder_ / "foreign.sqlite", Database::Mode::write).execute("CREATE TABLE t(x)"); }
  EXPECT_TRUE(is_store(folder_ / "foreign.sqlite"));
  EXPECT_THAT(reason([&] { Store::open_to_write(folder_ / "foreign.sqlite"); }), HasSubstr("another program"));
  EXPECT_THAT(reason([&] { Store::open_to_read(folder_ / "foreign.sqlite"); }), HasSubstr("another program"));
  { Store::open_to_write(store_); }
  for (int version : {1, 7}) {
    const std::string sql = "PRAGMA user_version = " + std::to_string(version);
    { Database(store_, Database::Mode::write).execute(sql.c_str()); }
    const std::string words = "has version " + std::to_string(version) + ", and this program reads 2";
    EXPECT_THAT(reason([&] { Store::open_to_read(store_); }), HasSubstr(words));
    EXPECT_THAT(reason([&] { Store::open_to_write(store_); }), HasSubstr(words));
  }
}

TEST_F(StoreTest, AFolderAndAStoreOfItAreTheSame) {
  write_night("results/a.json", 0);
  write_night("results/b.json", 1);
  import({folder_ / "results"});
  Environments environments;
  std::size_t taken = 0;
  const Found found = take_documents({folder_ / "results", store_}, environments, [&](const Document&) { ++taken; });
  EXPECT_EQ(taken, 2U);
  EXPECT_EQ(found.duplicates, 2U);
  EXPECT_THROW(take_documents({folder_ / "none"}, environments, [](const Document&) {}), ResultError);
}

}  // namespace
}  // namespace kernelgate::history
