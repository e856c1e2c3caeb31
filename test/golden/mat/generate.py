"""MAT-files of versions 4, 5 and 7.3 and HDF5 files, and what scipy and h5py read from them.

/usr/bin/python3 generate.py
"""
import json
import os
import sys
import warnings

import h5py
import numpy as np
import scipy
import scipy.io
import scipy.sparse

from craft import Mat5, mat4_matrix
from hdf5_files import write_all

warnings.simplefilter('ignore', np.ComplexWarning)
here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(0)
expected = {
    'computedBy': f'scipy {scipy.__version__}, h5py {h5py.__version__} (HDF5 {h5py.version.hdf5_version}), numpy {np.__version__}, Python {sys.version.split()[0]}',
    'files': {},
    'classes': {},
}


def number(value):
    if isinstance(value, (int, np.integer)):
        return str(value) if abs(int(value)) > 2**53 else int(value)
    value = float(value)
    return {'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN'}.get(str(value), value)


def describe(value):
    """Our Value of a numpy array as scipy loads it; data in row-major order."""
    if scipy.sparse.issparse(value):
        value = value.toarray()
    if value.dtype.names is not None:
        fields = {name: [describe(item) for item in value[name].ravel()] for name in value.dtype.names}
        return {'kind': 'struct', 'shape': list(value.shape), 'fields': fields}
    if value.dtype == object:
        return {'kind': 'cell', 'shape': list(value.shape), 'data': [describe(item) for item in value.ravel()]}
    if value.dtype.kind == 'U':
        return {'kind': 'text', 'shape': list(value.shape), 'data': value.ravel().tolist()}
    dtype = value.dtype.name
    flat = value.ravel()
    if flat.dtype.kind == 'c':
        flat = flat.view(flat.real.dtype)
    return {'kind': 'numeric', 'dtype': dtype, 'shape': list(value.shape), 'data': [number(v) for v in (flat.astype(int) if dtype == 'bool' else flat)]}


def expect_scipy(file):
    """With mat_dtype scipy gives the types that MATLAB would load rather than those that the file stores, but drops imaginary parts and
    leaves sparse logicals as uint8."""
    path = os.path.join(here, file)
    stored = scipy.io.loadmat(path)
    loaded = scipy.io.loadmat(path, mat_dtype='v5' in file)
    expected['files'][file] = {}
    for name, value in loaded.items():
        if name.startswith('__'):
            continue
        if stored[name].dtype.kind == 'c':
            value = stored[name]
        if name == 'sparse_logical':
            value = value.astype(bool)
        expected['files'][file][name] = describe(value)


def write(file, content):
    with open(os.path.join(here, file), 'wb') as out:
        out.write(content)


# Versions 4 and 5 as scipy writes them.
numbers = {
    'float64': np.array([[1.5, np.nan, -np.inf], [np.inf, -0.0, 1e-310]]),
    'float32': random.standard_normal((2, 3, 4)).astype('f4'),
    'int8': np.array([[-128, 127]], 'i1'),
    'uint8': np.arange(24, dtype='u1').reshape(2, 3, 4),
    'int16': np.array([[-32768], [32767]], 'i2'),
    'uint16': np.array([[65535]], 'u2'),
    'int32': np.array([[-(2**31), 2**31 - 1]], 'i4'),
    'uint32': np.array([[2**32 - 1, 0, 7]], 'u4'),
    'int64': np.array([[-(2**63), 2**63 - 1]], 'i8'),
    'uint64': np.array([[2**64 - 1, 1]], 'u8'),
    'logical': np.array([[True, False], [True, True]]),
    'complex128': np.array([[1 + 2j, 3 - 4j], [5j, 6]]),
    'complex64': np.array([[1 + 2j, 3 - 4j, 0.5]], 'c8'),
    'scalar': np.array([[42.0]]),
    'empty': np.zeros((0, 0)),
    'no_columns': np.zeros((3, 0), 'i2'),
    'four_axes': random.integers(0, 99, (2, 3, 1, 2)).astype('f8'),
    'a_name_of_sixty_three_characters_is_as_long_as_matlab_can_have_it': np.array([[1.0]]),
}
numbers = {name[:63]: value for name, value in numbers.items()}
cellstr = np.empty((3, 1), object)
cellstr[:, 0] = ['alpha', 'bé', '']
nested = np.empty((2, 2), object)
nested[0, 0] = np.array([[1.0, 2.0]])
nested[0, 1] = 'text'
nested[1, 0] = cellstr
nested[1, 1] = np.array([[True]])
texts = {
    'word': 'hello',
    'unicode': 'naïve Ω',
    'rows': np.array(['abc', 'de ']),
    'cellstr': cellstr,
    'cells': nested,
    'no_cells': np.empty((0, 0), object),
}
# As in the challenge's 92images.mat: names and pixels of every image in a struct array.
stimuli = np.zeros((1, 4), dtype=[('category', object), ('human', object), ('pixel_values', object)])
for k, category in enumerate(['humanface', 'bodypart', 'animal', 'scène']):
    stimuli[0, k]['category'] = category
    stimuli[0, k]['human'] = np.array([[k % 2]], 'u1')
    stimuli[0, k]['pixel_values'] = random.integers(0, 256, (5, 4, 3)).astype('u1')
