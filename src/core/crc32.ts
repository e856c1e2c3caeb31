// Four tables, so that a word takes four look-ups that do not wait for each other: twice the speed of byte after byte.
const TABLES = makeTables();

/**
 * CRC-32 as zip has it (reflected polynomial 0xedb88320).
 * @param before checksum of the bytes that came before these; 0 at the start
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = TABLES;
  let crc = ~before;
  let k = 0;
  for (const end = bytes.length - 3; k < end; k += 4) {
    crc ^= bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24);
    crc = t3[crc & 0xff] ^ t2[(crc >>> 8) & 0xff] ^ t1[(crc >>> 16) & 0xff] ^ t0[crc >>> 24];
  }
  for (; k < bytes.length; k++) crc = t0[(crc ^ bytes[k]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): readonly Int32Array[] {
  const tables = [0, 1, 2, 3].map(() => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let k = 1; k < 4; k++) {
      const crc = tables[k - 1][byte];
      tables[k][byte] = (crc >>> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}
