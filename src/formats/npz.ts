import { FormatError } from '../core/errors.ts';
import type { Entry, NumericArray, OpenedFile, TextArray } from './array.ts';
import { listNames, namedEntries } from './named-entries.ts';
import { npyDtype, npyPieces, readNpyArray, readNpyRows } from './npy.ts';
import { type NpyHeader, readNpyHeader } from './npy-header.ts';
import type { Sink, Source } from './source.ts';
import { openZip, type ZipArchive, type ZipEntry } from './zip.ts';
import { writeZip } from './zip-write.ts';

interface Member extends Entry {
  readonly zipEntry: ZipEntry;
  readonly header: NpyHeader;
}

/**
 * Opens a .npz file: a zip of .npy files, stored or deflated. Entries go by their names without `.npy`; other files in it are left out.
 * @throws FormatError where the archive or a header is corrupt, or there is no array in it
 */
export async function openNpz(source: Source): Promise<OpenedFile> {
  const archive = await openZip(source);
  const members: Member[] = [];
  for (const zipEntry of archive.entries) {
    if (!zipEntry.name.endsWith('.npy')) continue;
    const header = await readNpyHeader(headSource(source.name, archive, zipEntry));
    members.push({ name: zipEntry.name.slice(0, -4), dtype: npyDtype(header), shape: header.shape, zipEntry, header });
  }
  if (members.length === 0) {
    throw new FormatError(
      source.name,
      `expected .npy files in the archive, it has ${listNames(archive.entries.map(({ name }) => name))}`,
    );
  }
  const { entries, find } = namedEntries(source.name, 'array', members);
  return {
    format: 'npz',
    entries: entries.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    metadata: {},
    async read(name) {
      const { zipEntry, header } = find(name);
      return readNpyArray(await archive.open(zipEntry, { verify: true }), header);
    },
    async readRows(name, first, count) {
      const { zipEntry, header } = find(name);
      return zipEntry.compressed ? null : readNpyRows(await archive.open(zipEntry), header, first, count);
    },
  };
}

/** A member as a Source that is good for reading its header: what is asked for is inflated from the start. */
function headSource(path: string, archive: ZipArchive, entry: ZipEntry): Source {
  return {
    name: `${path}, ${entry.name}`,
    size: entry.size,
    read: async (offset, length) => (await archive.readHead(entry, offset + length)).slice(offset),
  };
}

/**
 * Writes a .npz file; the same arrays give the same bytes.
 * @param sink takes the bytes
 * @param arrays by name
 * @param options how they are stored
 * @param options.compressed as numpy.savez_compressed does
 * @returns bytes written
 * @throws ShapeError where an array's data does not fit its shape
 */
export async function writeNpz(
  sink: Sink,
  arrays: Readonly<Record<string, NumericArray | TextArray>>,
  { compressed = false }: { compressed?: boolean } = {},
): Promise<number> {
  const members = Object.entries(arrays).map(([name, array]) => ({ name: `${name}.npy`, pieces: npyPieces(array) }));
  return writeZip(sink, members, { compressed });
}
