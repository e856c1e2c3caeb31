"""Files of torch.save and what torch reads from them. Needs torch; the byte-level ones are made with pickle and struct.

/usr/bin/python3 generate.py
"""
import collections
import io
import json
import os
import pickle
import struct
import sys
import tarfile

import torch

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)


def numbers(tensor):
    """Row-major numbers; complex ones interleaved; not-a-number and infinity as strings."""
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    flat = tensor.detach().contiguous().reshape(-1)
    if tensor.dtype in (torch.float16, torch.bfloat16, torch.float32):
        flat = flat.double()
    values = flat.tolist()
    if tensor.dtype == torch.int64:
        return [str(v) for v in values]
    return [{'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN'}.get(str(v), v) for v in values]


def describe(tensors):
    return [
        {
            'name': name,
            'dtype': str(tensor.dtype).replace('torch.', ''),
            'shape': list(tensor.shape),
            'values': numbers(tensor),
        }
        for name, tensor in tensors.items()
    ]


base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
every_dtype = collections.OrderedDict(
    float32=torch.randn(2, 3),
    float16=torch.tensor([0.0, -0.0, 1.0, -2.5, 6e-8, 65504.0, float('inf'), float('nan')]).half(),
    bfloat16=torch.tensor([0.0, 1.0, -3.140625, 1e38, 1e-40]).bfloat16(),
    float64=torch.tensor([[1 / 3, -1e300]], dtype=torch.float64),
    int64=torch.tensor([2**62 + 1, -(2**62) - 1, 0]),
    int32=torch.tensor([2**31 - 1, -(2**31)], dtype=torch.int32),
    int16=torch.tensor([32767, -32768], dtype=torch.int16),
    int8=torch.tensor([127, -128], dtype=torch.int8),
    uint8=torch.tensor([0, 255], dtype=torch.uint8),
    bool=torch.tensor([True, False, True]),
    complex64=torch.tensor([1 + 2j, -3j], dtype=torch.complex64),
    complex128=torch.tensor([1 / 3 - 2j], dtype=torch.complex128),
    scalar=torch.tensor(7.5),
    empty=torch.zeros(0, 3),
)
views = {
    'whole': base,
    'transposed': base.permute(2, 0, 1),
    'column': base[:, 1, :],
    'tail': base.reshape(-1)[55:],
    'every_other': base[..., ::2],
    'expanded': base[0, 0, :1].expand(4, 3),
    'complex_transposed': torch.arange(6).to(torch.complex64).reshape(2, 3).t(),
}
net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 2), torch.nn.BatchNorm2d(2))
checkpoint = {
    'epoch': 3,
    'arch': 'two layers',
    'best': 0.5,
    'state_dict': net.state_dict(),
    'optimizer': {'state': {0: {'step': 4, 'exp_avg': torch.ones(2)}}, 'param_groups': [{'lr': 0.1, 'params': [0]}]},
}
nested = {'first': {'a': torch.tensor([1.0]), 'b': [torch.tensor([2.0]), torch.tensor([3.0])]}, 'second': torch.tensor([4.0])}
parameters = collections.OrderedDict(weight=torch.nn.Parameter(torch.tensor([1.0, 2.0])), frozen=torch.nn.Parameter(torch.tensor([3.0]), False))

cases = {
    'every-dtype': (every_dtype, every_dtype),
    'views': (views, views),
    'checkpoint': (checkpoint, {**net.state_dict(), 'optimizer.state.0.exp_avg': torch.ones(2)}),
    'nested': (nested, {'first.a': nested['first']['a'], 'first.b.0': nested['first']['b'][0], 'first.b.1': nested['first']['b'][1], 'second': nested['second']}),
    'parameters': (parameters, parameters),
    'alone': (base[0], {'tensor': base[0]}),
}
expected = {'computedBy': f'torch {torch.__version__}, Python {sys.version.split()[0]}', 'files': {}, 'refused': {}}
for name, (value, tensors) in cases.items():
    for kind, as_zip in (('zip', True), ('legacy', False)):
        file = f'{name}.{kind}.pth'
        torch.save(value, os.path.join(here, file), _use_new_zipfile_serialization=as_zip)
        expected['files'][file] = describe(tensors)
