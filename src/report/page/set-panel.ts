import { concerns, type ScoreSheet, type SheetModel } from '../../inference/sheet.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { figureBlock, framedFigure, type PageFigure } from './figure-block.ts';
import { type Html, html, trusted } from './html.ts';
import { inspectorBlock } from './inspector-block.ts';
import type { Pictures } from './pictures.ts';
import { COMPARATOR_WORDS, countText, numberText, pText, rangeText, resultText } from './words.ts';

/** A scored set with all that the page shows of it. */
export interface PageSet {
  /** Of its elements; unique on the page. */
  readonly id: string;
  readonly set: ScoredSet;
  /** The images that can be looked at pair by pair, in the order of the matrices, and a data URI for each. */
  readonly inspected: ScoredSet;
  readonly thumbnails: readonly string[];
  /** What is left out of what is shown, and by which rule; null where nothing is. */
  readonly shortened: string | null;
  readonly rdms: PageFigure;
  readonly others: readonly PageFigure[];
}

/** What a set says in a sentence, what must be known before it is believed, and its main numbers. */
export function setHeadline(set: ScoredSet): Html {
  return html`<p class="result">${resultText(set)}</p>
${warningBox(set.sheet)}
${keyFigures(set.sheet)}`;
}

/** A set's pairs: the matrices to look into, and figures of what is near and what is wrong. */
export function setPanel({ id, set, shortened, rdms, others }: PageSet, pictures: Pictures, palette: string): Html {
  const inspector = inspectorBlock(`${id}-inspector`, set.nSubjects, palette, set.stageParts !== null);
  return html`${shortened === null ? null : html`<p class="note">${shortened}</p>`}
${framedFigure(
  rdms.file,
  html`${inspector}<div class="static drawing">${trusted(pictures.shown(rdms.wide))}<p class="note print-only">On the screen, any pair of images can be looked at.</p></div>`,
  'under',
)}
${others.map((figure) => figureBlock(figure, pictures))}`;
}

/** What must be known before the first model's numbers are believed; what is about others alone is said beneath the table. */
export function warningBox({ warnings, models: [first] }: ScoreSheet): Html | null {
  const said = warnings.filter((warning) => concerns(warning, first.name));
  if (said.length === 0) return null;
  return html`<div class="warnings" role="note" aria-label="Warnings"><p><strong>Before you believe these numbers</strong></p><ul>${said.map(({ text }) => html`<li>${asSentence(text)}</li>`)}</ul></div>`;
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function keyFigures(sheet: ScoreSheet): Html {
  const [{ rho, estimate, permutation, official }] = sheet.models;
  const { ceilings } = sheet;
  const entries: (readonly [value: string, what: string])[] = [
    [
      numberText(rho),
      `${COMPARATOR_WORDS[sheet.comparator]}${sheet.nSubjects === 1 ? '' : ', mean over subjects'}${estimate === null ? '' : `; 95 % CI ${rangeText(estimate.interval)}`}`,
    ],
    ...(ceilings === null
      ? []
      : [
          [
            `${numberText(ceilings.raw.lower.rho, 2)}\u2009\u2013\u2009${numberText(ceilings.raw.upper.rho, 2)}`,
            'noise ceiling, lower to upper',
          ] as const,
        ]),
    ...(permutation === null
      ? []
      : [
          [
            pText(permutation.p),
            `against ${countText(sheet.nPermutations, 'permutation')} of the image labels`,
          ] as const,
        ]),
    ...(official.percentOfCeiling === null
      ? []
      : [
          [
            `${numberText(official.percentOfCeiling, 1)} %`,
            `of the ceiling by the 2019 challenge's figure, which hides the sign${officialFloor(official)}`,
          ] as const,
        ]),
  ];
  return html`<dl class="key-figures">${entries.map(([value, what]) => html`<div><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function officialFloor({ floor }: SheetModel['official']): string {
  return floor?.percent ? `; permuted labels give ${numberText(floor.percent.mean, 1)} %` : '';
}

/** Every model's numbers on a set. */
export function scoreTable({ name, rivals, sheet }: ScoredSet, kind: 'model' | 'run' = 'model'): Html {
  const measure = COMPARATOR_WORDS[sheet.comparator];
  const [fit] = sheet.models;
  const row = (model: SheetModel, k: number) => {
    const comparison = sheet.comparisons.find(
      ({ models }) => k > 0 && models.includes(fit.name) && models.includes(model.name),
    );
    const about = rivals.find((rival) => rival.name === model.name)?.about;
    return html`<tr${k === 0 ? html` class="first"` : null}><th scope="row">${model.name}${about === undefined ? null : html`<br><span class="note">${about}</span>`}</th>
<td class="number">${numberText(model.rho)}</td><td class="number">${model.estimate === null ? '\u2013' : rangeText(model.estimate.interval)}</td><td class="number">${model.permutation === null ? '\u2013' : numberText(model.permutation.p)}</td><td class="number">${numberText(model.official.percentOfCeiling, 1)}</td><td class="number">${comparison === undefined ? '\u2013' : rangeText(comparison.difference.interval)}</td><td class="number">${comparison?.test ? numberText(comparison.test.pFdr) : '\u2013'}</td></tr>`;
  };
  return html`<details><summary>All ${kind}s on ${name}</summary><div class="scrolls" data-scrolls="Scores of all ${kind}s on ${name}"><table>
<caption>Scores on ${name}. p: against permuted labels. Difference: ${kind === 'run' ? fit.name : 'the fit'} less the ${kind}, 95 % confidence interval, and its p adjusted for all of them (FDR).</caption>
<thead><tr><th scope="col">${kind}</th><th scope="col" class="number">${measure}</th><th scope="col" class="number">95 % CI</th><th scope="col" class="number">p</th><th scope="col" class="number">% of ceiling (challenge)</th><th scope="col" class="number">difference</th><th scope="col" class="number">p (FDR)</th></tr></thead>
<tbody>${sheet.models.map(row)}</tbody></table></div></details>
${sheet.warnings.flatMap((warning) => (concerns(warning, fit.name) ? [] : [html`<p class="note">${asSentence(warning.text)}</p>`]))}`;
}
