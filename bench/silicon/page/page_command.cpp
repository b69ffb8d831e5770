#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "bench/silicon/commands.h"
#include "bench/silicon/page/page_facts.h"
#include "harness/base/atomic_file.h"

namespace kernelgate::silicon {

ExitCode page_command(const std::string& folder, const std::string& steps) {
  const std::filesystem::path in(folder);
  if (!std::filesystem::is_directory(in))
    throw HarnessError(ExitCode::usage, folder + " is no folder; name the one that on_gpu wrote into");
  PageFacts facts;
  std::ifstream recorded(in / "steps.txt");
  // What a full disk has kept out of the file is in the other.
  facts.steps = parse_steps(std::string{std::istreambuf_iterator<char>(recorded), {}} + "\n" + steps);
  read_compare(in, facts);
  read_verify(in, facts);
  read_exploits(in, facts);
  read_figures(in, facts);
  read_times(in, facts);
  read_steps(facts);
  const std::string text = render(facts, PageFormat::text);
  fmt::print("{}", text);
  replace_file(in / "page.txt", text);
  replace_file(in / "page.md", render(facts, PageFormat::markdown));
  return facts.wrong.empty() ? ExitCode::good : ExitCode::wrong;
}

}  // namespace kernelgate::silicon
