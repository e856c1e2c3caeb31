/** Names contents: the hexadecimal SHA-256 of these bytes. */
export async function digestBytes(bytes: Uint8Array): Promise<string> {
  return hexadecimal(await sha256(bytes));
}

/** The hexadecimal SHA-256 of a text's UTF-8 bytes. */
export async function digestText(text: string): Promise<string> {
  return digestBytes(new TextEncoder().encode(text));
}

/** Bytes a chunk has in `digestChunks`; part of what its digests mean. */
export const DIGEST_CHUNK_BYTES = 8 * 1024 * 1024;

/**
 * Names the contents of a file of any size without holding it: WebCrypto knows no running hash, so this is the SHA-256 over the
 * concatenated SHA-256s of its chunks of 8 MiB (the last one shorter). It differs from the file's plain SHA-256 and is for cache keys.
 * @param source a formats/ Source, or anything that reads by offset
 */
export async function digestChunks(source: {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}): Promise<string> {
  const nChunks = Math.ceil(source.size / DIGEST_CHUNK_BYTES);
  const digests = new Uint8Array(32 * nChunks);
  for (let k = 0; k < nChunks; k++) {
    const offset = k * DIGEST_CHUNK_BYTES;
    const chunk = await source.read(offset, Math.min(DIGEST_CHUNK_BYTES, source.size - offset));
    digests.set(await sha256(chunk), 32 * k);
  }
  return digestBytes(digests);
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // WebCrypto refuses shared memory, which is all that the type leaves open.
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
