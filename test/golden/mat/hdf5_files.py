"""HDF5 files as MATLAB lays them out (made with h5py after files of MATLAB), the same without MATLAB's attributes, plain HDF5 files, and
hostile ones."""
import os
import struct

import h5py
import numpy as np

class MatlabFile:
    """Writes what MATLAB's save -v7.3 writes: a user block, axes reversed, classes as attributes, cells as references into #refs#."""

    def __init__(self, path, attributes=True, **dataset_options):
        self.file = h5py.File(path, 'w', userblock_size=512, libver='earliest')
        self.path = path
        self.attributes = attributes
        self.options = dataset_options
        self.refs = None
        self.count = 0

    def mark(self, node, matlab_class, **others):
        if self.attributes:
            node.attrs.create('MATLAB_class', np.bytes_(matlab_class))
            for name, number in others.items():
                node.attrs.create('MATLAB_' + name, number)
        return node

    def reference(self, content):
        if self.refs is None:
            self.refs = self.file.create_group('#refs#')
        name = f'n{self.count}'
        self.count += 1
        self.put(self.refs, name, content)
        return self.refs[name].ref

    def put(self, group, name, content):
        if isinstance(content, dict):  # a scalar struct
            node = self.mark(group.create_group(name), 'struct')
            for field, item in content.items():
                self.put(node, field, item)
        elif isinstance(content, list):  # a struct array: list of rows of dicts
            node = self.mark(group.create_group(name), 'struct')
            for field in content[0][0]:
                refs = [[self.reference(item[field]) for item in row] for row in content]
                node.create_dataset(field, data=np.array(refs, h5py.ref_dtype).T, dtype=h5py.ref_dtype)
        elif isinstance(content, str):
            units = np.frombuffer(content.encode('utf-16-le'), 'u2').reshape(-1, 1)
            if units.size == 0:
                self.mark(group.create_dataset(name, data=np.array([0, 0], 'u8')), 'char', empty=np.uint8(1))
            else:
                self.mark(group.create_dataset(name, data=units), 'char', int_decode=np.int32(2))
        elif content.dtype == object:
            if content.size == 0:
                self.mark(group.create_dataset(name, data=np.array(content.shape, 'u8')), 'cell', empty=np.uint8(1))
            else:
                refs = [[self.reference(item) for item in row] for row in content]
                self.mark(group.create_dataset(name, data=np.array(refs, h5py.ref_dtype).T, dtype=h5py.ref_dtype), 'cell')
        elif content.dtype.kind == 'U':  # char matrix
            rows = np.array([[ord(c) for c in row] for row in content], 'u2')
            self.mark(group.create_dataset(name, data=rows.T), 'char', int_decode=np.int32(2))
        elif content.size == 0:
            self.mark(group.create_dataset(name, data=np.array(content.shape, 'u8')), CLASSES[content.dtype.name], empty=np.uint8(1))
        elif content.dtype == bool:
            self.mark(group.create_dataset(name, data=content.astype('u1').T, **self.options), 'logical', int_decode=np.int32(1))
        elif content.dtype.kind == 'c':
            half = 'f4' if content.dtype == np.complex64 else 'f8'
            pairs = np.zeros(content.T.shape, [('real', half), ('imag', half)])
            pairs['real'], pairs['imag'] = content.T.real, content.T.imag
            self.mark(group.create_dataset(name, data=pairs), CLASSES[half])
        else:
            self.mark(group.create_dataset(name, data=content.T, **self.options), CLASSES.get(content.dtype.name, content.dtype.name))

    def close(self):
        self.file.close()
        with open(self.path, 'r+b') as out:
            text = b'MATLAB 7.3 MAT-file, Platform: GLNXA64, Created by h5py HDF5 schema 1.00 .'
            out.write(text.ljust(116) + b'\0' * 8 + struct.pack('<HH', 0x0200, 0x4D49))


CLASSES = {'float64': 'double', 'float32': 'single', 'f4': 'single', 'f8': 'double', 'bool': 'logical'}


def describe_matlab(describe, content):
    """What a reader should make of what `put` wrote; numpy arrays are described as those that scipy loads."""
    if isinstance(content, dict):
        return {'kind': 'struct', 'shape': [1, 1], 'fields': {f: [describe_matlab(describe, v)] for f, v in sorted(content.items())}}
    if isinstance(content, list):
        cells = [item for row in content for item in row]
        fields = {f: [describe_matlab(describe, item[f]) for item in cells] for f in sorted(cells[0])}
        return {'kind': 'struct', 'shape': [len(content), len(content[0])], 'fields': fields}
    if isinstance(content, str):
        return {'kind': 'text', 'shape': [1] if content else [0], 'data': [content] if content else []}
    if content.dtype == object:
        return {'kind': 'cell', 'shape': list(content.shape), 'data': [describe_matlab(describe, item) for item in content.ravel()]}
    return describe(content)


