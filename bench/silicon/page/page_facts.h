#pragma once
// What a GPU's minutes have told, in lines for a person.

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kernelgate::silicon {

/// One step of scripts/on_gpu, as its line in steps.txt says: NAME|STATE|EXIT|SECONDS|LIMIT|WHY.
struct Step {
  std::string name;
  std::string state;  ///< done, cut, failed, skipped, left, running
  int exit = 0;
  std::string seconds, limit;
  std::string why;  ///< of skipped and left; may be empty
};

struct PageFacts {
  std::string gpu, driver, date;
  bool rehearsal = false;
  std::vector<std::string> wrong;     ///< of the executor, the kernels, the guards, the model
  std::vector<std::string> not_done;  ///< and why
  std::vector<std::string> done;
  std::vector<Step> steps;
};

std::vector<Step> parse_steps(const std::string& text);

/// Each adds what it finds in the folder; a file that is not there adds nothing, one that is broken says so.
void read_compare(const std::filesystem::path& folder, PageFacts& facts);
void read_verify(const std::filesystem::path& folder, PageFacts& facts);
void read_exploits(const std::filesystem::path& folder, PageFacts& facts);
void read_figures(const std::filesystem::path& folder, PageFacts& facts);
void read_times(const std::filesystem::path& folder, PageFacts& facts);
/// What is not done by the steps themselves.
void read_steps(PageFacts& facts);

/// The GPU of a file's first line, where no other has told it.
void take_gpu(const nlohmann::json& header, PageFacts& facts);

enum class PageFormat { text, markdown };
std::string render(const PageFacts& facts, PageFormat format);

}  // namespace kernelgate::silicon
