// What every command owes a person: help, JSON alone on stdout, and one clear line when something can't be used.

#include <sys/stat.h>

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* tiny =
    "run --device cpu --suite full --runs 1 --benchmark_min_time=0.02 --benchmark_filter=mel/whisper80/200ms/kissfft/ ";

class EveryCommand : public ProgramTest {
 protected:
  bool gpu_here() {
    run("check --json");
    return !json::parse(out_)["environment"]["gpus"].empty();
  }
};

TEST_F(EveryCommand, HasHelpWithAnExample) {
  for (const char* command :
       {"", "baseline", "baseline accept", "baseline calibrate", "baseline extend", "baseline list", "baseline show",
        "check", "codegen", "compare", "list", "run", "verify"}) {
    EXPECT_EQ(run(std::string(command) + " --help"), 0) << command;
    EXPECT_THAT(out_, HasSubstr("Example")) << command;
    EXPECT_EQ(err_, "") << command;
  }
}

TEST_F(EveryCommand, LoadsNothingHeavyToHelpOrToList) {
  for (const char* command : {"--help", "list"}) {
    // The loader itself says which files it opens, at start-up and later.
    ASSERT_EQ(run(command, "LD_DEBUG=files"), 0);
    ASSERT_THAT(err_, HasSubstr("libc.so")) << "the loader says nothing here";
    for (const char* library :
         {"libcuda.", "libcudart", "libcublas", "libcudnn", "libcufft", "libnvidia", "libsndfile", "libsamplerate"})
      EXPECT_THAT(err_, Not(HasSubstr(library))) << command;
  }
}

TEST_F(EveryCommand, PrintsJsonAlone) {
  ASSERT_EQ(run("list --json --suite smoke"), 0);
  EXPECT_EQ(json::parse(out_)["ops"].size(), 3U);
  EXPECT_EQ(err_, "");
  EXPECT_THAT(run("check --json"), AnyOf(0, 5, 77));
  EXPECT_TRUE(json::parse(out_)["findings"].is_array());
  ASSERT_EQ(run("verify --device cpu --op mel --json"), 0) << err_;
  const json proofs = json::parse(out_)["proofs"];
  EXPECT_FALSE(proofs.empty());
  const auto holds = [](const json& one) {
    return one["status"] == "right" || (one["implementation"] != "highway" && one["status"] == "skipped");
  };
  for (const json& one : proofs) EXPECT_TRUE(holds(one)) << one;
  EXPECT_TRUE(std::ranges::any_of(proofs, [](const json& one) { return one["status"] == "right"; }));
  EXPECT_THAT(err_, HasSubstr("right"));
  ASSERT_EQ(run("verify --device cpu --op mel", "KERNELGATE_INJECT='wrong:.*'"), 2);
  EXPECT_THAT(out_, HasSubstr("WRONG"));
  ASSERT_EQ(run("baseline list --json --baselines none"), 0);
  EXPECT_TRUE(json::parse(out_)["baselines"].empty());
}

TEST_F(EveryCommand, CountsWhatKernelsDoTheSameOnEveryRun) {
  ASSERT_EQ(run("verify --op matmul --counters --json"), 0) << err_;
  const json proofs = json::parse(out_)["proofs"];
  int counted = 0, by_hand = 0;
  for (const json& one : proofs) {
    EXPECT_EQ(one.contains("counters"), one["status"] == "right") << one;
    if (!one.contains("counters")) continue;
    ++counted;
    const json &counters = one["counters"], &ratios = one["ratios"], &work = one["work"];
    EXPECT_GE(counters["global_read_bytes"].get<double>() + counters["global_written_bytes"].get<double>(),
              work["bytes"].get<double>());
    EXPECT_GE(ratios["global_bytes"], 1);
    const std::string name = one["name"];
    const bool vector = name.find("/1x") != name.npos || name.find("x1x") != name.npos;
    if (work["flop"] == 0) {
      EXPECT_TRUE(ratios["tensor_flop"].is_null());
    } else if (vector && counters["tensor_flop"] == 0) {
      EXPECT_TRUE(one["implementation"] == "sm75_gemv" || one["implementation"] == "ours") << name;
    } else {
      EXPECT_GE(ratios["tensor_flop"], 1);
    }
    if (name == "matmul/f16_nt/128x256x192/sm75_multistage") {
      ++by_hand;
      EXPECT_EQ(work["bytes"], 2 * (128 * 192 + 256 * 192 + 128 * 256));
      EXPECT_EQ(counters["tensor_flop"], 2 * 128 * 256 * 192);
      EXPECT_EQ(counters["global_written_bytes"], 128 * 256 * 2);
      EXPECT_EQ(ratios["tensor_flop"], 1);
      std::uint64_t read = 0;
      for (const json& call : one["calls"])
        if (call["call"] == "cp_async") read += call["bytes"].get<std::uint64_t>();
      EXPECT_EQ(read, counters["global_read_bytes"]);
    }
  }
  EXPECT_GT(counted, 1);
  EXPECT_EQ(by_hand, 1);
  ASSERT_EQ(run("verify --op matmul --counters --json"), 0) << err_;
  const json again = json::parse(out_)["proofs"];
  ASSERT_EQ(again.size(), proofs.size());
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    EXPECT_EQ(proofs[i].value("counters", json()), again[i].value("counters", json()));
    EXPECT_EQ(proofs[i].value("calls", json()), again[i].value("calls", json()));
  }
  ASSERT_EQ(run("verify --op matmul --counters"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("tensor cores: 12.58 MFLOP, 1.00x the ideal"));
  ASSERT_EQ(run("verify --op matmul --json"), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("counters")));
}

