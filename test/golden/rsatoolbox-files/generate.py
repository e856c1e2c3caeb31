#!/usr/bin/env python3
"""Files of RDMs laid out as rsatoolbox saves them, written by h5py, and what h5py finds in them.

The layout is that of RDMs.save of rsatoolbox 0.3.0 (src/rsatoolbox/io/hdf5.py and src/rsatoolbox/rdm/rdms.py): dictionaries are groups,
texts attributes, lists of text fixed ASCII datasets, lists of numbers int64 datasets, dissimilarities n RDMs x n pairs (i < j, row-major).
rsatoolbox itself is not needed.

/usr/bin/python3 generate.py
"""
import json
import os
import platform

import h5py
import numpy as np

rng = np.random.default_rng(4)


def write(path, dissimilarities, names, descriptors, rdm_descriptors, measure):
    if os.path.exists(path):
        os.remove(path)
    with h5py.File(path, "w") as file:
        file.attrs["rsatoolbox_version"] = "0.3.0"
        if measure is None:
            file["dissimilarity_measure"] = h5py.Empty("f")
        else:
            file.attrs["dissimilarity_measure"] = measure
        file["dissimilarities"] = dissimilarities
        group = file.create_group("descriptors")
        for key, text in descriptors.items():
            group.attrs[key] = text
        group = file.create_group("rdm_descriptors")
        group["index"] = np.arange(len(dissimilarities))
        for key, texts in rdm_descriptors.items():
            group[key] = np.array(texts).astype("S")
        group = file.create_group("pattern_descriptors")
        for key, texts in names.items():
            group[key] = np.array(texts).astype("S")
        n = int(np.ceil(np.sqrt(2 * dissimilarities.shape[1])))
        group["index"] = np.arange(n)


def dissimilarities(n_rdm, n_pairs):
    return np.round(rng.uniform(0, 2, (n_rdm, n_pairs)), 4)


NAMES = ["face.jpg", "house.jpg", "a chair.png", "tree", "T", "face 2.jpg"]
# As an export of one set writes it: three RDMs of six conditions, whose index alone could be taken for an RDM.
write("export.h5", dissimilarities(3, 15), {"name": NAMES}, {"hypercolumn": "0.0.0", "run": "runs/a"},
      {"name": ["fit", "pixels", "mean of 15 subjects"], "kind": ["predicted", "rival", "measured"], "set": ["92"] * 3}, "mixed")
# Subjects' RDMs, as rsatoolbox users have them; 3 x 3 is no square here, and nothing names the measure.
write("subjects.hdf5", dissimilarities(3, 3), {"stimulus": NAMES[:3], "type": ["animate", "not", "not"]}, {}, {}, None)
# 15 RDMs of three conditions: 15 is a number of pairs too.
write("many.h5", dissimilarities(15, 3), {}, {}, {}, "euclidean")


def structure(path):
    """What h5py says of each object: dtype, shape, and the attributes with theirs."""
    found = {}

    def look(name, item):
        attributes = {
            key: {"text": str(item.attrs[key]), "variable": h5py.check_string_dtype(item.attrs.get_id(key).dtype).length is None}
            for key in item.attrs
        }
        entry = {"attributes": attributes}
        if isinstance(item, h5py.Dataset):
            text = h5py.check_string_dtype(item.dtype)
            entry["shape"] = item.shape
            entry["dtype"] = "empty" if item.shape is None else "text" if text is not None else str(item.dtype)
            if text is not None:
                entry["encoding"] = text.encoding
            if item.shape is not None:
                values = item.asstr()[()] if text is not None else item[()]
                entry["values"] = values.tolist()
        found[name] = entry

    with h5py.File(path) as file:
        look("/", file)
        file.visititems(look)
    return found


with open("expected.json", "w") as file:
    json.dump(
        {
            "by": f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}, numpy {np.__version__}, Python {platform.python_version()}",
            **{path: structure(path) for path in ("export.h5", "subjects.hdf5", "many.h5")},
        },
        file,
        indent=1,
    )
