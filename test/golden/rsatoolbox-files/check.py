#!/usr/bin/env python3
"""Opens a file by h5py the way rsatoolbox.rdm.load_rdm does, makes the checks of its RDMs class, and prints what a user of it would see as JSON.

Follows read_dict_hdf5 (src/rsatoolbox/io/hdf5.py), rdms_from_dict and RDMs.__init__ (src/rsatoolbox/rdm/rdms.py), batch_to_vectors
(src/rsatoolbox/util/rdm_utils.py) and check_descriptor_length_error (src/rsatoolbox/util/descriptor_utils.py) of rsatoolbox 0.3.0, MIT
licence, written anew. Fails where rsatoolbox would.

/usr/bin/python3 check.py FILE
"""
import json
import math
import sys

import h5py
import numpy as np


def read(group):
    """Groups are dictionaries, fixed text becomes str, an empty dataset None; an attribute goes over a dataset of its name."""
    found = {}
    for key, item in group.items():
        if isinstance(item, h5py.Group):
            found[key] = read(item)
        elif item.shape is None:
            found[key] = None
        else:
            values = np.array(item)
            # Through ASCII, which fails for other text; text of variable length stays bytes.
            found[key] = values.astype("U") if values.dtype.type is np.bytes_ else values
    found.update(group.attrs.items())
    return found


def listed(descriptors):
    """Every descriptor as a list; a group of numbered items is one."""
    return {key: [values[str(k)] for k in range(len(values))] if isinstance(values, dict) else list(values)
            for key, values in descriptors.items()}


def checked(descriptors, name, count):
    for key, values in descriptors.items():
        if len(values) != count:
            raise AttributeError(f"{name} have mismatched dimension with measurements: {key} has {len(values)}, not {count}")
    return {"index": list(range(count)), **descriptors}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        raise TypeError(f"{value!r} would be bytes to a user")
    return value.item() if isinstance(value, np.generic) else value


with h5py.File(sys.argv[1], "r") as file:
    found = read(file)
vectors = found["dissimilarities"]
if vectors.ndim != 2:
    raise ValueError(f"expected n RDMs x n pairs, got {vectors.shape}")
n_rdm, n_cond = len(vectors), math.ceil(math.sqrt(2 * vectors.shape[1]))
if n_cond * (n_cond - 1) // 2 != vectors.shape[1]:
    raise ValueError(f"{vectors.shape[1]} is no number of pairs")
print(json.dumps(plain({
    "dissimilarities": vectors,
    "dtype": str(vectors.dtype),
    "dissimilarity_measure": found["dissimilarity_measure"],
    "descriptors": found["descriptors"],
    "rdm_descriptors": checked(listed(found["rdm_descriptors"]), "rdm_descriptors", n_rdm),
    "pattern_descriptors": checked(listed(found["pattern_descriptors"]), "pattern_descriptors", n_cond),
})))
