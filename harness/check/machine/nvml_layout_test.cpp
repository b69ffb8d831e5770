// The layouts and numbers of nvml.h against NVIDIA's own header, where a toolkit has it.
#include "harness/check/machine/nvml.h"

#include <gtest/gtest.h>

#if __has_include(<nvml.h>)
#include <nvml.h>

#include <cstddef>

namespace kernelgate::nvml {
namespace {

static_assert(sizeof(Memory) == sizeof(nvmlMemory_t) && offsetof(Memory, free) == offsetof(nvmlMemory_t, free) &&
              offsetof(Memory, used) == offsetof(nvmlMemory_t, used));
static_assert(sizeof(PciInfo) == sizeof(nvmlPciInfo_t) && offsetof(PciInfo, bus_id) == offsetof(nvmlPciInfo_t, busId));
static_assert(sizeof(ProcessInfo) == sizeof(nvmlProcessInfo_t) &&
              offsetof(ProcessInfo, pid) == offsetof(nvmlProcessInfo_t, pid));
static_assert(sizeof(Value) == sizeof(nvmlValue_t));
static_assert(sizeof(FieldValue) == sizeof(nvmlFieldValue_t) &&
              offsetof(FieldValue, field) == offsetof(nvmlFieldValue_t, fieldId) &&
              offsetof(FieldValue, type) == offsetof(nvmlFieldValue_t, valueType) &&
              offsetof(FieldValue, result) == offsetof(nvmlFieldValue_t, nvmlReturn) &&
              offsetof(FieldValue, value) == offsetof(nvmlFieldValue_t, value));
static_assert(sizeof(EventData) == sizeof(nvmlEventData_t) &&
              offsetof(EventData, type) == offsetof(nvmlEventData_t, eventType) &&
              offsetof(EventData, data) == offsetof(nvmlEventData_t, eventData));
static_assert(sizeof(Utilization) == sizeof(nvmlUtilization_t) &&
              offsetof(Utilization, gpu) == offsetof(nvmlUtilization_t, gpu));
static_assert(success == NVML_SUCCESS && not_supported == NVML_ERROR_NOT_SUPPORTED &&
              no_permission == NVML_ERROR_NO_PERMISSION && insufficient_size == NVML_ERROR_INSUFFICIENT_SIZE &&
              timed_out == NVML_ERROR_TIMEOUT && function_not_found == NVML_ERROR_FUNCTION_NOT_FOUND &&
              gpu_is_lost == NVML_ERROR_GPU_IS_LOST);
static_assert(type_double == NVML_VALUE_TYPE_DOUBLE && type_unsigned == NVML_VALUE_TYPE_UNSIGNED_INT &&
              type_unsigned_long == NVML_VALUE_TYPE_UNSIGNED_LONG && type_wide == NVML_VALUE_TYPE_UNSIGNED_LONG_LONG &&
              type_signed_wide == NVML_VALUE_TYPE_SIGNED_LONG_LONG);
static_assert(static_cast<int>(Clock::graphics) == NVML_CLOCK_GRAPHICS &&
              static_cast<int>(Clock::sm) == NVML_CLOCK_SM && static_cast<int>(Clock::memory) == NVML_CLOCK_MEM);
static_assert(static_cast<int>(Errors::corrected) == NVML_MEMORY_ERROR_TYPE_CORRECTED &&
              static_cast<int>(Errors::uncorrected) == NVML_MEMORY_ERROR_TYPE_UNCORRECTED &&
              static_cast<int>(Since::driver_load) == NVML_VOLATILE_ECC &&
              static_cast<int>(Since::manufacture) == NVML_AGGREGATE_ECC);
static_assert(static_cast<int>(Threshold::shutdown) == NVML_TEMPERATURE_THRESHOLD_SHUTDOWN &&
              static_cast<int>(Threshold::slowdown) == NVML_TEMPERATURE_THRESHOLD_SLOWDOWN &&
              static_cast<int>(Threshold::memory_max) == NVML_TEMPERATURE_THRESHOLD_MEM_MAX &&
              static_cast<int>(Threshold::gpu_max) == NVML_TEMPERATURE_THRESHOLD_GPU_MAX &&
              temperature_of_gpu == NVML_TEMPERATURE_GPU);
static_assert(field::retired_corrected == NVML_FI_DEV_RETIRED_SBE &&
              field::retired_uncorrected == NVML_FI_DEV_RETIRED_DBE &&
              field::retired_pending == NVML_FI_DEV_RETIRED_PENDING);
static_assert(field::power_cap_ns == NVML_FI_DEV_PERF_POLICY_POWER &&
              field::sync_boost_ns == NVML_FI_DEV_PERF_POLICY_SYNC_BOOST &&
              field::board_limit_ns == NVML_FI_DEV_PERF_POLICY_BOARD_LIMIT &&
              field::reliability_ns == NVML_FI_DEV_PERF_POLICY_RELIABILITY &&
              field::memory_temperature == NVML_FI_DEV_MEMORY_TEMP);
static_assert(reason::idle == nvmlClocksThrottleReasonGpuIdle &&
              reason::power_cap == nvmlClocksThrottleReasonSwPowerCap &&
              reason::hardware_slowdown == nvmlClocksThrottleReasonHwSlowdown &&
              reason::sync_boost == nvmlClocksThrottleReasonSyncBoost &&
              reason::software_thermal == nvmlClocksThrottleReasonSwThermalSlowdown &&
              reason::hardware_thermal == nvmlClocksThrottleReasonHwThermalSlowdown &&
              reason::power_brake == nvmlClocksThrottleReasonHwPowerBrakeSlowdown);
static_assert(event::xid == nvmlEventTypeXidCriticalError);

// What younger headers added.
#ifdef NVML_GPU_FABRIC_UUID_LEN
static_assert(sizeof(FabricInfo) == sizeof(nvmlGpuFabricInfo_t) &&
              offsetof(FabricInfo, state) == offsetof(nvmlGpuFabricInfo_t, state));
#endif
#ifdef NVML_FI_DEV_POWER_INSTANT
static_assert(field::power_average == NVML_FI_DEV_POWER_AVERAGE && field::power_instant == NVML_FI_DEV_POWER_INSTANT);
#endif
#ifdef NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT
static_assert(field::shutdown_tlimit == NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT &&
              field::slowdown_tlimit == NVML_FI_DEV_TEMPERATURE_SLOWDOWN_TLIMIT &&
              field::memory_max_tlimit == NVML_FI_DEV_TEMPERATURE_MEM_MAX_TLIMIT &&
              field::gpu_max_tlimit == NVML_FI_DEV_TEMPERATURE_GPU_MAX_TLIMIT);
#endif
#ifdef NVML_FI_DEV_GET_GPU_RECOVERY_ACTION
static_assert(field::recovery_action == NVML_FI_DEV_GET_GPU_RECOVERY_ACTION);
#endif
#ifdef NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN
static_assert(field::software_thermal_ns == NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN &&
              field::hardware_thermal_ns == NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN &&
              field::power_brake_ns == NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN);
#endif
#ifdef nvmlMarginTemperature_v1
static_assert(struct_version<MarginTemperature>(1) == nvmlMarginTemperature_v1 &&
              offsetof(MarginTemperature, celsius) == offsetof(nvmlMarginTemperature_v1_t, marginTemperature));
#endif
#ifdef nvmlTemperature_v1
static_assert(struct_version<Temperature>(1) == nvmlTemperature_v1 &&
              offsetof(Temperature, sensor) == offsetof(nvmlTemperature_v1_t, sensorType) &&
              offsetof(Temperature, celsius) == offsetof(nvmlTemperature_v1_t, temperature));
#endif
#ifdef nvmlSystemDriverBranchInfo_v1
static_assert(struct_version<DriverBranch>(1) == nvmlSystemDriverBranchInfo_v1 &&
              offsetof(DriverBranch, branch) == offsetof(nvmlSystemDriverBranchInfo_v1_t, branch));
#endif
#ifdef nvmlEccSramErrorStatus_v1
static_assert(struct_version<SramErrors>(1) == nvmlEccSramErrorStatus_v1 &&
              offsetof(SramErrors, threshold_exceeded) == offsetof(nvmlEccSramErrorStatus_v1_t, bThresholdExceeded));
#endif
#ifdef nvmlClocksEventReasonBoardLimit
static_assert(reason::board_limit == nvmlClocksEventReasonBoardLimit &&
              reason::reliability == nvmlClocksEventReasonReliability);
#endif

}  // namespace
}  // namespace kernelgate::nvml
#endif

TEST(NvmlLayout, IsThatOfNvidiasHeader) {
#if __has_include(<nvml.h>)
  SUCCEED() << "compared while this was compiled";
#else
  GTEST_SKIP() << "no nvml.h on this machine: the layouts were not compared";
#endif
}
