#pragma once
// NVML as far as this program uses it: types, numbers, and calls by name through symbols that may be
// missing. NVML's header is no part of every toolkit, and its layouts don't change: nvml_layout_test.cpp
// compares these with the header where there is one.
//
// Source  nvml.h of CUDA 11.0 to 13.4.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fact.h"
#include "harness/base/json/fact_json.h"
#include "harness/check/machine/driver_libraries.h"

namespace kernelgate::nvml {

using Return = int;
using Handle = void*;    // nvmlDevice_t
using EventSet = void*;  // nvmlEventSet_t

constexpr Return success = 0, not_supported = 3, no_permission = 4, insufficient_size = 7, timed_out = 10;
constexpr Return function_not_found = 13, gpu_is_lost = 15;

struct Memory {
  unsigned long long total, free, used;
};
struct PciInfo {
  char legacy_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};
/// Of the functions that end in _v3.
struct ProcessInfo {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance, compute_instance;
};
constexpr int type_double = 0, type_unsigned = 1, type_unsigned_long = 2, type_wide = 3, type_signed_wide = 4;
constexpr int type_int = 5, type_short = 6;
union Value {
  double real;
  int whole;
  unsigned number;
  unsigned long word;
  unsigned long long wide;
  long long signed_wide;
  unsigned short narrow;
};
struct FieldValue {
  unsigned field, scope;
  long long timestamp_us, latency_us;
  int type;
  Return result;
  Value value;
};
struct FabricInfo {
  unsigned char cluster[16];
  Return status;
  unsigned clique;
  unsigned char state;
};
struct EventData {
  Handle device;
  unsigned long long type, data;  ///< of an XID event, data is its number; 999: unknown
  unsigned gpu_instance, compute_instance;
};
struct Utilization {
  unsigned gpu, memory;  ///< percent
};
struct Temperature {
  unsigned version;
  int sensor, celsius;
};
struct MarginTemperature {
  unsigned version;
  int celsius;
};
struct DriverBranch {
  unsigned version;
  char branch[80];
};
struct SramErrors {
  unsigned version;
  unsigned long long counts[11];
  unsigned threshold_exceeded;
};
struct UnrepairableMemory {
  unsigned flag;
};
static_assert(sizeof(PciInfo) == 68 && sizeof(ProcessInfo) == 24 && sizeof(FieldValue) == 40 &&
              sizeof(EventData) == 32 && sizeof(SramErrors) == 104 && sizeof(DriverBranch) == 84);

/// What a versioned struct has to carry in its first field.
template <class Struct>
constexpr unsigned struct_version(unsigned version) {
  return static_cast<unsigned>(sizeof(Struct)) | version << 24U;
}

enum class Clock : int { graphics = 0, sm = 1, memory = 2 };
enum class Errors : int { corrected = 0, uncorrected = 1 };
enum class Since : int { driver_load = 0, manufacture = 1 };  // NVML: volatile, aggregate
enum class Threshold : int { shutdown = 0, slowdown = 1, memory_max = 2, gpu_max = 3 };
constexpr int temperature_of_gpu = 0;

/// NVML_FI_DEV_...
namespace field {
constexpr unsigned retired_corrected = 29, retired_uncorrected = 30, retired_pending = 31;
constexpr unsigned power_cap_ns = 74, sync_boost_ns = 76, board_limit_ns = 77, reliability_ns = 79;
constexpr unsigned memory_temperature = 82;
constexpr unsigned power_average = 185, power_instant = 186;  // milliwatts
constexpr unsigned shutdown_tlimit = 193, slowdown_tlimit = 194, memory_max_tlimit = 195, gpu_max_tlimit = 196;
constexpr unsigned recovery_action = 230;
constexpr unsigned software_thermal_ns = 269, hardware_thermal_ns = 270, power_brake_ns = 271;
}  // namespace field

/// nvmlClocksEventReason...
namespace reason {
constexpr std::uint64_t idle = 0x1, application_clocks = 0x2, power_cap = 0x4, hardware_slowdown = 0x8;
constexpr std::uint64_t sync_boost = 0x10, software_thermal = 0x20, hardware_thermal = 0x40, power_brake = 0x80;
constexpr std::uint64_t display_clocks = 0x100, board_limit = 0x200, reliability = 0x400;
}  // namespace reason

/// nvmlEventType...
namespace event {
constexpr unsigned long long xid = 0x8;
}

/// Why a fact is missing, for a person.
std::string reason_text(Return code);

/// Calls by name. A function that this NVML lacks answers 13, as NVML itself would, and is no failure.
class Api {
 public:
  explicit Api(SymbolSource symbols) : symbols_(std::move(symbols)) {}

