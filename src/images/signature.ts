/** Kinds of image files that can be read. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'bmp' | 'tiff' | 'gif';

/** Endings by which a folder's image files are told from its other files. What a file is, its first bytes say, not its name. */
export const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.jpe', '.png', '.webp', '.bmp', '.tif', '.tiff', '.gif'] as const;

const SIGNATURES: readonly (readonly [ImageFormat, (bytes: Uint8Array) => boolean])[] = [
  ['jpeg', (bytes) => startsWith(bytes, '\xff\xd8\xff')],
  ['png', (bytes) => startsWith(bytes, '\x89PNG\r\n\x1a\n')],
  ['gif', (bytes) => startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')],
  ['webp', (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8)],
  ['tiff', (bytes) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => startsWith(bytes, mark))],
  ['bmp', (bytes) => startsWith(bytes, 'BM')],
];

/** What the first bytes say the file is; undefined where they say nothing known. */
export function formatOfBytes(bytes: Uint8Array): ImageFormat | undefined {
  return SIGNATURES.find(([, matches]) => matches(bytes))?.[0];
}

/** Whether a file's name has an ending of an image, in either case. */
export function hasImageEnding(name: string): boolean {
  const lower = name.toLowerCase();
  return IMAGE_ENDINGS.some((ending) => lower.endsWith(ending));
}

function startsWith(bytes: Uint8Array, mark: string, offset = 0): boolean {
  if (bytes.length < offset + mark.length) return false;
  for (let k = 0; k < mark.length; k++) if (bytes[offset + k] !== mark.charCodeAt(k)) return false;
  return true;
}
