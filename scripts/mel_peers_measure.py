#!/usr/bin/env python3
"""What scripts/mel_peers runs in a Python that has librosa: times of each preset, or a comparison of its features.

    mel_peers_measure.py PRESETS OUT [--against PROGRAM]
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import wave

import librosa
import numpy as np
import scipy.signal

SECONDS = 30
LEAST_TIME, LEAST_SAMPLES = 0.7, 9  # of one preset and library


def mel_basis(rate, n_fft, n_mels, fmax, fmin=0.0, htk=False, norm="slaney"):
    return librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm)


def whisper(n_mels):
    basis = mel_basis(16000, 400, n_mels, 8000)

    def features(x):
        power = np.abs(librosa.stft(x, n_fft=400, hop_length=160, pad_mode="reflect")[:, :-1]) ** 2
        v = np.log10(np.maximum(basis @ power, 1e-10))
        return (np.maximum(v, v.max() - 8) + 4) / 4

    return 16000, features


def wav2lip():
    basis = mel_basis(16000, 800, 80, 7600, 55)

    def features(x):
        y = scipy.signal.lfilter(np.array([1, -0.97], dtype=np.float32), np.ones(1, dtype=np.float32), x)
        m = basis @ np.abs(librosa.stft(y, n_fft=800, hop_length=200, pad_mode="reflect"))
        return np.clip(8 * ((20 * np.log10(np.maximum(m, 1e-5)) + 80) / 100) - 4, -4, 4)

    return 16000, features


def nemo():
    basis = mel_basis(16000, 512, 80, 8000)
    window = scipy.signal.get_window("hann", 400, fftbins=False)

    def features(x):
        y = np.concatenate([x[:1], x[1:] - np.float32(0.97) * x[:-1]])
        power = np.abs(librosa.stft(y, n_fft=512, win_length=400, hop_length=160, window=window, pad_mode="reflect")) ** 2
        v = np.log(basis @ power + np.float32(2.0**-24))
        return (v - v.mean(axis=1, keepdims=True)) / (v.std(axis=1, keepdims=True, ddof=1) + 1e-5)

    return 16000, features


def kaldi():
    mel = lambda f: 1127 * np.log1p(f / 700)  # noqa: E731
    corners = np.linspace(mel(20), mel(8000), 82)
    bins = mel(np.arange(257) * 16000 / 512)
    up = (bins - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    down = (corners[2:, None] - bins) / (corners[2:] - corners[1:-1])[:, None]
    basis = np.maximum(0, np.minimum(up, down)).astype(np.float32)
    window = (scipy.signal.get_window("hann", 400, fftbins=False) ** 0.85).astype(np.float32)

    def features(x):
        frames = librosa.util.frame(x * np.float32(32768), frame_length=400, hop_length=160).T
        frames = frames - frames.mean(axis=1, keepdims=True)
        frames = frames - np.float32(0.97) * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
        power = np.abs(np.fft.rfft(frames * window, 512).astype(np.complex64)) ** 2
        return np.log(np.maximum(power @ basis.T, np.finfo(np.float32).eps)).T

    return 16000, features


def hifigan():
    basis = mel_basis(22050, 1024, 80, 8000)

    def features(x):
        y = np.pad(x, 384, mode="reflect")
        return np.log(np.maximum(basis @ np.abs(librosa.stft(y, n_fft=1024, hop_length=256, center=False)), 1e-5))

    return 22050, features


def librosa_default():
    basis = mel_basis(22050, 2048, 128, 11025)

    def features(x):
        power = np.abs(librosa.stft(x, n_fft=2048, hop_length=512)) ** 2
        return librosa.power_to_db(basis @ power)

    return 22050, features


def torchaudio_default():
    basis = mel_basis(16000, 400, 128, 8000, htk=True, norm=None)

    def features(x):
        return basis @ (np.abs(librosa.stft(x, n_fft=400, hop_length=200, pad_mode="reflect")) ** 2)

    return 16000, features


BY_LIBROSA = {"whisper80": lambda: whisper(80), "whisper128": lambda: whisper(128), "wav2lip80": wav2lip, "nemo80": nemo,
              "kaldi80": kaldi, "hifigan80": hifigan, "librosa128": librosa_default, "torchaudio128": torchaudio_default}


def by_torchaudio(preset):
    """Those presets that torchaudio's own transform makes, but for the logarithm that goes with them; else None."""
    try:
        import torch
        import torchaudio
    except ImportError:
        return None
    sizes = {"whisper80": (16000, 400, 160, 80, 8000), "whisper128": (16000, 400, 160, 128, 8000),
             "hifigan80": (22050, 1024, 256, 80, 8000), "librosa128": (22050, 2048, 512, 128, 11025),
             "torchaudio128": (16000, 400, 200, 128, 8000)}
    if preset not in sizes:
        return None
    rate, n_fft, hop, n_mels, fmax = sizes[preset]
    plain = preset == "torchaudio128"
    transform = torchaudio.transforms.MelSpectrogram(
        rate, n_fft=n_fft, hop_length=hop, n_mels=n_mels, f_max=fmax, mel_scale="htk" if plain else "slaney",
        norm=None if plain else "slaney", power=1.0 if preset == "hifigan80" else 2.0)

    def features(x):
        with torch.inference_mode():
            m = transform(torch.from_numpy(x))
            return m if plain else torch.log10(torch.clamp(m, min=1e-10))

    return features


