import { deflateSync } from 'fflate';
import { averageRanks } from '../../core/ranks.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import type { PageFigure } from './figure-block.ts';
import type { Pictures } from './pictures.ts';

/** What a page's script reads: numbers beneath the figures, and the figures as files. */
export interface PageData {
  readonly sets: readonly InspectedSet[];
  readonly files: Readonly<Record<string, FigureFiles>>;
  /** 256 colours from alike to unlike, as one text of hexadecimal RGB. */
  readonly palette: string;
}

/** A figure as files: raw deflate, base64. */
export interface FigureFiles {
  /** Its pictures are named by the ids that they have on the page. */
  readonly svg: string;
  readonly csv: string;
}

/** A scored set as the inspector of pairs needs it; arrays in base64, little-endian, condensed. */
export interface InspectedSet {
  /** Of the element that it is shown in. */
  readonly id: string;
  readonly conditions: readonly string[];
  /** Ids of the images' pictures on the page. */
  readonly pictures: readonly string[];
  readonly nSubjects: number;
  readonly predicted: InspectedRdm;
  readonly measured: InspectedRdm;
  /** Float32. */
  readonly sd: string | null;
  readonly parts: readonly StagePart[] | null;
}

/** Values and their ranks from 1 (most alike), both Float32. */
export interface InspectedRdm {
  readonly values: string;
  readonly ranks: string;
}

/** What a stage adds: Uint16 steps of `step`. */
export interface StagePart {
  readonly stage: string;
  readonly step: number;
  readonly values: string;
}

/**
 * A scored set as the inspector of pairs needs it.
 * @param place the element that it is shown in, the pictures of its images, and the names of the stages
 */
export function inspectedSet(
  set: ScoredSet,
  { id, pictures, stages }: Pick<InspectedSet, 'id' | 'pictures'> & { readonly stages: readonly string[] },
): InspectedSet {
  const { conditions, nSubjects, predicted, measured, stageParts } = set;
  return {
    ...{ id, conditions, pictures, nSubjects },
    predicted: inspectedRdm(predicted),
    measured: inspectedRdm(measured.mean),
    sd: measured.sd === null ? null : base64(Float32Array.from(measured.sd)),
    parts: stageParts === null ? null : inspectedParts(stageParts, predicted.length, stages),
  };
}

/** Figures as files, by id. */
export function figureFiles(figures: readonly PageFigure[], pictures: Pictures): Record<string, FigureFiles> {
  return Object.fromEntries(
    figures.map(({ file: { id, svg, csv } }) => [id, { svg: deflated(pictures.template(svg)), csv: deflated(csv) }]),
  );
}

function deflated(text: string): string {
  return base64(deflateSync(new TextEncoder().encode(text)));
}

function inspectedRdm(values: Float64Array): InspectedRdm {
  return { values: base64(Float32Array.from(values)), ranks: base64(Float32Array.from(averageRanks(values))) };
}

function inspectedParts(parts: Float64Array, nPairs: number, stages: readonly string[]): StagePart[] {
  // One step for all stages, so that their bars compare; a step is a 65,535th of the largest part, finer than what is shown.
  const step = parts.reduce((most, value) => Math.max(most, value), 0) / 0xffff;
  return Array.from({ length: parts.length / nPairs }, (_, k) => ({
    stage: stages[k] ?? `stage ${k + 1}`,
    step,
    values: base64(
      Uint16Array.from(parts.subarray(k * nPairs, (k + 1) * nPairs), (value) =>
        step === 0 ? 0 : Math.round(Math.max(0, value) / step),
      ),
    ),
  }));
}

const AT_ONCE = 0x8000; // arguments that one call takes everywhere

function base64(array: Float32Array | Uint16Array | Uint8Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  }
  return btoa(text);
}