for protocol in (3, 4, 5):
    file = f'protocol{protocol}.legacy.pth'
    torch.save(views, os.path.join(here, file), pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    expected['files'][file] = describe(views)


# The files of 2017 and 2018 (Cadene's among them) were written by Python 2 and PyTorch 0.3: byte strings, OrderedDict with a list of
# pairs, _rebuild_tensor with four arguments, storages with a place for a view. No torch of today writes these, so pickle operations are
# spelt out here, and torch.load is asked what it makes of them.
def short(text):
    return b'U' + bytes([len(text)]) + text.encode()


def integer(value):
    return b'J' + struct.pack('<i', value)


def tuple_of(*items):
    return b'(' + b''.join(items) + b't'


def old_tensor(function, storage, key, count, offset, size, stride, view=b'N', tail=b''):
    persistent = tuple_of(short('storage'), b'ctorch\n' + storage + b'\n', short(key), short('cpu'), integer(count), view) + b'Q'
    return b'ctorch._utils\n' + function + b'\n' + tuple_of(persistent, integer(offset), tuple_of(*map(integer, size)), tuple_of(*map(integer, stride)), tail) + b'R'


def pair(key, value):
    return b'](' + short(key) + value + b'e'


hooks = b"\x89ccollections\nOrderedDict\n(]tR"
items = [
    pair('layer0.conv1.weight', old_tensor(b'_rebuild_tensor', b'FloatStorage', '140', 6, 0, (2, 3), (3, 1))),
    pair('layer0.bn1.bias', old_tensor(b'_rebuild_tensor_v2', b'DoubleStorage', '9', 4, 1, (3,), (1,), tail=hooks)),
    pair('view', old_tensor(b'_rebuild_tensor', b'FloatStorage', '140', 6, 1, (2,), (1,), view=tuple_of(short('150'), integer(2), integer(4)))),
]
old = io.BytesIO()
pickle.dump(0x1950A86A20F9469CFC6C, old, protocol=2)
pickle.dump(1001, old, protocol=2)
pickle.dump({'protocol_version': 1001, 'little_endian': True, 'type_sizes': {'short': 2, 'int': 4, 'long': 4}}, old, protocol=2)
old.write(b'\x80\x02ccollections\nOrderedDict\n' + tuple_of(b'](' + b''.join(items) + b'e') + b'R.')
old.write(b'\x80\x02](' + short('140') + short('9') + b'e.')
old.write(struct.pack('<q6f', 6, *[0.5 * k for k in range(6)]))
old.write(struct.pack('<q4d', 4, *[k / 3 for k in range(4)]))
with open(os.path.join(here, 'python2.legacy.pth'), 'wb') as file:
    file.write(old.getvalue())
loaded = torch.load(os.path.join(here, 'python2.legacy.pth'))
expected['files']['python2.legacy.pth'] = describe(loaded)


class Evil:
    def __reduce__(self):
        return (os.system, ('touch hypercolumn-was-here',))


torch.save({'weight': torch.ones(1), 'bomb': Evil()}, os.path.join(here, 'evil.zip.pth'))
torch.save({'weight': torch.ones(1), 'bomb': Evil()}, os.path.join(here, 'evil.legacy.pth'), _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(1, 1), os.path.join(here, 'module.zip.pth'))
torch.save(torch.nn.Linear(1, 1), os.path.join(here, 'module.legacy.pth'), _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.ReLU()), os.path.join(here, 'script.zip.pth'))
torch.save({'a': 1}, os.path.join(here, 'no-tensor.zip.pth'))
with open(os.path.join(here, 'plain.pkl.pth'), 'wb') as file:
    pickle.dump({'a': [1.0]}, file)
with tarfile.open(os.path.join(here, 'old.tar.pth'), 'w') as tar:
    info = tarfile.TarInfo('sys_info')
    tar.addfile(info, io.BytesIO(b''))
expected['refused'] = {
    'evil.zip.pth': 'posix.system',
    'evil.legacy.pth': 'posix.system',
    'module.zip.pth': 'state_dict',
    'module.legacy.pth': 'state_dict',
    'script.zip.pth': 'TorchScript',
    'no-tensor.zip.pth': 'no tensor',
    'plain.pkl.pth': 'magic number',
    'old.tar.pth': 'tar',
}
with open(os.path.join(here, 'expected.json'), 'w') as file:
    json.dump(expected, file, indent=1)
    file.write('\n')
