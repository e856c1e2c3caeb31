import { deflateSync } from 'node:zlib';

/** A gray PNG of one color, or one whose data are `nBytes` of a longer stream. */
export function flatPng(width: number, height: number, nBytes?: number): Uint8Array {
  const data = deflateSync(Buffer.alloc((width + 1) * height));
  return png(width, height, nBytes === undefined ? data : data.subarray(0, nBytes));
}

/** A PNG that claims a size and has no pixels. */
export function headerOnlyPng(width: number, height: number): Uint8Array {
  return png(width, height, deflateSync(Buffer.alloc(10)));
}

function png(width: number, height: number, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits, gray
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let k = 0; k < 8; k++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A BMP's headers, and a few bytes of pixels. */
export function bmpHeader(width: number, height: number, bits: number, compression: number): Uint8Array {
  const bytes = Buffer.alloc(200);
  bytes.write('BM', 'latin1');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeUInt32LE(compression, 30);
  return bytes;
}
