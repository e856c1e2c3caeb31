/** A format and files of it under test/golden/; small ones, since they are cut and changed thousands of times. */
export interface ReaderSamples {
  readonly format: string;
  readonly files: readonly string[];
  /** What a file that was cut short may still be: a whole one with fewer entries (MATLAB), or with fewer numbers (a table). */
  readonly whenCut?: 'fewer entries' | 'fewer numbers';
}

/** Every reader joins here. */
export const READER_SAMPLES: readonly ReaderSamples[] = [
  {
    format: 'npy',
    files: [
      'formats/little-f8.npy',
      'formats/big-c16.npy',
      'formats/fortran-text.npy',
      'formats/version2.npy',
      'formats/unicode.npy',
      'formats/bytes.npy',
      'formats/special-f2.npy',
    ],
  },
  {
    format: 'npz',
    files: ['formats/stored.npz', 'formats/compressed.npz', 'formats/streamed.npz', 'formats/zip64.npz'],
  },
  { format: 'csv', files: ['formats/comma.csv', 'formats/blanks.txt', 'formats/tabs.tsv'], whenCut: 'fewer numbers' },
  { format: 'safetensors', files: ['formats/torch.safetensors'] },
  { format: 'mat4', files: ['mat/little.v4.mat', 'mat/big.v4.mat'], whenCut: 'fewer entries' },
  {
    format: 'mat5',
    whenCut: 'fewer entries',
    files: [
      'mat/numbers.compressed.v5.mat',
      'mat/crafted.big.compressed.v5.mat',
      'mat/crafted.little.plain.v5.mat',
      'mat/structs.compressed.v5.mat',
      'mat/texts.plain.v5.mat',
      'mat/sparse.plain.v5.mat',
    ],
  },
  { format: 'mat7.3', files: ['mat/small.v73.mat', 'mat/bare.v73.mat'] },
  { format: 'hdf5', files: ['mat/small.h5'] },
  { format: 'pth', files: ['pth/every-dtype.legacy.pth', 'pth/views.zip.pth', 'pth/protocol5.legacy.pth'] },
  { format: 'onnx', files: ['formats/conv.onnx'], whenCut: 'fewer entries' },
];