grid = np.zeros((2, 3), dtype=[('row', object), ('inner', object)])
for i in range(2):
    for j in range(3):
        inner = np.zeros((1, 1), dtype=[('label', object), ('value', object)])
        inner[0, 0]['label'] = f'{i}{j}'
        inner[0, 0]['value'] = np.array([[float(i * 10 + j)]])
        grid[i, j]['row'] = np.array([[float(i)]])
        grid[i, j]['inner'] = inner
structs = {'visual_stimuli': stimuli, 'grid': grid, 'a_field_name_of_forty_characters_and_more': np.array([[1.0]])}
sparses = {
    'sparse': scipy.sparse.csc_matrix(np.array([[0, 1.5, 0], [0, 0, 0], [2.5, 0, -3.0]])),
    'sparse_complex': scipy.sparse.csc_matrix(np.array([[0, 1 + 2j], [3j, 0]])),
    'sparse_logical': scipy.sparse.csc_matrix(np.array([[True, False, False], [False, False, True]])),
    'sparse_empty': scipy.sparse.csc_matrix((3, 2)),
}
for name, arrays in {'numbers': numbers, 'texts': texts, 'structs': structs, 'sparse': sparses}.items():
    for kind, compress in (('plain', False), ('compressed', True)):
        file = f'{name}.{kind}.v5.mat'
        scipy.io.savemat(os.path.join(here, file), arrays, do_compression=compress, long_field_names=True)
        expect_scipy(file)

v4 = {
    'float64': numbers['float64'],
    'float32': numbers['float32'][0],
    'int32': numbers['int32'],
    'int16': numbers['int16'],
    'uint16': numbers['uint16'],
    'uint8': np.arange(6, dtype='u1').reshape(2, 3),
    'complex128': numbers['complex128'],
    'word': 'hello',
    'rows': np.array(['abc', 'de ']),
    'sparse': sparses['sparse'],
    'sparse_complex': sparses['sparse_complex'],
    'empty': np.zeros((0, 0)),
}
scipy.io.savemat(os.path.join(here, 'little.v4.mat'), v4, format='4')
expect_scipy('little.v4.mat')
write(
    'big.v4.mat',
    mat4_matrix(1, 'double', 'full', 2, 3, [1.0, 2.0, 3.0, 4.0, 5.0, 6.5], 'm')
    + mat4_matrix(1, 'int16', 'full', 1, 3, [-1, 2, -300], 'narrow')
    + mat4_matrix(1, 'double', 'full', 2, 1, [1.0, 2.0], 'z', imaginary=[-1.0, 0.5])
    + mat4_matrix(1, 'uint8', 'text', 2, 3, [ord(c) for c in 'adbecf'], 't')
    + mat4_matrix(1, 'double', 'sparse', 3, 3, [1, 3, 3, 2, 1, 2, 0.5, -1.5, 0], 's'),
)
expect_scipy('big.v4.mat')

