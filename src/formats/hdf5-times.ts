const MESSAGE_HEADER = 8;
const PREFIX = 16;
const MODIFICATION_TIME = 0x12;

/**
 * Sets the time at which an object of an HDF5 file was written to 0: the library's own header of version 1, which lists messages, holds it,
 * and files of the same numbers would differ by it.
 * @param address of the object's header
 * @throws Error where no such header is there: what wrote the file is not the library that this knows
 * @source HDF5 File Format Specification 3.0, IV.A.1.a and IV.A.2.s
 */
export function clearModificationTime(file: Uint8Array, address: number): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint8(address) !== 1) throw new Error(`HDF5: no object header of version 1 at byte ${address}`);
  const end = address + PREFIX + view.getUint32(address + 8, true);
  for (let at = address + PREFIX; at < end; at += MESSAGE_HEADER + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === MODIFICATION_TIME) view.setUint32(at + MESSAGE_HEADER + 4, 0, true);
  }
}