  template <class... Args>
  Return call(const char* name, Args... args) const {
    void* symbol = symbols_ ? symbols_(name) : nullptr;
    if (!symbol) return function_not_found;
    return reinterpret_cast<Return (*)(Args...)>(symbol)(args...);
  }

  /// Of a function whose last argument is where it puts a number.
  template <class Raw, class... Args>
  Fact<std::int64_t> number(const char* name, Args... args) const {
    Raw raw{};
    const Return code = call(name, args..., &raw);
    if (code != success) return missing<std::int64_t>(reason_text(code));
    return {static_cast<std::int64_t>(raw), ""};
  }

  /// Of a function whose last arguments are a buffer and its size.
  template <class... Args>
  Fact<std::string> text(const char* name, Args... args) const {
    char buffer[128] = {};
    const Return code = call(name, args..., static_cast<char*>(buffer), 96U);
    if (code != success) return missing<std::string>(reason_text(code));
    buffer[sizeof buffer - 1] = 0;
    return {std::string(buffer), ""};
  }

  /// Field values in the order asked for, by one call. Each has its own answer.
  std::vector<Fact<std::int64_t>> fields(Handle device, std::initializer_list<unsigned> ids) const;

  /// What holds the clocks down now. Renamed in 12.2; drivers before know the old name only.
  Fact<std::int64_t> clocks_event_reasons(Handle device) const;

  /// Degrees Celsius. The older function first: it is deprecated, and there in every driver so far.
  Fact<std::int64_t> gpu_temperature(Handle device) const;

  /// Degrees to the nearest threshold that lowers the clocks; before 12.8 from the slowdown threshold, where
  /// that is a temperature.
  Fact<std::int64_t> temperature_margin(Handle device) const;

  /// Watts, now; before 12.2 one figure, of now or of a second, according to the GPU.
  Fact<double> power(Handle device) const;

  /// By one of the functions ..RunningProcesses_v3. Errors  a list that never fits is missing.
  Fact<std::vector<unsigned>> processes(const char* name, Handle device) const;

 private:
  SymbolSource symbols_;
};

/// NVML's symbols; none, and `error`, where it can't be loaded. The library stays loaded: unloading a driver library
/// with threads of its own is not safe.
SymbolSource open_library(std::string& error);

/// NVML from nvmlInit to nvmlShutdown.
class Session {
 public:
  /// Without `symbols` it is not ready, and `load_error` says why.
  Session(SymbolSource symbols, std::string load_error);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  bool ready() const { return error_.empty(); }
  const std::string& error() const { return error_; }  ///< why it is not ready
  const Api& api() const { return api_; }

  /// Null, and `error`, where there is no such GPU.
  Handle by_pci_bus_id(const std::string& pci_bus_id, std::string& error) const;

 private:
  Api api_;
  std::string error_;
};

Fact<bool> as_bool(const Fact<std::int64_t>& number);
Fact<double> scaled(const Fact<std::int64_t>& number, double unit);

constexpr double milli = 1e-3, mega = 1e6, nano = 1e-9;

}  // namespace kernelgate::nvml
