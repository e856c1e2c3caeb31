"""Checks that written.v5.mat, which writeMat5 wrote from the arrays of written.json, opens in scipy as these arrays.

/usr/bin/python3 check_written.py

The test of the writer compares its bytes with written.v5.mat, so that what was checked here is what is written. To make the file anew after
a change of the writer: HYPERCOLUMN_WRITE_GOLDEN=1 npx vitest run test/formats/mat5-write.test.ts, then run this again.
"""
import json
import os

import numpy as np
import scipy.io

here = os.path.dirname(os.path.abspath(__file__))
arrays = json.load(open(os.path.join(here, 'written.json')))['arrays']
loaded = scipy.io.loadmat(os.path.join(here, 'written.v5.mat'))
typed = scipy.io.loadmat(os.path.join(here, 'written.v5.mat'), mat_dtype=True)


def matlab_shape(shape):
    return tuple(shape) if len(shape) >= 2 else (1, *(shape or [1]))


def check(place, expected, value, typed):
    if expected['kind'] == 'numeric':
        dtype = {'float16': 'float32', 'bfloat16': 'float32'}.get(expected['dtype'], expected['dtype'])
        assert value.shape == matlab_shape(expected['shape']), (place, value.shape)
        got = value if dtype.startswith('complex') else typed
        assert got.dtype == dtype, (place, got.dtype)
        data = np.array([int(v) if 'int' in dtype else float(v) for v in expected['data']], dtype if 'int' in dtype else None)
        if dtype.startswith('complex'):
            data = data.astype(dtype.replace('complex64', 'float32').replace('complex128', 'float64')).view(dtype)
        np.testing.assert_array_equal(got, data.astype(dtype).reshape(value.shape), place)
    elif expected['kind'] == 'text':
        if len(expected['data']) == 1:
            assert value.tolist() == expected['data'], (place, value)
        else:
            assert value.dtype == object and value.size == len(expected['data']), place
            assert value.ndim == 2 and value.shape[0] == expected['shape'][0], (place, value.shape)
            assert [v.item() if v.size else '' for v in value.ravel()] == expected['data'], (place, value)
    elif expected['kind'] == 'cell':
        assert value.shape == matlab_shape(expected['shape']), (place, value.shape)
        for k, item in enumerate(expected['data']):
            check(f'{place}{{{k}}}', item, value.ravel()[k], typed.ravel()[k])
    else:
        assert value.shape == matlab_shape(expected['shape']), (place, value.shape)
        assert value.dtype.names == tuple(expected['fields']), (place, value.dtype.names)
        for name, items in expected['fields'].items():
            for k, item in enumerate(items):
                check(f'{place}({k}).{name}', item, value[name].ravel()[k], typed[name].ravel()[k])


assert [name for name in loaded if not name.startswith('__')] == list(arrays)
for name, expected in arrays.items():
    check(name, expected, loaded[name], typed[name])
print(f'scipy {scipy.__version__} reads all {len(arrays)} variables as written')
