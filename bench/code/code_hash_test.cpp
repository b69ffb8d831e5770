#include "bench/code/code_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bench/code/loaded_library.h"
#include "bench/run/devices.h"

namespace kernelgate {
namespace {

using ::testing::StartsWith;

/// What a program and a machine may be made of.
struct World {
  std::vector<ObjectCode> objects{{"kernels/matmul/sm75_multistage.cu", "host", "h0", ""},
                                  {"kernels/matmul/sm75_multistage.cu", "sm_80", "d80", ""},
                                  {"kernels/matmul/sm75_multistage.cu", "sm_86", "d86", ""},
                                  {"kernels/matmul/sm75_multistage.cu", "sm_90a", "d90a", ""},
                                  {"bench/peers/onednn/", "host", "o0", "dnnl,gomp"},
                                  {"bench/peers/cublaslt/", "host", "c0", "cublasLt"}};
  std::map<std::string, std::string> libraries{{"dnnl", "2.6 ab"}, {"gomp", "1 cd"}, {"cublasLt", "13.0 ef"}};
  std::string driver = "580.65.06";

  std::string hash(const AnyProblem::Candidate& candidate, int capability = 80) const {
    Device device;
    device.kind = candidate.device;
    device.compute_capability = capability;
    return code_hash(
        candidate, device,
        {objects, [this](const std::string& stem) { return libraries.contains(stem) ? libraries.at(stem) : ""; },
         [this] { return driver; }});
  }
};

const AnyProblem::Candidate ours{"sm75_multistage", Origin::ours, DeviceKind::cuda,
                                 "/home/someone/kernelgate/kernels/matmul/sm75_multistage.cu"};
const AnyProblem::Candidate cpu_peer{"onednn", Origin::peer, DeviceKind::cpu,
                                     "../../bench/peers/onednn/onednn_matmul.cpp"};
const AnyProblem::Candidate gpu_peer{"cublaslt", Origin::peer, DeviceKind::cuda,
                                     "bench/peers/cublaslt/cublaslt_matmul.cpp"};

TEST(CodeHash, ChangesWithEachPartOfWhatRunsAndWithNothingElse) {
  const World world;
  for (const auto& candidate : {ours, cpu_peer, gpu_peer}) {
    const std::string before = world.hash(candidate);
    EXPECT_EQ(before.size(), 16u);
    EXPECT_EQ(world.hash(candidate), before);
    std::set<std::string> matters;
    for (std::size_t i = 0; i < world.objects.size(); ++i) {
      World other = world;
      other.objects[i].hash = "other";
      if (other.hash(candidate) != before) matters.insert(std::string(other.objects[i].hash) + std::to_string(i));
    }
    for (const auto& [stem, library] : world.libraries) {
      World other = world;
      other.libraries[stem] = "other";
      if (other.hash(candidate) != before) matters.insert(stem);
    }
    World other = world;
    other.driver = "581";
    if (other.hash(candidate) != before) matters.insert("driver");
    const std::set<std::string> expected = candidate.name == ours.name ? std::set<std::string>{"other0", "other1"}
                                           : candidate.name == cpu_peer.name
                                               ? std::set<std::string>{"other4", "dnnl", "gomp"}
                                               : std::set<std::string>{"other5", "cublasLt", "driver"};
    EXPECT_EQ(matters, expected) << candidate.name;
  }
}

TEST(CodeHash, TakesTheCodeThatTheDeviceRuns) {
  const World world;
  const auto without = [&](std::size_t i, int capability) {
    World other = world;
    other.objects[i].hash = "other";
    return other.hash(ours, capability) != world.hash(ours, capability);
  };
  EXPECT_TRUE(without(1, 80));
  EXPECT_TRUE(without(2, 86));
  EXPECT_TRUE(without(2, 89)) << "the nearest earlier of the same major";
  EXPECT_FALSE(without(1, 89));
  EXPECT_TRUE(without(3, 90));
  EXPECT_EQ(world.hash(ours, 120), "") << "code of another major does not run";
}

TEST(CodeHash, IsEmptyWhereAPartIsNotKnown) {
  World world;
  AnyProblem::Candidate stranger = cpu_peer;
  stranger.file = "elsewhere/onednn.cpp";
  EXPECT_EQ(world.hash(stranger), "");
  stranger.file = "";
  EXPECT_EQ(world.hash(stranger), "");
  stranger = ours;
  stranger.file = "other_kernels/matmul/sm75_multistage.cu";
  EXPECT_EQ(world.hash(stranger), "");
  stranger = ours;
  stranger.device = DeviceKind::simt;
  EXPECT_EQ(world.hash(stranger), "");
  world.libraries.erase("gomp");
  EXPECT_EQ(world.hash(cpu_peer), "");
  world.driver = "";
  EXPECT_EQ(world.hash(gpu_peer), "");
  EXPECT_NE(world.hash(ours), "") << "the driver compiles nothing of ours";
}

TEST(CodeHash, EveryRegisteredImplementationKnowsItsFile) {
  for (const auto& problem : all_problems())
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device == DeviceKind::simt) continue;
      if (problem->choice(candidate, simt_device()) || !problem->parts(candidate).empty())
        continue;  // no code of its own
      const auto code = object_code();
      const bool known = std::ranges::any_of(code, [&](const ObjectCode& one) {
        return one.processor == "host" && candidate.file.find(one.source) != std::string::npos;
      });
      EXPECT_TRUE(known) << candidate.name << " of '" << candidate.file << "'";
    }
}

TEST(LoadedLibrary, IsNamedWithItsVersionAndBuildId) {
  const std::string library = loaded_library("c");
  EXPECT_THAT(library, StartsWith("libc.so.6 "));
  EXPECT_GE(library.size(), std::string("libc.so.6 ").size() + 16);
  EXPECT_EQ(library.find_first_not_of("0123456789abcdef", 10), std::string::npos) << library;
  EXPECT_NE(loaded_library("stdc++"), library);
  EXPECT_THAT(loaded_library("stdc++"), StartsWith("libstdc++.so.6."));
  EXPECT_EQ(loaded_library("no_such_library"), "");
  EXPECT_EQ(loaded_library("c."), "") << "part of a name";
}

}  // namespace
}  // namespace kernelgate