TEST_F(EveryCommand, TakesImplementationsByName) {
  ASSERT_EQ(run("verify --op matmul --implementation sm80_multistage,ours --json"), 0) << err_;
  std::map<std::string, int> proofs;
  const json document = json::parse(out_);
  for (const json& one : document["proofs"]) ++proofs[one["implementation"]];
  EXPECT_EQ(proofs.size(), 2U);
  EXPECT_GT(proofs["ours"], 0);
  EXPECT_EQ(proofs["ours"], proofs["sm80_multistage"]);
  ASSERT_EQ(run("run --device cpu --op matmul --implementation onednn --benchmark_list_tests"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("/onednn/hot"));
  expect_refusal(1, "verify --op matmul --implementation cublas", "there is no simt implementation 'cublas'");
  expect_refusal(1, "run --device cpu --op matmul --implementation ours", "there is no cpu implementation 'ours'");
}

TEST_F(EveryCommand, SaysWhyAProblemGetsItsKernel) {
  ASSERT_EQ(run("list --op matmul --suite smoke --explain 9.0"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\n      sm90a_small_m (\"few rows, sm_90a\"): at most 128 rows"));
  EXPECT_THAT(out_, HasSubstr("\n      sm80_direct (\"small\"): latency decides"));
  ASSERT_EQ(run("list --suite smoke --explain 8.6 --json"), 0) << err_;
  const json listing = json::parse(out_);
  EXPECT_EQ(listing["ops"].size(), 3U);
  for (const json& op : listing["ops"])
    for (const json& problem : op["problems"]) {
      const json& choice = problem["choice"];
      EXPECT_EQ(choice.is_null(), op["name"] == "mel");
      if (op["name"] != "matmul") continue;
      const bool small = problem["name"] != "f16_nt/16x2112x7168" && problem["name"] != "f16_nt/1000x300x512";
      EXPECT_EQ(choice["implementation"], small ? "sm80_direct" : "sm80_multistage") << problem;
      EXPECT_EQ(choice["row"], small ? "small" : "cp.async") << problem;
    }
  expect_refusal(1, "list --explain hopper", "--explain hopper: must be a compute capability, such as 9.0");
}

TEST_F(EveryCommand, NamesWhatItDoesNotKnow) {
  expect_refusal(1, "rum", "'rum'");
  expect_refusal(1, "run --device cpu --suite huge", "'huge'");
  expect_refusal(1, std::string(tiny) + "--op gemm", "'gemm'");
  expect_refusal(1, "run --device tpu", "tpu");
  expect_refusal(1, std::string(tiny) + "--report pdf", "pdf");
  expect_refusal(1, "run --device cpu --benchmark_filter=nothing_like_this", "nothing_like_this");
  expect_refusal(1, "run --device cpu '--benchmark_filter=('", "--benchmark_filter");
  expect_refusal(1, "run --device cpu --no-such-flag", "--no-such-flag");
  expect_refusal(1, "list --suite huge", "'huge'");
  expect_refusal(1, "list --op gemm", "'gemm'");
  expect_refusal(1, "verify --op gemm", "'gemm'");
  expect_refusal(1, "verify --device tpu", "tpu");
  expect_refusal(1, "verify --device cpu --counters", "--device simt");
  expect_refusal(1, "verify --device cuda --counters", "--device simt");
  expect_refusal(1, "check --require 'colour>=3'", "colour");
}

TEST_F(EveryCommand, RefusesAResultThatItCannotUse) {
  ASSERT_EQ(run(std::string(tiny) + "--baselines none --out good.json"), 0) << err_;
  const std::string good = read("good.json");
  write("cut.json", good.substr(0, good.size() / 2));
  write("text.json", "this is not JSON\n");
  write("empty.json", "");
  json other = json::parse(good);
  other["kernelgate"]["schema_version"] = 999;
  write("other.json", other.dump());
  std::filesystem::create_directory(folder_ / "folder.json");
  for (const char* name : {"cut.json", "text.json", "empty.json", "other.json", "missing.json", "folder.json"}) {
    expect_refusal(1, fmt::format("compare {} good.json", name), name);
    expect_refusal(1, fmt::format("compare good.json {}", name), name);
    expect_refusal(1, fmt::format("baseline accept {} --reason x --allow-dirty --baselines stored", name), name);
    expect_refusal(1, fmt::format("{} --out new.json --base {}", tiny, name), name);
  }
  expect_refusal(1, "compare other.json good.json", "999");
}

TEST_F(EveryCommand, RefusesABaselineThatItCannotUseAndKeepsIt) {
  ASSERT_EQ(run(std::string(tiny) + "--baselines none --out good.json"), 0) << err_;
  const json document = read_json_file("good.json")["kernelgate"];
  if (document["build"]["sanitizers"] != "") GTEST_SKIP() << "a build with sanitizers makes no baseline";
  ASSERT_EQ(run("baseline accept good.json --reason x --allow-dirty --anyway --baselines stored"), 0) << err_;
  const std::string stored = "stored/" + document["device"].get<std::string>() + "/mel.json";
  const std::string text = read(stored);
  ASSERT_FALSE(text.empty());
  for (const std::string& bad : {text.substr(0, text.size() / 2), std::string("no JSON"), std::string()}) {
    write(stored, bad);
    expect_refusal(1, "baseline accept good.json --reason x --allow-dirty --anyway --baselines stored", "mel.json");
    expect_refusal(1, fmt::format("compare {} good.json", stored), "mel.json");
  }
}

TEST_F(EveryCommand, RefusesAudioThatItCannotUse) {
  write("empty.wav", "");
  write("text.wav", "these are words, not sound\n");
  std::filesystem::create_directory(folder_ / "folder.wav");
  for (const char* name : {"empty.wav", "text.wav", "missing.wav", "folder.wav"})
    expect_refusal(1, fmt::format("{} --op mel --out new.json --audio {}", tiny, name), name);
  if (geteuid() == 0) return;  // root reads everything
  write("secret.wav", "RIFF");
  chmod((folder_ / "secret.wav").c_str(), 0);
  EXPECT_EQ(run(std::string(tiny) + "--op mel --out new.json --audio secret.wav"), 1);
  EXPECT_THAT(err_, HasSubstr("secret.wav"));
}

TEST_F(EveryCommand, SaysWhenItsOutputCannotBeWritten) {
  expect_refusal(1, std::string(tiny) + "--out no_such_folder/a.json", "no_such_folder");
  expect_refusal(1, std::string(tiny) + "--out /proc/a.json", "/proc/a.json");  // not even by root
  std::filesystem::create_directory(folder_ / "taken");
  expect_refusal(1, std::string(tiny) + "--out taken", "taken");
  // A full disk: what is said first is lost, what is said of it is not.
  for (const std::string& arguments :
       {std::string("list"), std::string("list --json"), std::string("check --json"), std::string("--help"),
        std::string("baseline --help"), std::string("verify --device cpu --op mel --json")}) {
    EXPECT_EQ(run(arguments, "", "/dev/full"), 1) << arguments;
    EXPECT_EQ(errors_said(), 1) << err_;
    EXPECT_THAT(err_, HasSubstr("standard output")) << arguments;
  }
}

TEST_F(EveryCommand, KeepsAResultWhosePlaceIsFull) {
  const std::string rescue = "TMPDIR='" + folder_.string() + "'";
  EXPECT_EQ(run(std::string(tiny) + "--baselines none --out /dev/full", rescue), 1) << err_;
  EXPECT_EQ(errors_said(), 1) << err_;
  EXPECT_THAT(err_, HasSubstr("/dev/full"));
  // What was measured is where it says.
  std::vector<std::string> kept;
  for (const auto& [path, text] : everything())
    if (json::accept(text)) kept.push_back(path);
  ASSERT_EQ(kept.size(), 1U) << err_;
  EXPECT_THAT(err_, HasSubstr(kept.front()));
}

TEST_F(EveryCommand, NeverMeasuresTheCpuInstead) {
  expect_refusal(gpu_here() ? 5 : 77, "run --device cuda --gpu 99 --out a.json", "GPU");
  if (gpu_here()) GTEST_SKIP() << "there is a GPU";
  expect_refusal(77, "run --device cuda --out a.json", "no GPU");
  expect_refusal(77, "verify --device cuda", "no GPU");
}

}  // namespace
}  // namespace kernelgate
