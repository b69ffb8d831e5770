#!/usr/bin/env python3
"""Compares what `kernelgate check --json` read of a GPU with what `nvidia-smi -q` says, fact by fact.

    nvidia-smi -q > before.txt; kernelgate check --json > check.json; nvidia-smi -q > after.txt
    scripts/compare_nvidia_smi.py check.json before.txt after.txt [--gpu N]

Prints a Markdown table. A figure that moves by itself (clocks, temperature, power, energy) is right when it lies between
the two readings of nvidia-smi, or near them. Exit code 1: a fact differs.
"""
import argparse
import json
import re
import sys

NOT_TOLD = {"N/A", "Requested functionality has been deprecated", "Unknown Error", "[N/A]", ""}


def read_smi(path):
    """Sections by their indentation: {"PCI/GPU Link Info/PCIe Generation/Max": "5"}, one such dict for each GPU."""
    gpus, names = [], []
    for line in open(path, encoding="utf-8"):
        if re.match(r"GPU [0-9A-Fa-f:.]+\s*$", line):
            gpus.append({})
            names = []
            continue
        match = re.match(r"( +)([^:]+?)\s*(?::\s?(.*?))?\s*$", line)
        if not match or not gpus:
            continue
        depth = len(match[1]) // 4
        names = names[: depth - 1] + [match[2]]
        if match[3] is not None:
            gpus[-1]["/".join(names)] = match[3].strip()
    return gpus


def number(text):
    match = re.match(r"-?[0-9.]+", text)
    return float(match[0]) if match else None


def scaled(factor):
    return lambda text: number(text) * factor


def word(**words):
    return lambda text: words.get(text.replace(" ", "_"), text)


ON = word(Enabled=True, Disabled=False, Yes=True, No=False)
EVENTS = {"Idle": 0x1, "Applications Clocks Setting": 0x2, "SW Power Cap": 0x4, "HW Slowdown": 0x8, "Sync Boost": 0x10,
          "SW Thermal Slowdown": 0x20, "HW Slowdown/HW Thermal Slowdown": 0x40,
          "HW Slowdown/HW Power Brake Slowdown": 0x80, "Display Clock Setting": 0x100}


def pci(text):
    return text.lower()[4:] if text.startswith("0000") and text.index(":") == 8 else text.lower()


# fact: (nvidia-smi's name for it, how its text becomes our unit, how far a figure that moves may be off)
FACTS = {
    "name": ("Product Name", str, 0),
    "uuid": ("GPU UUID", str, 0),
    "serial": ("Serial Number", str, 0),
    "pci_bus_id": ("PCI/Bus Id", pci, 0),
    "board_part_number": ("Board Part Number", str, 0),
    "vbios": ("VBIOS Version", str, 0),
    "gsp_firmware": ("GSP Firmware Version", str, 0),
    "inforom_version": ("Inforom Version/Image Version", str, 0),
    "memory_bytes": ("FB Memory Usage/Total", scaled(2**20), 2**20),
    "memory_free_bytes": ("FB Memory Usage/Free", scaled(2**20), 2**20),
    "ecc": ("ECC Mode/Current", ON, 0),
    "ecc_pending": ("ECC Mode/Pending", ON, 0),
    "mig": ("MIG Mode/Current", ON, 0),
    "persistence": ("Persistence Mode", ON, 0),
    "compute_mode": ("Compute Mode", word(Default=0, Exclusive_Thread=1, Prohibited=2, Exclusive_Process=3), 0),
    "virtualization_mode": ("GPU Virtualization Mode/Virtualization Mode",
                            word(**{"None": 0, "Pass-Through": 1, "VGPU": 2, "Host_VGPU": 3, "Host_VSGA": 4}), 0),
    "display_attached": ("Display Attached", ON, 0),
    "display_active": ("Display Active", ON, 0),
    "power_limit_w": ("GPU Power Readings/Current Power Limit", number, 0.5),
    "power_limit_default_w": ("GPU Power Readings/Default Power Limit", number, 0.5),
    "power_limit_min_w": ("GPU Power Readings/Min Power Limit", number, 0.5),
    "power_limit_max_w": ("GPU Power Readings/Max Power Limit", number, 0.5),
    "power_w": ("GPU Power Readings/Instantaneous Power Draw", number, 30),
    "power_average_w": ("GPU Power Readings/Average Power Draw", number, 30),
    "sm_clock_max_hz": ("Max Clocks/SM", scaled(1e6), 0),
    "memory_clock_max_hz": ("Max Clocks/Memory", scaled(1e6), 0),
    "sm_clock_hz": ("Clocks/SM", scaled(1e6), 100e6),
    "memory_clock_hz": ("Clocks/Memory", scaled(1e6), 0),
    "sm_clock_application_hz": ("Applications Clocks/Graphics", scaled(1e6), 0),
    "memory_clock_application_hz": ("Applications Clocks/Memory", scaled(1e6), 0),
    "temperature_c": ("Temperature/GPU Current Temp", number, 3),
    "memory_temperature_c": ("Temperature/Memory Current Temp", number, 3),
    "temperature_margin_c": ("Temperature/GPU T.Limit Temp", number, 3),
    "shutdown_tlimit_c": ("Temperature/GPU Shutdown T.Limit Temp", number, 0),
    "slowdown_tlimit_c": ("Temperature/GPU Slowdown T.Limit Temp", number, 0),
    "max_operating_tlimit_c": ("Temperature/GPU Max Operating T.Limit Temp", number, 0),
    "memory_max_tlimit_c": ("Temperature/Memory Max Operating T.Limit Temp", number, 0),
    "performance_state": ("Performance State", lambda text: number(text[1:]), 0),
    "pcie_generation": ("PCI/GPU Link Info/PCIe Generation/Current", number, 4),
    "pcie_generation_max": ("PCI/GPU Link Info/PCIe Generation/Max", number, 0),
    "pcie_generation_gpu_max": ("PCI/GPU Link Info/PCIe Generation/Device Max", number, 0),
    "pcie_width": ("PCI/GPU Link Info/Link Width/Current", number, 0),
    "pcie_width_max": ("PCI/GPU Link Info/Link Width/Max", number, 0),
    "pcie_replays": ("PCI/Replays Since Reset", number, 0),
    "row_remap_pending": ("Remapped Rows/Pending", ON, 0),
    "row_remap_failed": ("Remapped Rows/Remapping Failure Occurred", ON, 0),
    "remapped_rows_corrected": ("Remapped Rows/Correctable Error", number, 0),
    "remapped_rows_uncorrected": ("Remapped Rows/Uncorrectable Error", number, 0),
    "retired_pages_corrected": ("Retired Pages/Single Bit ECC", number, 0),
    "retired_pages_uncorrected": ("Retired Pages/Double Bit ECC", number, 0),
    "page_retirement_pending": ("Retired Pages/Pending Page Blacklist", ON, 0),
    "sram_threshold_exceeded": ("ECC Errors/Aggregate/SRAM Threshold Exceeded", ON, 0),
    "memory_unrepairable": ("ECC Errors/Unrepairable Memory", ON, 0),
    "recovery_action": ("GPU Recovery Action", word(**{"None": 0}, Reset=1, Reboot=2), 0),
    "fabric_state": ("Fabric/State", word(Not_Started=1, In_Progress=2, Completed=3), 0),
}


