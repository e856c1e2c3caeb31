import type { InspectedRdm, InspectedSet } from '../page-data.ts';

/** A scored set with its arrays decoded. */
export interface InspectedArrays {
  readonly conditions: readonly string[];
  readonly pictures: readonly string[];
  readonly nSubjects: number;
  readonly predicted: RankedRdm;
  readonly measured: RankedRdm;
  readonly sd: Float32Array | null;
  readonly parts: readonly { readonly stage: string; readonly step: number; readonly values: Uint16Array }[] | null;
}

/** nPairs values and their ranks. */
export interface RankedRdm {
  readonly values: Float32Array;
  readonly ranks: Float32Array;
}

/** A cell of the matrices. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Decodes what the page holds of a set. */
export function readSet({
  conditions,
  pictures,
  nSubjects,
  predicted,
  measured,
  sd,
  parts,
}: InspectedSet): InspectedArrays {
  return {
    ...{ conditions, pictures, nSubjects },
    predicted: ranked(predicted),
    measured: ranked(measured),
    sd: sd === null ? null : new Float32Array(bytesOf(sd)),
    parts: parts?.map(({ stage, step, values }) => ({ stage, step, values: new Uint16Array(bytesOf(values)) })) ?? null,
  };
}

function ranked({ values, ranks }: InspectedRdm): RankedRdm {
  return { values: new Float32Array(bytesOf(values)), ranks: new Float32Array(bytesOf(ranks)) };
}

function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
