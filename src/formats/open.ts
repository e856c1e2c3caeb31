import { FormatError } from '../core/errors.ts';
import type { OpenedFile } from './array.ts';
import {
  HEAD_LENGTH,
  hasBytes,
  hasHdf5Signature,
  isMat4Header,
  isMat5Header,
  isSafetensorsHeader,
} from './signatures.ts';
import type { Source } from './source.ts';

interface Reader {
  readonly format: string;
  /** Endings of names, without the dot, that say so where no signature does. */
  readonly endings: readonly string[];
  /** Whether the file's own bytes say so; absent where they cannot. */
  matches?(head: Uint8Array, source: Source): boolean | Promise<boolean>;
  open(source: Source): Promise<OpenedFile>;
}

const isZip = (head: Uint8Array) => hasBytes(head, 'PK\x03\x04') || hasBytes(head, 'PK\x05\x06');
// A .safetensors file whose header has 640 bytes, or some other numbers, begins as a pickle does.
const isPickle = (head: Uint8Array) => head[0] === 0x80 && head[1] >= 2 && head[1] <= 5 && !isSafetensorsHeader(head);
const isTorchZip = async (head: Uint8Array, source: Source) =>
  isZip(head) &&
  (await (await import('./zip.ts')).openZip(source)).entries.some(({ name }) => name.endsWith('data.pkl'));
const isMatlabHdf5 = async (head: Uint8Array, source: Source) =>
  (endingOf(source.name) === 'mat' || hasBytes(head, 'MATLAB 7.3')) && (await hasHdf5Signature(source, head));

/** In the order they are tried in. A reader is imported when a file needs it. */
const READERS: readonly Reader[] = [
  {
    format: 'npy',
    endings: ['npy'],
    matches: (head) => hasBytes(head, '\x93NUMPY'),
    open: async (source) => (await import('./npy.ts')).openNpy(source),
  },
  {
    format: 'pth',
    endings: ['pth', 'pt', 'tar', 'bin', 'ckpt'],
    matches: async (head, source) => isPickle(head) || isTorchZip(head, source),
    open: async (source) => (await import('./pth.ts')).openPth(source),
  },
  {
    format: 'npz',
    endings: ['npz'],
    matches: isZip,
    open: async (source) => (await import('./npz.ts')).openNpz(source),
  },
  {
    format: 'mat7.3',
    endings: [],
    matches: isMatlabHdf5,
    open: async (source) => (await import('./mat73.ts')).openMat73(source),
  },
  {
    format: 'hdf5',
    endings: ['h5', 'hdf5'],
    matches: (head, source) => hasHdf5Signature(source, head),
    open: async (source) => (await import('./mat73.ts')).openHdf5(source),
  },
  {
    format: 'mat5',
    endings: ['mat'],
    matches: isMat5Header,
    open: async (source) => (await import('./mat5.ts')).openMat5(source),
  },
  {
    format: 'safetensors',
    endings: ['safetensors'],
    matches: isSafetensorsHeader,
    open: async (source) => (await import('./safetensors.ts')).openSafetensors(source),
  },
  {
    format: 'onnx',
    endings: ['onnx'],
    open: async (source) => (await import('./onnx.ts')).openOnnx(source),
  },
  {
    format: 'csv',
    endings: ['csv', 'tsv', 'txt'],
    open: async (source) => (await import('./csv.ts')).openCsv(source),
  },
  {
    // Last of those that look at bytes: its header is only a few plausible numbers.
    format: 'mat4',
    endings: [],
    matches: isMat4Header,
    open: async (source) => (await import('./mat4.ts')).openMat4(source),
  },
];

/** Endings of files that can be read, without the dot. */
export const READABLE_ENDINGS: readonly string[] = READERS.flatMap((reader) => reader.endings);

/** Formats that can be read. */
export const READABLE_FORMATS: readonly string[] = READERS.map((reader) => reader.format);

/**
 * Opens a file of any known format, told by its first bytes, else by the ending of its name.
 * @throws FormatError where it is of no known format, or its header is corrupt
 */
export async function openFile(source: Source): Promise<OpenedFile> {
  if (source.size === 0) throw new FormatError(source.name, 'the file is empty');
  const head = await source.read(0, Math.min(HEAD_LENGTH, source.size));
  for (const reader of READERS) if (await reader.matches?.(head, source)) return reader.open(source);
  const ending = endingOf(source.name);
  const byName = READERS.find((reader) => reader.endings.includes(ending));
  if (byName !== undefined) return byName.open(source);
  const known = READABLE_ENDINGS.map((known) => `.${known}`).join(' ');
  throw new FormatError(source.name, `neither its first bytes nor its ending tell its format; known are ${known}`);
}

/** The ending of a name, lower case, without its dot; empty where there is none. */
export function endingOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1].toLowerCase() ?? '';
}
