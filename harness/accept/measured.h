#pragma once
// What was measured of one GPU, as its child processes said it. No verdict is in here.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fact.h"

namespace kernelgate::accept {

/// A result that was wrong: of a product's sum.
struct Fault {
  std::string phase;              ///< "cold", "steady", "hot"
  std::int64_t multiprocessor{};  ///< as %smid counts
  std::int64_t launch{};          ///< of this kind in this phase, from 0
  std::int64_t pass{}, warp{}, row{}, column{};
  std::string got, expected;  ///< bits, as "0x4a3c1000"; empty: the digest alone was wrong
  bool alone{};               ///< the other multiprocessors of this launch agreed with the reference

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("phase", &Fault::phase);
    visit("multiprocessor", &Fault::multiprocessor);
    visit("launch", &Fault::launch);
    visit("pass", &Fault::pass);
    visit("warp", &Fault::warp);
    visit("row", &Fault::row);
    visit("column", &Fault::column);
    visit("got", &Fault::got);
    visit("expected", &Fault::expected);
    visit("alone", &Fault::alone);
  }
};

/// Products of one kind in one phase.
struct Products {
  std::string kind, phase;
  std::string not_tested;  ///< why; empty: they were
  std::int64_t launches{}, passes{}, wrong_launches{};
  std::int64_t multiprocessors{};  ///< that took part
  double seconds{};                ///< on the GPU
  double flop{};                   ///< of all launches
  std::vector<Fault> faults;       ///< the first of them

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("kind", &Products::kind);
    visit("phase", &Products::phase);
    visit("not_tested", &Products::not_tested);
    visit("launches", &Products::launches);
    visit("passes", &Products::passes);
    visit("wrong_launches", &Products::wrong_launches);
    visit("multiprocessors", &Products::multiprocessors);
    visit("seconds", &Products::seconds);
    visit("flop", &Products::flop);
    visit("faults", &Products::faults);
  }
};

/// A second of work. Units  seconds from the start, hertz, watts, degrees Celsius.
struct Sample {
  double at_s{}, flop_per_s{};
  Fact<double> sm_clock_hz{std::nullopt, "not measured"}, power_w{std::nullopt, "not measured"};
  Fact<std::int64_t> temperature_c{std::nullopt, "not measured"}, reasons{std::nullopt, "not measured"};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("at_s", &Sample::at_s);
    visit("flop_per_s", &Sample::flop_per_s);
    visit("sm_clock_hz", &Sample::sm_clock_hz);
    visit("power_w", &Sample::power_w);
    visit("temperature_c", &Sample::temperature_c);
    visit("reasons", &Sample::reasons);
  }
};

/// Seconds that the clocks were held down for one cause, while the GPU worked.
struct Held {
  std::string cause, text;  ///< key and text of throttle_causes
  bool invalidates{};
  Fact<double> seconds{std::nullopt, "not measured"};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("cause", &Held::cause);
    visit("text", &Held::text);
    visit("invalidates", &Held::invalidates);
    visit("seconds", &Held::seconds);
  }
};

/// What a GPU counts.
struct Errors {
  Fact<std::int64_t> ecc_corrected{std::nullopt, "not measured"}, ecc_uncorrected{std::nullopt, "not measured"},
      pcie_replays{std::nullopt, "not measured"}, rows_corrected{std::nullopt, "not measured"},
      rows_uncorrected{std::nullopt, "not measured"};
  Fact<bool> row_pending{std::nullopt, "not measured"}, row_failed{std::nullopt, "not measured"};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("ecc_corrected", &Errors::ecc_corrected);
    visit("ecc_uncorrected", &Errors::ecc_uncorrected);
    visit("pcie_replays", &Errors::pcie_replays);
    visit("rows_corrected", &Errors::rows_corrected);
    visit("rows_uncorrected", &Errors::rows_uncorrected);
    visit("row_pending", &Errors::row_pending);
    visit("row_failed", &Errors::row_failed);
  }
};

/// Copies to one other GPU.
struct Peer {
  std::int64_t gpu{};
  Fact<double> bytes_per_s{std::nullopt, "not measured"};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpu", &Peer::gpu);
    visit("bytes_per_s", &Peer::bytes_per_s);
  }
};

