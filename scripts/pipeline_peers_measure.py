#!/usr/bin/env python3
"""What scripts/pipeline_peers runs in a Python that has onnxruntime or torch.

    pipeline_peers_measure.py measure FOLDER FRAMES OUT    times of the generator by each library, as JSON
    pipeline_peers_measure.py check FOLDER                 holds each library's frame against the program's

FOLDER has audio.npy, faces.npy, weights.npy and frames.npy of one frame, from `kernelgate verify --save`. The network is
written down here once more, so that a mistake in the program's own would show.
"""

import json
import os
import sys
import time

import numpy as np

LEAST_TIME, LEAST_SAMPLES = 4.0, 7
CORES = len(os.sched_getaffinity(0))


# Layers in the order of the program's weights: (input, k, kernel, stride, pad, kind). Kinds: c convolution and ReLU, r
# the same with its input added, t transposed and ReLU, s sigmoid. An input is a layer's name, or two that are joined.
def layers():
    net = []

    def add(name, source, k, kernel=3, stride=(1, 1), pad=1, kind="c"):
        net.append((name, source if isinstance(source, tuple) else (source,), k, kernel, stride, pad, kind))
        return name

    def residuals(name, source, k, count):
        for i in range(count):
            source = add(f"{name}.{i}", source, k, kind="r")
        return source

    x = add("a0", "mel", 32)
    x = residuals("a1", x, 32, 2)
    for i, (k, stride, count) in enumerate([(64, (3, 1), 2), (128, (3, 3), 2), (256, (3, 2), 1)]):
        x = residuals(f"a{i}r", add(f"a{i}c", x, k, stride=stride), k, count)
    x = add("a7", x, 512, pad=0)
    x = add("a8", x, 512, kernel=1, pad=0)
    speech = add("d0", x, 512, kernel=1, pad=0)
    skips = [add("f0", "faces", 16, kernel=7, pad=3)]
    for i, (k, count) in enumerate([(32, 2), (64, 3), (128, 2), (256, 2), (512, 1)]):
        skips.append(residuals(f"f{i}r", add(f"f{i}c", skips[-1], k, stride=(2, 2)), k, count))
    x = add("f6", skips[-1], 512, pad=0)
    skips.append(add("f7", x, 512, kernel=1, pad=0))
    x = add("d1", (speech, skips.pop()), 512, pad=0, kind="t")
    x = residuals("d1r", x, 512, 1)
    for i, k in enumerate([512, 384, 256, 128, 64]):
        x = residuals(f"d{i}ur", add(f"d{i}u", (x, skips.pop()), k, stride=(2, 2), kind="t"), k, 2)
    x = add("o0", (x, skips.pop()), 32)
    add("o1", x, 3, kernel=1, pad=0, kind="s")
    return net


def with_weights(flat):
    """Each layer's weights as [K, C, R, S], transposed [C, K, R, S]; each begins at a multiple of 64 elements."""
    channels, at, found = {"mel": 1, "faces": 6}, 0, {}

    def take(count):
        nonlocal at
        values = flat[at:at + count]
        at += (count + 63) // 64 * 64
        return values.astype(np.float32)

    for name, sources, k, kernel, _, _, kind in layers():
        c = sum(channels[one] for one in sources)
        w = take(k * c * kernel * kernel)
        shape = (c, kernel, kernel, k) if kind == "t" else (k, kernel, kernel, c)
        w = w.reshape(shape).transpose((0, 3, 1, 2))
        found[name] = np.ascontiguousarray(w), take(k)
        channels[name] = k
    assert at == flat.size, "the program's weights are of another network"
    return found