def events(smi):
    found = {key: value for key, value in smi.items() if key.startswith("Clocks Event Reasons/")}
    if not found:
        return None
    return sum(bit for name, bit in EVENTS.items() if found.get("Clocks Event Reasons/" + name) == "Active")


def ecc_sum(kind, word_in_name):
    def total(smi):
        values = [number(value) for key, value in smi.items()
                  if key.startswith(f"ECC Errors/{kind}/") and word_in_name in key and number(value) is not None]
        return int(sum(values)) if values else None
    return total


SUMS = {
    "clocks_event_reasons": ("Clocks Event Reasons, as bits", events),
    "ecc_corrected": ("ECC Errors/Volatile, Correctable", ecc_sum("Volatile", " Correctable")),
    "ecc_uncorrected": ("ECC Errors/Volatile, Uncorrectable", ecc_sum("Volatile", "Uncorrectable")),
    "ecc_corrected_ever": ("ECC Errors/Aggregate, Correctable", ecc_sum("Aggregate", " Correctable")),
    "ecc_uncorrected_ever": ("ECC Errors/Aggregate, Uncorrectable", ecc_sum("Aggregate", "Uncorrectable")),
}


def from_smi(fact, smi):
    """nvidia-smi's name for a fact, its text and its value in our unit; None where it has none."""
    if fact in SUMS:
        name, function = SUMS[fact]
        value = function(smi)
        return name, "" if value is None else str(value), value
    name, convert, _ = FACTS[fact]
    text = smi.get(name, "")
    if text in NOT_TOLD:
        return name, text, None
    return name, text, convert(text)


def agrees(ours, values, tolerance):
    if isinstance(ours, bool) or isinstance(ours, str):
        return all(ours == value for value in values)
    return min(values) - tolerance <= ours <= max(values) + tolerance


def verdict_of(ours, values, tolerance):
    missing = isinstance(ours, dict)
    if missing and not values:
        return "neither tells"
    if missing:
        return "only nvidia-smi"
    if not values:
        return "only kernelgate"
    return "equal" if agrees(ours, values, tolerance) else "DIFFERS"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check")
    parser.add_argument("smi", nargs="+")
    parser.add_argument("--gpu", type=int, default=0, help="which, as nvidia-smi counts (0)")
    arguments = parser.parse_args()
    readings = [read_smi(path)[arguments.gpu] for path in arguments.smi]
    document = json.load(open(arguments.check, encoding="utf-8"))
    address = pci(readings[0]["PCI/Bus Id"])
    gpu = next(gpu for gpu in document["environment"]["gpus"] if gpu["pci_bus_id"] == address)
    differing = 0
    print("| fact | kernelgate | nvidia-smi -q | its name there | |\n|---|---|---|---|---|")
    for fact, ours in sorted(gpu.items()):
        if fact not in FACTS and fact not in SUMS:
            print(f"| {fact} | {shown(ours)} | | not in `nvidia-smi -q` | |")
            continue
        found = [from_smi(fact, smi) for smi in readings]
        values = [value for _, _, value in found if value is not None]
        verdict = verdict_of(ours, values, FACTS.get(fact, (0, 0, 0))[2])
        differing += verdict == "DIFFERS"
        texts = list(dict.fromkeys(text for _, text, _ in found))
        print(f"| {fact} | {shown(ours)} | {' to '.join(texts)} | {found[0][0]} | {verdict} |")
    if differing:
        print(f"{differing} facts differ", file=sys.stderr)
    return 1 if differing else 0


def shown(value):
    if isinstance(value, dict):
        return f"null: {value['reason']}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.exit(main())
