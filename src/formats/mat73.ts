import { FormatError } from '../core/errors.ts';
import { type Entry, numericArray, type OpenedFile, type Value } from './array.ts';
import {
  childNames,
  DATASET,
  datasetMetadata,
  GROUP,
  type Hdf5File,
  identityOf,
  joinNames,
  kindOf,
  readElementsOf,
  readNumbersOf,
  readStringsOf,
} from './hdf5-datasets.ts';
import { withHdf5 } from './hdf5-library.ts';
import { dtypeNameOf, H5T, numericDtypeOf } from './hdf5-types.ts';
import { matlabReader } from './mat73-values.ts';
import { namedEntries } from './named-entries.ts';
import type { Source } from './source.ts';

const MAX_DEPTH = 64;
const MAX_ENTRIES = 100_000;

/**
 * Opens a MAT-file of version 7.3, which is HDF5 by MATLAB's conventions: axes are reversed, whether or not attributes say that MATLAB wrote
 * it; cells and structs are gathered from the references that they are stored as.
 * @throws FormatError where it is no HDF5 file, or is damaged
 * @source MathWorks, MAT-File Versions; the layout itself is not documented and was read off files
 */
export async function openMat73(source: Source): Promise<OpenedFile> {
  const listed = await opened(source, (file) =>
    // MATLAB keeps what cells and objects refer to in groups whose names begin so.
    childNames(file, '/')
      .filter((name) => !name.startsWith('#') && isObject(file, joinNames('/', name)))
      .map((name): Entry => {
        const { dtype, shape } = matlabReader(file).describe(joinNames('/', name));
        return { name, dtype, shape };
      }),
  );
  const variables = namedEntries(source.name, 'variable', listed);
  return {
    format: 'mat7.3',
    entries: variables.entries,
    metadata: {},
    async read(name) {
      variables.find(name);
      return opened(source, (file) => matlabReader(file).describe(joinNames('/', name)).read(name, 0));
    },
  };
}

/**
 * Opens an HDF5 file as it is: every dataset by its path, axes in the file's order.
 * @throws FormatError where it is no HDF5 file, or is damaged
 */
export async function openHdf5(source: Source): Promise<OpenedFile> {
  const datasets = namedEntries(source.name, 'dataset', await opened(source, listDatasets));
  return {
    format: 'hdf5',
    entries: datasets.entries,
    metadata: {},
    async read(name) {
      datasets.find(name);
      return opened(source, (file) => readDataset(file, joinNames('/', name), 0));
    },
  };
}

function opened<T>(source: Source, work: (file: Hdf5File) => T): Promise<T> {
  return withHdf5(source, (hdf5, id) => work({ hdf5, id, path: source.name, size: source.size }));
}

const isObject = (file: Hdf5File, name: string): boolean => [GROUP, DATASET].includes(kindOf(file, name));

/** Each group is entered once, so that links in a circle end. */
function listDatasets(file: Hdf5File): Entry[] {
  const entries: Entry[] = [];
  const entered = new Set<string>();
  const enter = (group: string, depth: number): void => {
    const identity = identityOf(file, group);
    if (entered.has(identity)) return;
    entered.add(identity);
    if (depth > MAX_DEPTH)
      throw new FormatError(file.path, `groups are nested deeper than ${MAX_DEPTH}`, group.slice(0, 200));
    for (const child of childNames(file, group)) {
      const name = joinNames(group, child);
      const kind = kindOf(file, name);
      if (kind === GROUP) enter(name, depth + 1);
      if (kind !== DATASET) continue;
      if (entries.length === MAX_ENTRIES) throw new FormatError(file.path, `more than ${MAX_ENTRIES} datasets`);
      const metadata = datasetMetadata(file, name);
      entries.push({ name: name.slice(1), dtype: dtypeNameOf(metadata), shape: metadata.shape ?? [0] });
    }
  };
  enter('/', 0);
  return entries;
}

function readDataset(file: Hdf5File, name: string, depth: number): Value {
  const metadata = datasetMetadata(file, name);
  const shape = metadata.shape ?? [0];
  const dtype = numericDtypeOf(metadata);
  if (dtype !== undefined) return numericArray(dtype, shape, readNumbersOf(file, name, metadata, dtype));
  if (metadata.type === H5T.string) return { kind: 'text', shape, data: readStringsOf(file, name, metadata) };
  if (metadata.type !== H5T.reference || metadata.ref_type !== 'object') {
    throw new FormatError(
      file.path,
      `holds values of type ${dtypeNameOf(metadata)}; write numbers, text or references to such`,
      name.slice(1),
    );
  }
  if (depth > MAX_DEPTH) throw new FormatError(file.path, 'refers to itself; the file is damaged', name.slice(1));
  const data = readElementsOf(file, name, metadata).map((reference) => {
    const target = file.hdf5.get_referenced_name(file.id, reference, true);
    if (!target || kindOf(file, target) !== DATASET) {
      throw new FormatError(file.path, 'refers to what is no dataset', name.slice(1));
    }
    return readDataset(file, target, depth + 1);
  });
  return { kind: 'cell', shape, data };
}