def spectrogram(audio):
    """Wav2Lip's, as its authors' code has it with librosa 0.7."""
    n_fft, hop, bands, low, high = 800, 200, 80, 55.0, 7600.0

    def mel(f):
        return np.where(f < 1000, f / (200 / 3), 15 + np.log(np.maximum(f, 1e-9) / 1000) / (np.log(6.4) / 27))

    def hertz(m):
        return np.where(m < 15, m * (200 / 3), 1000 * np.exp((m - 15) * (np.log(6.4) / 27)))

    corners = hertz(np.linspace(mel(np.float64(low)), mel(np.float64(high)), bands + 2))
    bins = np.arange(n_fft // 2 + 1) * 16000 / n_fft
    up = (bins - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    down = (corners[2:, None] - bins) / (corners[2:] - corners[1:-1])[:, None]
    basis = np.maximum(0, np.minimum(up, down)) * (2 / (corners[2:] - corners[:-2]))[:, None]
    x = audio.astype(np.float64)
    y = np.concatenate([x[:1], x[1:] - 0.97 * x[:-1]])
    y = np.pad(y, n_fft // 2, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    frames = np.stack([y[i * hop:i * hop + n_fft] * window for i in range(1 + audio.size // hop)])
    level = 20 * np.log10(np.maximum(1e-5, np.abs(np.fft.rfft(frames)) @ basis.T)) - 20
    return np.clip(8 * ((level.T + 100) / 100) - 4, -4, 4).astype(np.float32)


def by_onnxruntime(weights):
    try:
        import onnx
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        return None
    nodes, constants = [], []
    for name, sources, _, kernel, stride, pad, kind in layers():
        x = sources[0]
        if len(sources) == 2:
            x = name + ".joined"
            nodes.append(helper.make_node("Concat", list(sources), [x], axis=1))
        constants += [numpy_helper.from_array(weights[name][0], name + ".w"), numpy_helper.from_array(weights[name][1], name + ".b")]
        extra = {"output_padding": [1, 1]} if kind == "t" and stride == (2, 2) else {}
        nodes.append(helper.make_node("ConvTranspose" if kind == "t" else "Conv", [x, name + ".w", name + ".b"], [name + ".sum"],
                                      kernel_shape=[kernel, kernel], strides=list(stride), pads=[pad] * 4, **extra))
        sum_name = name + ".sum"
        if kind == "r":
            nodes.append(helper.make_node("Add", [sum_name, x], [name + ".added"]))
            sum_name = name + ".added"
        nodes.append(helper.make_node("Sigmoid" if kind == "s" else "Relu", [sum_name], [name]))
    image = lambda name, *shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])  # noqa: E731
    graph = helper.make_graph(nodes, "wav2lip", [image("mel", 1, 80, 16), image("faces", 6, 96, 96)], [image("o1", 3, 96, 96)],
                              constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda mel, faces: session.run(None, {"mel": mel, "faces": faces})[0]


def by_torch(weights):
    try:
        import torch
        from torch.nn import functional
    except ImportError:
        return None
    torch.set_num_threads(CORES)
    held = {name: tuple(torch.from_numpy(one) for one in pair) for name, pair in weights.items()}

    def run(mel, faces):
        maps = {"mel": torch.from_numpy(mel), "faces": torch.from_numpy(faces)}
        with torch.inference_mode():
            for name, sources, _, _, stride, pad, kind in layers():
                x = maps[sources[0]] if len(sources) == 1 else torch.cat([maps[one] for one in sources], 1)
                w, b = held[name]
                if kind == "t":
                    y = functional.conv_transpose2d(x, w, b, stride, pad, 1 if stride == (2, 2) else 0)
                else:
                    y = functional.conv2d(x, w, b, stride, pad)
                maps[name] = torch.sigmoid(y) if kind == "s" else functional.relu_(y + x if kind == "r" else y)
        return maps["o1"].numpy()

    return run


def libraries(folder):
    weights = with_weights(np.load(f"{folder}/weights.npy"))
    made = {"onnxruntime": by_onnxruntime(weights), "torch": by_torch(weights)}
    return {name: run for name, run in made.items() if run}


def inputs(folder, frames=1):
    """Of one frame; of more: other faces with the same distribution."""
    mel = spectrogram(np.load(f"{folder}/audio.npy"))[None, None]
    faces = np.load(f"{folder}/faces.npy").astype(np.float32).reshape(1, 96, 96, 6).transpose(0, 3, 1, 2)
    if frames > 1:
        faces = np.concatenate([np.roll(faces, 7 * i, axis=3) for i in range(frames)])
        mel = np.concatenate([mel] * frames)
    return np.ascontiguousarray(mel), np.ascontiguousarray(faces)


def times_of(run, mel, faces):
    run(mel, faces)
    samples, begin = [], time.perf_counter()
    while time.perf_counter() - begin < LEAST_TIME or len(samples) < LEAST_SAMPLES:
        start = time.perf_counter()
        run(mel, faces)
        samples.append(time.perf_counter() - start)
    return samples


def measure(folder, frames, out):
    runs = libraries(folder)
    found = {str(n): {name: times_of(run, *inputs(folder, n)) for name, run in runs.items()} for n in frames}
    with open(out, "w") as file:
        json.dump(found, file)
    return 0


def check(folder):
    theirs = np.load(f"{folder}/frames.npy").astype(np.float64).reshape(96, 96, 3)
    worst = 0.0
    for name, run in libraries(folder).items():
        frame = run(*inputs(folder))[0].transpose(1, 2, 0)
        error = np.abs(frame - theirs).max()
        print(f"{name}: its frame differs from the program's by at most {error:.2e}", file=sys.stderr)
        worst = max(worst, float(error))
    # Both sum in f32; the program's recording is heard through features of f16, and its frames are f16.
    return 0 if worst <= 2e-3 else 1


if __name__ == "__main__":
    what, where = sys.argv[1], sys.argv[2]
    if what == "check":
        sys.exit(check(where))
    sys.exit(measure(where, [int(n) for n in sys.argv[3].split(",")], sys.argv[4]))
