import { readFileSync } from 'node:fs';

const folder = new URL('../golden/images/', import.meta.url);

/** A file whose pixels PIL has read. */
export interface DecodedGolden {
  readonly file: string;
  readonly transparent: boolean;
  readonly tolerance: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: string;
}

interface Golden {
  readonly decoded: readonly DecodedGolden[];
  readonly resizes: readonly {
    readonly seed: number;
    readonly from: [number, number];
    readonly to: [number, number];
    readonly sha256: string;
    readonly firstPixels: readonly number[];
  }[];
  readonly preprocessed: readonly {
    readonly seed: number;
    readonly from: [number, number];
    readonly side: number;
    readonly crop: { readonly sha256: string; readonly first: readonly number[] };
    readonly squash: { readonly sha256: string; readonly first: readonly number[] };
    readonly 'squash-crop': { readonly sha256: string; readonly first: readonly number[] };
  }[];
  readonly windows: readonly {
    readonly seed: number;
    readonly from: [number, number];
    readonly side: number;
    readonly fit: 'crop' | 'squash-crop';
    readonly down: number;
    readonly across: number;
    readonly top: number;
    readonly left: number;
    readonly sha256: string;
  }[];
  readonly crops: readonly {
    readonly image: [number, number];
    readonly crop: [number, number];
    readonly left: number;
    readonly top: number;
  }[];
  readonly shorter: readonly { readonly image: [number, number]; readonly size: [number, number] }[];
}

/** What Pillow and torchvision computed: test/golden/images/expected.json. */
export const golden = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Golden;

/** Bytes of a small image file. */
export function fixture(file: string): Uint8Array {
  return new Uint8Array(readFileSync(fixturePath(file)));
}

export function fixturePath(file: string): URL {
  return new URL(`fixtures/${file}`, folder);
}