def times_of(features, x):
    features(x)
    samples, begin = [], time.perf_counter()
    while time.perf_counter() - begin < LEAST_TIME or len(samples) < LEAST_SAMPLES:
        start = time.perf_counter()
        features(x)
        samples.append(time.perf_counter() - start)
    return samples


def measure(presets):
    found = {}
    for preset in presets:
        rate, features = BY_LIBROSA[preset]()
        x = np.random.default_rng(1).uniform(-0.5, 0.5, SECONDS * rate).astype(np.float32)
        found[preset] = {"librosa": times_of(features, x)}
        other = by_torchaudio(preset)
        if other:
            found[preset]["torchaudio"] = times_of(other, x)
    return found


def program_features(program, preset, rate, pcm, folder):
    with wave.open(str(folder / "noise.wav"), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    out = folder / "noise.csv"
    subprocess.run([program, "mel", str(folder / "noise.wav"), "--preset", preset, "--csv", str(out)], check=True,
                   stdout=subprocess.DEVNULL)
    rows = list(csv.reader(out.open()))[1:]
    return np.array([[float(v) for v in row[1:]] for row in rows]).T


def compare(presets, program):
    """Whether every preset's features are librosa's; a linear preset's are compared relative to their largest."""
    same = True
    with tempfile.TemporaryDirectory() as name:
        for preset in presets:
            rate, features = BY_LIBROSA[preset]()
            pcm = np.random.default_rng(2).integers(-16000, 16000, 2 * rate + 77).astype(np.int16)
            theirs = features((pcm / 32768).astype(np.float32))
            ours = program_features(program, preset, rate, pcm, pathlib.Path(name))
            if theirs.shape != ours.shape:
                print(f"{preset}: {ours.shape} features, librosa has {theirs.shape}", file=sys.stderr)
                same = False
                continue
            scale = np.abs(theirs).max() if preset == "torchaudio128" else 1
            error = np.abs(ours - theirs).max() / scale
            limit = 2e-3 if preset in ("librosa128", "nemo80", "wav2lip80", "kaldi80") else 5e-4
            print(f"{preset}: differs from librosa by at most {error:.2e}", file=sys.stderr)
            same &= bool(error <= limit)
    return same


def main():
    presets, out = sys.argv[1].split(","), sys.argv[2]
    if "--against" in sys.argv:
        return 0 if compare(presets, sys.argv[sys.argv.index("--against") + 1]) else 1
    with open(out, "w") as file:
        json.dump(measure(presets), file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
