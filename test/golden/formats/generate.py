"""Arrays as numpy and torch write them, and what they hold. Run with Debian's /usr/bin/python3 in this folder."""

import io
import json
import struct
import zipfile

import numpy as np
import torch

expected = {
    "computed by": f"numpy {np.__version__}, torch {torch.__version__}",
    "files": {},
}


def value(array):
    array = np.asarray(array)
    if array.dtype.kind in "US":
        data = [text.decode() if isinstance(text, bytes) else str(text) for text in array.ravel(order="C")]
        return {"dtype": "text", "shape": list(array.shape), "data": data}
    dtype = array.dtype.name
    flat = np.ascontiguousarray(array).ravel()
    if array.dtype.kind == "c":
        flat = flat.view(flat.real.dtype)
    if array.dtype.kind == "f" and array.dtype.itemsize == 2:
        flat = flat.astype(np.float32)
    # 64-bit integers and NaN are no JSON numbers: everything goes as text.
    return {"dtype": dtype, "shape": list(array.shape), "data": [str(x.item() * 1) for x in flat]}


def add(name, entries, metadata=None):
    expected["files"][name] = {"entries": entries}
    if metadata:
        expected["files"][name]["metadata"] = metadata


def npy(name, array, **options):
    with open(name, "wb") as file:
        np.lib.format.write_array(file, np.asanyarray(array), **options)
    add(name, {"data": value(array)})


generator = np.random.default_rng(0)
numbers = generator.normal(size=(3, 4, 2)) * 50
kinds = "b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16".split()
for kind in kinds:
    array = np.abs(numbers).astype(kind) if kind[0] == "u" else numbers.astype(kind)
    if kind[0] == "b":
        array = numbers > 0
    if kind[0] == "c":
        array = (numbers + 1j * numbers[::-1]).astype(kind)
    npy(f"little-{kind}.npy", array.astype("<" + kind))
    if kind not in ("b1", "i1", "u1"):
        npy(f"big-{kind}.npy", array.astype(">" + kind))
npy("fortran.npy", np.asfortranarray(numbers))
npy("fortran-complex-big.npy", np.asfortranarray((numbers - 2j * numbers).astype(">c16")))
npy("fortran-text.npy", np.asfortranarray(np.array([["a", "bb", "c"], ["d", "e", "fff"]])))
npy("scalar.npy", np.float64(2.5))
npy("empty.npy", np.zeros((0, 5), np.float32))
npy("one.npy", np.array([7], np.int32))
npy("extremes-i8.npy", np.array([np.iinfo(np.int64).min, -1, np.iinfo(np.int64).max]))
npy("extremes-u8.npy", np.array([0, np.iinfo(np.uint64).max], np.uint64))
npy("special-f8.npy", np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308]))
npy("special-f2.npy", np.array([np.nan, np.inf, -np.inf, -0.0, 6e-8, 6.1e-5, 65504, 1 / 3], np.float16))
npy("unicode.npy", np.array(["face.jpg", "", "Häuser", "\U0001f431"]))
npy("unicode-big.npy", np.array(["face.jpg", "Häuser"]).astype(">U8"))
npy("bytes.npy", np.array([b"face.jpg", b"", b"house"]))
npy("version2.npy", numbers, version=(2, 0))
npy("version3.npy", numbers, version=(3, 0))

rdm = np.abs(numbers[:, :, 0])
names = np.array(["face.jpg", "house.jpg", "tree.jpg"])
np.savez("stored.npz", rdm=rdm, names=names, counts=np.arange(5))
np.savez_compressed("compressed.npz", rdm=rdm, names=names, zeros=np.zeros((20, 20), np.float32))
add("stored.npz", {"rdm": value(rdm), "names": value(names), "counts": value(np.arange(5))})
add("compressed.npz", {"rdm": value(rdm), "names": value(names), "zeros": value(np.zeros((20, 20), np.float32))})
with zipfile.ZipFile("streamed.npz", "w", zipfile.ZIP_DEFLATED) as archive:  # zip64 sizes, and a member that is no array
    info = zipfile.ZipInfo("rdm.npy")  # without the time of today, so that the same bytes come every time
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, rdm)
    archive.writestr(zipfile.ZipInfo("README.txt"), "not an array")
