"""Byte-level MAT-files that scipy can read but not write: big-endian ones, numbers stored narrower than their class, UTF-16 and UTF-32
text, and arrays that only MATLAB can interpret. After MathWorks, MAT-File Format."""
import struct
import zlib

MI = dict(int8=1, uint8=2, int16=3, uint16=4, int32=5, uint32=6, single=7, double=9, int64=12, uint64=13, matrix=14, compressed=15, utf8=16, utf16=17, utf32=18)
MX = dict(cell=1, struct=2, object=3, char=4, sparse=5, double=6, single=7, int8=8, uint8=9, int16=10, uint16=11, int32=12, uint32=13, int64=14, uint64=15, function=16, opaque=17)
CODES = dict(int8='b', uint8='B', int16='h', uint16='H', int32='i', uint32='I', single='f', double='d', int64='q', uint64='Q')


class Mat5:
    def __init__(self, big, compress=False):
        self.order = '>' if big else '<'
        self.big = big
        self.compress = compress
        self.variables = []

    def element(self, kind, data, small=True):
        if small and 1 <= len(data) <= 4:
            return struct.pack(self.order + 'I', len(data) << 16 | MI[kind]) + data.ljust(4, b'\0')
        return struct.pack(self.order + 'II', MI[kind], len(data)) + data + b'\0' * (-len(data) % 8)

    def numbers(self, kind, values, small=True):
        return self.element(kind, struct.pack(f'{self.order}{len(values)}{CODES[kind]}', *values), small)

    def matrix(self, mx, shape, name, content, flags=0, nzmax=0):
        head = self.numbers('uint32', [MX[mx] | flags, nzmax]) + self.numbers('int32', shape) + self.element('int8', name.encode())
        return self.element('matrix', head + content, small=False)

    def numeric(self, mx, stored, shape, values, name='', flags=0, imaginary=None):
        """`values` in column-major order."""
        content = self.numbers(stored, values)
        if imaginary is not None:
            content += self.numbers(stored, imaginary)
            flags |= 0x800
        return self.matrix(mx, shape, name, content, flags)

    def text(self, encoding, shape, text, name=''):
        if encoding in ('utf16', 'utf32'):
            data = text.encode(encoding[:3] + '-' + encoding[3:] + ('-be' if self.big else '-le'))
            return self.matrix('char', shape, name, self.element(encoding, data))
        if encoding == 'utf8':
            return self.matrix('char', shape, name, self.element('utf8', text.encode()))
        return self.matrix('char', shape, name, self.numbers(encoding, [ord(c) for c in text]))

    def opaque(self, name, class_name):
        head = self.numbers('uint32', [MX['opaque'], 0])
        for text in (name, 'MCOS', class_name):
            head += self.element('int8', text.encode())
        return self.element('matrix', head + self.numeric('uint32', 'uint32', [6, 1], [0xDD000000, 2, 1, 1, 1, 1]), small=False)

    def add(self, matrix):
        if self.compress:
            packed = zlib.compress(matrix)
            matrix = struct.pack(self.order + 'II', MI['compressed'], len(packed)) + packed
        self.variables.append(matrix)

    def bytes(self):
        text = b'MATLAB 5.0 MAT-file, crafted'.ljust(116) + b'\0' * 8
        return text + struct.pack(self.order + 'HH', 0x0100, 0x4D49) + b''.join(self.variables)


def mat4_matrix(big, stored, kind, rows, columns, values, name, imaginary=None):
    order = '>' if big else '<'
    p = ['double', 'single', 'int32', 'int16', 'uint16', 'uint8'].index(stored)
    t = ['full', 'text', 'sparse'].index(kind)
    data = struct.pack(f'{order}{len(values)}{CODES[stored]}', *values)
    if imaginary is not None:
        data += struct.pack(f'{order}{len(imaginary)}{CODES[stored]}', *imaginary)
    head = struct.pack(order + '5i', 1000 * big + 10 * p + t, rows, columns, int(imaginary is not None), len(name) + 1)
    return head + name.encode() + b'\0' + data
