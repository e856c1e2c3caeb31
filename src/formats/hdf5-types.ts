import type { NumericDtype } from './array.ts';
import type { Hdf5Metadata } from './hdf5-library.ts';

/** Classes of HDF5's types. */
export const H5T = {
  integer: 0,
  float: 1,
  string: 3,
  opaque: 5,
  compound: 6,
  reference: 7,
  enum: 8,
  vlen: 9,
  array: 10,
} as const;

const OTHER_NAMES: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bitfield',
  [H5T.opaque]: 'opaque',
  [H5T.compound]: 'compound',
  [H5T.enum]: 'enum',
  [H5T.vlen]: 'vlen',
  [H5T.array]: 'array',
};

/** The type of a dataset's numbers; undefined where it holds none that we know. */
export function numericDtypeOf(metadata: Hdf5Metadata): NumericDtype | undefined {
  const { type, size, signed } = metadata;
  if (type === H5T.integer && [1, 2, 4, 8].includes(size)) {
    return `${signed ? '' : 'u'}int${8 * size}` as NumericDtype;
  }
  if (type === H5T.float) return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[size];
  if (type === H5T.enum && size === 1) {
    // How h5py writes numpy's bool.
    const members = Object.entries(metadata.enum_type?.members ?? {}).map(([name, value]) => `${name}${value}`);
    return members.sort().join() === 'FALSE0,TRUE1' ? 'bool' : undefined;
  }
  return type === H5T.compound ? complexDtypeOf(metadata) : undefined;
}

/** Two floats of a kind side by side are a complex number, whatever they are called: real and imag for MATLAB, r and i for h5py. */
function complexDtypeOf({ size, compound_type }: Hdf5Metadata): NumericDtype | undefined {
  const members = compound_type?.members ?? [];
  const isPair = members.length === 2 && members.every((member, k) => member.offset === (k * size) / 2);
  const isComplex = isPair && members.every(({ name }, k) => (k === 0 ? /^r/i : /^i/i).test(name));
  if (!isComplex || !members.every((member) => member.type === H5T.float && member.size === size / 2)) return undefined;
  return ({ 8: 'complex64', 16: 'complex128' } as const)[size];
}

/** What `inspect` shows of a dataset. */
export function dtypeNameOf(metadata: Hdf5Metadata): string {
  if (metadata.type === H5T.string) return 'text';
  if (metadata.type === H5T.reference) return metadata.ref_type === 'object' ? 'cell' : 'region reference';
  return numericDtypeOf(metadata) ?? OTHER_NAMES[metadata.type] ?? `${8 * metadata.size}-bit number`;
}