add("streamed.npz", {"rdm": value(rdm)})
zipfile.ZIP64_LIMIT = 100  # every size and offset beyond it goes into zip64 fields, as they do beyond 4 GiB
np.savez("zip64.npz", rdm=rdm, names=names)
add("zip64.npz", {"rdm": value(rdm), "names": value(names)})

# What must be refused, with a reason: only numpy can make these.
np.save("refused-object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save("refused-structured.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
np.save("refused-dates.npy", np.array(["2019-01-01"], dtype="datetime64[D]"))
np.save("refused-long.npy", np.array([1.5], dtype=np.longdouble))

# The package `safetensors` is not in Debian: its layout is written out here by its specification, the numbers are torch's.
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}
WIDE = {"F16": torch.float32, "BF16": torch.float32}
header, data, entries = {"__metadata__": {"names": json.dumps(names.tolist()), "made by": "torch"}}, b"", {}
for kind, dtype in TYPES.items():
    tensor = (torch.from_numpy(numbers) > 0) if kind == "BOOL" else torch.from_numpy(numbers).abs().to(dtype)
    if kind[0] in "FB" and kind != "BOOL":
        tensor = torch.from_numpy(numbers).to(dtype)
        tensor[0, 0, 0], tensor[0, 0, 1], tensor[0, 1, 0] = float("nan"), float("inf"), 1e-39 if kind == "BF16" else 6e-8
    raw = (tensor.view(torch.int16) if kind == "BF16" else tensor).numpy().tobytes()
    header[kind] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
    entries[kind] = value(tensor.to(WIDE.get(kind, dtype)).numpy())
    entries[kind]["dtype"] = {"F16": "float16", "BF16": "bfloat16"}.get(kind, entries[kind]["dtype"])
for kind, dtype in (("U16", np.uint16), ("U32", np.uint32), ("U64", np.uint64)):
    array = np.array([0, 1, np.iinfo(dtype).max], dtype)
    header[kind] = {"dtype": kind, "shape": [3], "data_offsets": [len(data), len(data) + array.nbytes]}
    data += array.tobytes()
    entries[kind] = value(array)
header["empty"] = {"dtype": "F32", "shape": [0, 3], "data_offsets": [len(data), len(data)]}
header["scalar"] = {"dtype": "F32", "shape": [], "data_offsets": [len(data), len(data) + 4]}
data += np.float32(2.5).tobytes()
entries["empty"], entries["scalar"] = value(np.zeros((0, 3), np.float32)), value(np.float32(2.5))
text = json.dumps(header).encode()
with open("torch.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
add("torch.safetensors", entries, header["__metadata__"])

# The weights of a model that torch exports.
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
torch.onnx.export(model, torch.zeros(1, 3, 8, 8), "conv.onnx", input_names=["pixels"], output_names=["features"])
add("conv.onnx", {name: value(tensor.detach().numpy()) for name, tensor in model.named_parameters()},
    {"inputs": "pixels float32 1 x 3 x 8 x 8"})

# Rounding to 16 bits as torch and numpy do it.
values = np.concatenate([generator.normal(size=60), 10.0 ** generator.uniform(-8, 6, 60), -(2.0 ** np.arange(-26, 17)),
                         [65519.9, 65520, 65536, 2049, 2051, 1 + 2**-11, 1 + 3 * 2**-11, 2**-25, 3 * 2**-26, 0.0, -0.0]]).astype(np.float32)
with np.errstate(over="ignore"):
    halves = values.astype(np.float16).view(np.uint16)
brains = torch.from_numpy(values).to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)
expected["rounding"] = {"float32": [float(x) for x in values], "float16": halves.tolist(), "bfloat16": brains.tolist()}
expected["crc32"] = {text: zipfile.crc32(text.encode()) for text in ("", "a", "123456789", "The quick brown fox jumps over the lazy dog")}

# Tables as numpy.savetxt writes them.
for name, options in {"comma.csv": {"delimiter": ","}, "blanks.txt": {}, "tabs.tsv": {"delimiter": "\t", "header": "a note", "newline": "\r\n"}}.items():
    np.savetxt(name, rdm, **options)
    read = np.loadtxt(io.StringIO(open(name).read()), delimiter=options.get("delimiter"))
    add(name, {"data": value(read)})

with open("expected.json", "w") as file:
    json.dump(expected, file, indent=1)