/// The ways to the host and to other GPUs, measured for one GPU of the machine at a time.
struct Links {
  bool done{};
  std::string error;  ///< of the child process; empty: it ended well
  Fact<std::int64_t> generation{std::nullopt, "not measured"}, width{std::nullopt, "not measured"};  ///< under load
  Fact<std::int64_t> generation_max{std::nullopt, "not measured"},
      width_max{std::nullopt, "not measured"};  ///< what GPU and slot can do together
  Fact<std::int64_t> generation_gpu_max{std::nullopt, "not measured"},
      width_gpu_max{std::nullopt, "not measured"};  ///< what the GPU can do
  Fact<double> host_to_device{std::nullopt, "not measured"}, device_to_host{std::nullopt, "not measured"};
  double seconds{};
  Fact<std::int64_t> nvlinks{std::nullopt, "not measured"};       ///< that are active
  Fact<double> nvlink_bytes_per_s{std::nullopt, "not measured"};  ///< of one
  std::vector<Peer> peers;
  std::int64_t other_processes{};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("done", &Links::done);
    visit("error", &Links::error);
    visit("generation", &Links::generation);
    visit("width", &Links::width);
    visit("generation_max", &Links::generation_max);
    visit("width_max", &Links::width_max);
    visit("generation_gpu_max", &Links::generation_gpu_max);
    visit("width_gpu_max", &Links::width_gpu_max);
    visit("host_to_device", &Links::host_to_device);
    visit("device_to_host", &Links::device_to_host);
    visit("seconds", &Links::seconds);
    visit("nvlinks", &Links::nvlinks);
    visit("nvlink_bytes_per_s", &Links::nvlink_bytes_per_s);
    visit("peers", &Links::peers);
    visit("other_processes", &Links::other_processes);
  }
};

/// The GPU's own memory. Units  bytes per second.
struct Memory {
  bool done{};
  Fact<double> peak{std::nullopt, "not measured"};  ///< memory clock times bus width
  Fact<double> copy{std::nullopt, "not measured"}, read{std::nullopt, "not measured"};
  std::int64_t bytes{};  ///< that were filled and read back
  std::int64_t wrong_words{};
  std::string first_wrong;
  double seconds{};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("done", &Memory::done);
    visit("peak", &Memory::peak);
    visit("copy", &Memory::copy);
    visit("read", &Memory::read);
    visit("bytes", &Memory::bytes);
    visit("wrong_words", &Memory::wrong_words);
    visit("first_wrong", &Memory::first_wrong);
    visit("seconds", &Memory::seconds);
  }
};

/// All GPUs at once: memory, products, the steady load.
struct Load {
  std::string error;                                   ///< of the child process; empty: it ended well
  std::string doing;                                   ///< what it did last
  std::int64_t multiprocessors{};                      ///< that the GPU has
  std::string no_kernels;                              ///< why this build can't work on this GPU; empty: it can
  Fact<bool> self_test{std::nullopt, "not measured"};  ///< a bit that was flipped on purpose was found where it was
  Memory memory;
  std::vector<Products> products;
  std::vector<Sample> samples;
  double seconds{};  ///< wall clock, of what the counters are about
  bool counted{};    ///< held, errors and xids are there
  std::vector<Held> held;
  Errors before, after;
  Fact<std::vector<std::int64_t>> xids{std::nullopt, "not measured"};
  std::int64_t other_processes{};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("error", &Load::error);
    visit("doing", &Load::doing);
    visit("multiprocessors", &Load::multiprocessors);
    visit("no_kernels", &Load::no_kernels);
    visit("self_test", &Load::self_test);
    visit("memory", &Load::memory);
    visit("products", &Load::products);
    visit("samples", &Load::samples);
    visit("seconds", &Load::seconds);
    visit("counted", &Load::counted);
    visit("held", &Load::held);
    visit("before", &Load::before);
    visit("after", &Load::after);
    visit("xids", &Load::xids);
    visit("other_processes", &Load::other_processes);
  }
};

/// One GPU.
struct Measured {
  std::int64_t gpu{};                                                    ///< as CUDA counts
  std::string name, uuid, serial, board_part_number, vbios, pci_bus_id;  ///< empty: not known
  Links links;
  Load load;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpu", &Measured::gpu);
    visit("name", &Measured::name);
    visit("uuid", &Measured::uuid);
    visit("serial", &Measured::serial);
    visit("board_part_number", &Measured::board_part_number);
    visit("vbios", &Measured::vbios);
    visit("pci_bus_id", &Measured::pci_bus_id);
    visit("links", &Measured::links);
    visit("load", &Measured::load);
  }
};

/// The error of a process that was told to stop: no fault of its GPU.
inline constexpr const char* stopped = "stopped before its end";

double median(std::vector<double> values);  ///< of at least one

/// FLOP/s of the second half of the steady load, when the GPU is warm. Missing: too few samples.
Fact<double> sustained_flop_per_s(const Load& load);

/// Why a child process is to blame for what is missing; empty: none.
inline std::string ended_early(const Load& load) {
  return load.error.empty() ? "" : "its process ended (" + load.doing + "): " + load.error;
}

}  // namespace kernelgate::accept