def matlab_arrays(random):
    cells = np.empty((2, 3), object)
    for k in range(6):
        cells[divmod(k, 3)] = [np.array([[1.0, 2.0]]), 'tëxt', np.array([[True]]), np.zeros((0, 0)), '', np.arange(24, dtype='u1').reshape(2, 3, 4)][k]
    stimuli = [[{'category': c, 'human': np.array([[float(k % 2)]]), 'pixel_values': random.integers(0, 256, (5, 4, 3)).astype('u1')} for k, c in enumerate(['humanface', 'bodypart', 'animal', 'scène'])]]
    grid = [[{'row': np.array([[float(i)]]), 'name': f'{i}{j}'} for j in range(3)] for i in range(2)]
    return {
        'EVC_RDMs': random.standard_normal((3, 5, 5)),
        'column': np.array([[1.0], [2.0], [3.0]]),
        'single': np.array([[1.5, np.nan, np.inf]], 'f4'),
        'int8': np.array([[-128, 127]], 'i1'),
        'uint16': np.array([[65535, 1]], 'u2'),
        'int64': np.array([[-(2**63), 2**63 - 1]], 'i8'),
        'uint64': np.array([[2**64 - 1]], 'u8'),
        'logical': np.array([[True, False, True], [False, False, True]]),
        'complex128': np.array([[1 + 2j, 3 - 4j, 5j]]),
        'complex64': np.array([[1 + 2j], [0.5]], 'c8'),
        'empty': np.zeros((0, 3)),
        'word': 'hello',
        'unicode': 'naïve Ω',
        'no_text': '',
        'rows': np.array(['abc', 'de ']),
        'cells': cells,
        'no_cells': np.empty((0, 0), object),
        'scalar_struct': {'a': np.array([[1.0]]), 'inner': {'b': 'x', 'c': cells[:1, :1]}},
        'visual_stimuli': stimuli,
        'grid': grid,
    }


