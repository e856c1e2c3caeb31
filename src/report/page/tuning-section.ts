import { groupShares, type StageGroup, stageGroups, stagesAlone } from '../../study/tuning/stage-groups.ts';
import { besidePermuted, type FurtherFit, type RunTuning, type StageTuning } from '../../study/tuning.ts';
import { formatPermuted, meaningOf } from '../tuning-text.ts';
import { figureBlock, type PageFigure } from './figure-block.ts';
import { type Html, html } from './html.ts';
import type { Pictures } from './pictures.ts';
import { numberText, rangeText } from './words.ts';

/** What each stage means to the encoder: figures, numbers, and a sentence for each kind of number. */
export function tuningSection(
  tuning: RunTuning,
  figures: readonly PageFigure[],
  pictures: Pictures,
  id = 'tuning',
): Html {
  const { stages, grouped, stability } = tuning;
  const names = stages.map(({ stage }) => stage);
  const groups = stageGroups(names);
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">Stages</h2>
${figures.map((figure) => figureBlock(figure, pictures))}
<div class="stack">
${tuningTable('Stage tuning', stages, stagesAlone(names), stability)}
${grouped === null || groups === null ? null : tuningTable('The same with the blocks of a stage taken together', grouped, groups, stability)}
<details open><summary>What each number says</summary><ul class="meanings stack">${meaningOf(tuning).map(meaning)}</ul></details>
</div></section>`;
}

function tuningTable(
  title: string,
  tuning: readonly StageTuning[],
  groups: readonly StageGroup[],
  stability: RunTuning['stability'],
): Html {
  const further = [
    ['over seeds', stability?.seeds ?? []] as const,
    ['over splits', stability?.splits ?? []] as const,
  ].filter(([, fits]) => fits.length > 0);
  const isPermuted = tuning.some(({ permuted }) => permuted !== null);
  const hasPermutedMeans = tuning.some(({ permutedSignedMeans }) => permutedSignedMeans.length > 0);
  const header = [
    'share',
    ...further.map(([name]) => name),
    ...(isPermuted ? ['permuted', 'z', 'p', 'p (FDR)'] : []),
    'signed mean mask',
    '95 % CI of it',
    ...(hasPermutedMeans ? ['permuted mean mask'] : []),
  ];
  const cells = (
    { share, permuted, z, p, pFdr, signedMeanMask: { mean, ci95 }, permutedSignedMeans }: StageTuning,
    k: number,
  ) => [
    numberText(share),
    ...further.map(([, fits]) => spread(fits, groups, k)),
    ...(isPermuted ? [permutedText(permuted), numberText(z, 1), numberText(p), numberText(pFdr)] : []),
    numberText(mean),
    ci95 === null ? '\u2013' : rangeText(ci95),
    ...(hasPermutedMeans ? [permutedText(besidePermuted(mean, permutedSignedMeans).permuted)] : []),
  ];
  return html`<div class="scrolls" data-scrolls="${title}"><table><caption>${title}</caption>
<thead><tr><th scope="col">stage</th>${header.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${tuning.map((stage, k) => html`<tr><th scope="row">${stage.stage}</th>${cells(stage, k).map((cell) => html`<td class="number">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function permutedText(permuted: StageTuning['permuted']): string {
  return permuted === null ? '\u2013' : typeset(formatPermuted(permuted));
}

/** What a terminal cannot be trusted to show. */
function typeset(text: string): string {
  return text.replaceAll('+-', '\u00b1');
}

function spread(fits: readonly FurtherFit[], groups: readonly StageGroup[], k: number): string {
  const shares = fits.map((fit) => groupShares(fit.shares, groups)[k]);
  return `${numberText(Math.min(...shares))} to ${numberText(Math.max(...shares))}`;
}

/** The word that a sentence explains stands before its first colon. */
function meaning(plain: string): Html {
  const sentence = typeset(plain);
  const at = sentence.indexOf(': ');
  return at === -1
    ? html`<li>${sentence}</li>`
    : html`<li><strong>${sentence.slice(0, at)}</strong>: ${sentence.slice(at + 2)}</li>`;
}
