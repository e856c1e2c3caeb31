import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Environment, writeText } from '../study/environment.ts';
import { TUNING_FIGURE } from '../study/runs/run-folder.ts';
import type { StageTuning } from '../study/tuning.ts';

/** What a tuning figure shows beside the fit. */
export interface TuningFigureOptions {
  readonly title?: string;
  /** Shares of a simulation's true encoder, one a stage. */
  readonly trueShares?: readonly number[];
}

// Okabe and Ito's palette, which colour-blind readers tell apart.
const FITTED = '#0072b2';
const TRUE = '#d55e00';
const PERMUTED = '#8a8a8a';
const LEGEND_STEPS = [0, 70, 225];

/**
 * Stage tuning as an .svg figure: each stage's share of the embedding's variance (bar) beside the shares of every fit of label-permuted RDMs
 * (dots); a simulation's truth as a tick.
 */
export function tuningFigure(
  tuning: readonly StageTuning[],
  { title = 'Stage tuning', trueShares }: TuningFigureOptions = {},
): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const permuted = tuning.flatMap(({ stage, permutedShares }) => permutedShares.map((share) => ({ stage, share })));
  const truth = tuning.map(({ stage }, k) => ({ stage, share: trueShares?.[k] ?? Number.NaN }));
  const legend = [
    ['fitted', FITTED],
    ...(permuted.length > 0 ? [['label-permuted RDMs', PERMUTED]] : []),
    ...(trueShares === undefined ? [] : [['true', TRUE]]),
  ];
  const svg = Plot.plot({
    document,
    width: 160 + 64 * tuning.length,
    height: 320,
    marginTop: 76,
    marginLeft: 48,
    style: { background: 'white', color: 'black', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    x: { domain: tuning.map(({ stage }) => stage), label: null, padding: 0.35 },
    y: { label: null, grid: true, domain: [0, ceilingOf(tuning, trueShares)] },
    marks: [
      Plot.barY(tuning, { x: 'stage', y: 'share', fill: FITTED, fillOpacity: 0.8 }),
      Plot.dot(permuted, { x: 'stage', y: 'share', r: 3, fill: PERMUTED, stroke: 'white', strokeWidth: 0.5 }),
      ...(trueShares === undefined
        ? []
        : [Plot.tickY(truth, { x: 'stage', y: 'share', stroke: TRUE, strokeWidth: 3 })]),
      Plot.ruleY([0]),
      Plot.text([title], { frameAnchor: 'top-left', dy: -70, fontSize: 14, fontWeight: 'bold' }),
      Plot.text(["share of the embedding's variance by stage"], { frameAnchor: 'top-left', dy: -50 }),
      ...legend.map(([name, colour], k) =>
        Plot.text([`\u25a0 ${name}`], {
          frameAnchor: 'top-left',
          dy: -30,
          dx: LEGEND_STEPS[k],
          fill: colour,
          fontSize: 12,
        }),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}

function ceilingOf(tuning: readonly StageTuning[], trueShares: readonly number[] = []): number {
  const shares = tuning.flatMap(({ share, permutedShares }) => [share, ...permutedShares]);
  return Math.min(1, 1.08 * Math.max(...shares, ...trueShares));
}

/** Writes the tuning figure into a run's folder and gives its path. */
export async function writeTuningFigure(
  folder: string,
  tuning: readonly StageTuning[],
  environment: Pick<Environment, 'writeFile' | 'joinPath'>,
  options: TuningFigureOptions = {},
): Promise<string> {
  const path = environment.joinPath(folder, TUNING_FIGURE);
  await writeText(environment, path, tuningFigure(tuning, options));
  return path;
}