# What scipy reads but cannot write.
for big in (False, True):
    for compress in (False, True):
        mat = Mat5(big, compress)
        mat.add(mat.numeric('double', 'uint8', [2, 3], [1, 4, 2, 5, 3, 6], 'double_as_uint8'))
        mat.add(mat.numeric('double', 'int16', [1, 2], [-300, 300], 'double_as_int16'))
        mat.add(mat.numeric('single', 'double', [2, 1], [0.1, 2.5], 'single_as_double'))
        mat.add(mat.numeric('int64', 'int8', [3, 1], [-1, 2, 3], 'int64_as_int8'))
        mat.add(mat.numeric('uint64', 'uint64', [1, 1], [2**64 - 1], 'uint64'))
        mat.add(mat.numeric('uint8', 'uint8', [1, 3], [0, 1, 1], 'logical', flags=0x200))
        mat.add(mat.numeric('double', 'int8', [2, 1], [1, 2], 'complex_narrow', imaginary=[-3, 4]))
        mat.add(mat.numeric('double', 'double', [3, 2, 2], [float(k) for k in range(12)], 'three_axes', flags=0x400))
        mat.add(mat.text('utf8', [1, 4], 'añb€', 'utf8'))
        mat.add(mat.text('utf16', [2, 2], 'aΩbé', 'utf16'))
        mat.add(mat.text('utf32', [1, 3], 'xΩy', 'utf32'))
        mat.add(mat.text('uint16', [1, 3], 'old', 'uint16'))
        cells = mat.numeric('double', 'double', [1, 1], [7.0]) + mat.text('utf8', [1, 2], 'ab')
        mat.add(mat.matrix('cell', [1, 2], 'cells', cells))
        fields = mat.numbers('int32', [8]) + mat.element('int8', b'a'.ljust(8, b'\0') + b'second'.ljust(8, b'\0'))
        values = b''.join(mat.numeric('double', 'uint8', [1, 1], [k]) for k in range(4))
        mat.add(mat.matrix('struct', [2, 1], 'structs', fields + values))
        indices = mat.numbers('int32', [2, 0]) + mat.numbers('int32', [0, 1, 2]) + mat.numbers('double', [5.0, -1.0])
        mat.add(mat.matrix('sparse', [3, 2], 'sparse', indices, nzmax=2))
        file = f'crafted.{"big" if big else "little"}.{"compressed" if compress else "plain"}.v5.mat'
        write(file, mat.bytes())
        expect_scipy(file)

mat = Mat5(False)
mat.add(mat.numeric('double', 'double', [1, 1], [1.0], 'before'))
mat.add(mat.matrix('function', [1, 1], 'fn', mat.text('utf8', [1, 4], '@sin')))
mat.add(mat.opaque('when', 'datetime'))
mat.add(mat.matrix('object', [1, 1], 'old', mat.element('int8', b'inline') + mat.numbers('int32', [8]) + mat.element('int8', b'')))
fields = mat.numbers('int32', [8]) + mat.element('int8', b'x'.ljust(8, b'\0') + b'f'.ljust(8, b'\0'))
mat.add(mat.matrix('struct', [1, 1], 'holder', fields + mat.numeric('double', 'uint8', [1, 1], [3]) + mat.matrix('function', [1, 1], '', mat.text('utf8', [1, 4], '@sin'))))
mat.add(mat.numeric('double', 'double', [1, 1], [2.0], 'after'))
mat.add(mat.numeric('uint8', 'uint8', [1, 8], list(range(8)), ''))  # the workspace of functions
write('classes.v5.mat', mat.bytes())
expected['classes'] = [
    {'name': 'before', 'dtype': 'float64', 'shape': [1, 1]},
    {'name': 'fn', 'dtype': 'function_handle', 'shape': [1, 1]},
    {'name': 'when', 'dtype': 'datetime', 'shape': [1, 1]},
    {'name': 'old', 'dtype': 'inline', 'shape': [1, 1]},
    {'name': 'holder', 'dtype': 'struct', 'shape': [1, 1]},
    {'name': 'after', 'dtype': 'float64', 'shape': [1, 1]},
]

write_all(here, describe, random, expected)

with open(os.path.join(here, 'expected.json'), 'w') as out:
    json.dump(expected, out, ensure_ascii=False)
    out.write('\n')