def write_all(here, describe, random, expected):
    files = expected['files']
    arrays = matlab_arrays(random)
    for name, options in (('matlab', {}), ('matlab-compressed', dict(compression='gzip', shuffle=True, chunks=True))):
        mat = MatlabFile(os.path.join(here, f'{name}.v73.mat'), **options)
        for key, content in arrays.items():
            mat.put(mat.file, key, content)
        # Sparse [0 1.5; 0 0; 2.5 0], and what only MATLAB can interpret.
        sparse = mat.mark(mat.file.create_group('sparse'), 'double', sparse=np.uint64(3))
        sparse['data'], sparse['ir'], sparse['jc'] = np.array([2.5, 1.5]), np.array([2, 0], 'u8'), np.array([0, 1, 2], 'u8')
        mat.close()
        files[f'{name}.v73.mat'] = {key: describe_matlab(describe, content) for key, content in arrays.items()}
        files[f'{name}.v73.mat']['sparse'] = describe(np.array([[0, 1.5], [0, 0], [2.5, 0]]))
    mat = MatlabFile(os.path.join(here, 'classes.v73.mat'))
    mat.put(mat.file, 'before', np.array([[1.0]]))
    mat.mark(mat.file.create_dataset('table', data=np.array([[0xDD000000, 2, 1, 1, 1, 1]], 'u4').T), 'table', object_decode=np.int32(3))
    mat.mark(mat.file.create_group('handle'), 'function_handle', object_decode=np.int32(1))
    mat.close()
    expected['classes73'] = [
        {'name': 'before', 'dtype': 'float64', 'shape': [1, 1]},
        {'name': 'handle', 'dtype': 'function_handle', 'shape': [1, 1]},
        {'name': 'table', 'dtype': 'table', 'shape': [1, 1]},
    ]

    # As h5py users write .mat files: no attributes at all, but MATLAB's order of axes.
    bare = {'EVC_RDMs': random.standard_normal((3, 4, 4)), 'vector': np.arange(3.0)}
    with h5py.File(os.path.join(here, 'bare.v73.mat'), 'w') as file:
        for key, content in bare.items():
            file[key] = content.T
    files['bare.v73.mat'] = {'EVC_RDMs': describe(bare['EVC_RDMs']), 'vector': describe(bare['vector'].reshape(1, 3))}

    plain = {
        'a': np.arange(24.0).reshape(2, 3, 4),
        'big_endian': np.array([1.5, -2.5], '>f8'),
        'big_int': np.array([[1, -2]], '>i2'),
        'half': np.array([0.5, 65504, 6e-8], 'f2'),
        'bool': np.array([True, False]),
        'complex': np.array([1 + 2j, 3 - 4j]),
        'big_complex': np.array([1 + 2j, 3 - 4j], '>c16'),
        'scalar': np.float32(7.5),
        'empty': np.zeros((0, 4)),
        'group/deep/x': np.array([1, 2, 3], 'u4'),
        'group/gzip': np.tile(np.arange(50, dtype='i4'), (40, 1)),
        'strings': np.array(['a', 'bç', ''], object),
        'fixed': np.array([b'ab', b'abc']),
    }
    for name, libver in (('plain.h5', 'earliest'), ('latest.hdf5', 'latest')):
        with h5py.File(os.path.join(here, name), 'w', libver=libver) as file:
            for key, content in plain.items():
                if key == 'strings':
                    file.create_dataset(key, data=content, dtype=h5py.string_dtype())
                elif key == 'group/gzip':
                    file.create_dataset(key, data=content, chunks=(7, 9), compression='gzip', shuffle=True, fletcher32=True)
                else:
                    file.create_dataset(key, data=content)
            file['group/deep/loop'] = file['group']  # a hard link in a circle
            file['soft'] = h5py.SoftLink('/a')
            file['broken'] = h5py.SoftLink('/nowhere')
            file['outside'] = h5py.ExternalLink('/etc/passwd', '/x')
        with h5py.File(os.path.join(here, name)) as file:
            got = {}
            names = list(plain) + ['soft']
            for key in names:
                item = file[key][()] if key != 'strings' else file[key].asstr()[()]
                item = np.asarray(item)
                if item.dtype.kind == 'S':
                    item = np.char.decode(item)
                if item.dtype == object:
                    got[key] = {'kind': 'text', 'shape': list(item.shape), 'data': item.tolist()}
                else:
                    got[key] = describe(item.astype(item.dtype.newbyteorder('=')))
            files[name] = got

    # Small ones, to be cut and changed thousands of times.
    small = {'x': np.array([[1.0, 2.0]]), 'word': 'ab', 'struct': [[{'c': np.array([[True]])}, {'c': np.array([[False]])}]]}
    mat = MatlabFile(os.path.join(here, 'small.v73.mat'))
    for key, content in small.items():
        mat.put(mat.file, key, content)
    mat.close()
    files['small.v73.mat'] = {key: describe_matlab(describe, content) for key, content in small.items()}
    with h5py.File(os.path.join(here, 'small.h5'), 'w') as file:
        file['a'] = np.arange(6.0).reshape(2, 3)
        file.create_dataset('group/b', data=np.arange(20, dtype='i2'), chunks=(8,), compression='gzip')
        file.create_dataset('text', data=np.array(['a', 'bc'], object), dtype=h5py.string_dtype())
    files['small.h5'] = {
        'a': describe(np.arange(6.0).reshape(2, 3)),
        'group/b': describe(np.arange(20, dtype='i2')),
        'text': {'kind': 'text', 'shape': [2], 'data': ['a', 'bc']},
    }

    # Files that claim more than they hold.
    with h5py.File(os.path.join(here, 'never-written.h5'), 'w') as file:
        file.create_dataset('huge', (10**6, 10**6), 'f8', chunks=(1000, 1000), compression='gzip')
        file.create_dataset('contiguous', (10**6, 10**3), 'f8')
        file.create_dataset('modest', (100, 3), 'f8', fillvalue=7)
        file.create_dataset('chunk', (10**9,), 'u1', chunks=(10**9,))
    with h5py.File(os.path.join(here, 'elsewhere.h5'), 'w') as file:
        file.create_dataset('external', (10,), 'u1', external=[('/etc/passwd', 0, 10)])
        layout = h5py.VirtualLayout((5,), 'f8')
        layout[:] = h5py.VirtualSource('/tmp/other.h5', 'x', (5,))
        file.create_virtual_dataset('virtual', layout)
        file['outside'] = h5py.ExternalLink('/etc/passwd', '/x')
    bomb = np.zeros((1000, 10**6), 'u1')
    with h5py.File(os.path.join(here, 'bomb.h5'), 'w') as file:
        file.create_dataset('zeros', data=bomb[:, :100_000], chunks=(100, 100_000), compression='gzip', compression_opts=9)
    with h5py.File(os.path.join(here, 'self.v73.mat'), 'w') as file:
        cell = file.create_dataset('cell', (2, 2), h5py.ref_dtype)
        for k in range(4):
            cell[divmod(k, 2)] = cell.ref
        cell.attrs.create('MATLAB_class', np.bytes_('cell'))
