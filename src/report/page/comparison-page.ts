import type { ReportData } from '../../study/runs/report-data.ts';
import type { RunComparison, SharedSet } from '../../study/scoring/compare-runs.ts';
import type { RegionComparison } from '../../study/tuning/compare-regions.ts';
import { documentText, type PageDocument } from './document.ts';
import { figureBlock, type PageFigure } from './figure-block.ts';
import { type Html, html } from './html.ts';
import { figureFiles } from './page-data.ts';
import { type Pictures, pagePictures } from './pictures.ts';
import { settingsOf } from './provenance.ts';
import { missingSection, titleOf } from './run-page.ts';
import { scoreTable, warningBox } from './set-panel.ts';
import { COMPARATOR_WORDS, countText, numberText, pText, rangeText } from './words.ts';

/** Several runs with all that their page shows. */
export interface PageComparison {
  readonly runs: readonly ReportData[];
  readonly comparison: RunComparison;
  readonly scores: readonly PageFigure[];
  /** Each run's own, and that of regions where their test is given. */
  readonly tuning: readonly PageFigure[];
  readonly regions: RegionComparison | null;
}

/** The page of several runs. */
export function comparisonPage({ runs, comparison, scores, tuning, regions }: PageComparison): string {
  const pictures = pagePictures();
  const { names, shared } = comparison;
  const missing = [
    ...comparison.missing,
    ...runs.flatMap((run, k) => run.missing.map((line) => `${names[k]}: ${line}`)),
  ];
  const contents: PageDocument['contents'] = [
    ['result', 'Result'],
    ...(shared.length === 0 ? [] : [['scores', 'Scores'] as const]),
    ['tuning', 'Stages'],
    ['settings', 'Settings'],
    ...(missing.length === 0 ? [] : [['missing', 'What is missing'] as const]),
  ];
  return documentText({
    title: `${countText(runs.length, 'run')} compared`,
    lede: names.map((name, k) => `${name}: ${titleOf(runs[k])}`),
    contents,
    main: [
      resultSection(comparison, runs),
      scoresSection(shared, scores, pictures),
      tuningSection({ runs, comparison, tuning, regions }, pictures),
      settingsSection(runs, names),
      missingSection(missing),
    ],
    footer: 'Made by hypercolumn. Everything on this page is in it: nothing is fetched.',
    pictures,
    data: { sets: [], files: figureFiles([...scores, ...tuning], pictures), palette: '' },
  });
}

function resultSection({ names, shared }: RunComparison, runs: readonly ReportData[]): Html {
  const content =
    shared.length === 0
      ? html`<p class="result">No two of these runs were scored on the same images and RDMs under the same name, so their scores do not compare. Each by itself:</p>
<ul>${ownScores(runs, names)}</ul>`
      : shared.map(
          ({ set, untested }) => html`<h3>${set.name}</h3>
<p class="result">${scoresText(set)}</p>
${warningBox(set.sheet)}
<ul>${differenceTexts(set).map((text) => html`<li>${text}</li>`)}</ul>
${untested === null ? null : html`<p class="note">Differences have no tests: ${untested}.</p>`}`,
        );
  return html`<section id="result" class="stack" aria-labelledby="result-title"><h2 id="result-title">Result</h2>${content}</section>`;
}

/** What each run reached where it was scored, for runs that share no set. */
function ownScores(runs: readonly ReportData[], names: readonly string[]): Html[] {
  return runs.map(({ scored }, k) => {
    const scores = scored.map((set) => {
      const { models, ceilings } = set.sheet;
      const ceiling =
        ceilings === null ? '' : `, noise ceiling ${rangeText([ceilings.raw.lower.rho, ceilings.raw.upper.rho])}`;
      return `${set.name}, ${countText(set.conditions.length, 'image')}: ${COMPARATOR_WORDS[set.sheet.comparator]} ${numberText(models[0].rho)}${ceiling}`;
    });
    return html`<li>${names[k]}: ${scores.length === 0 ? 'not scored' : scores.join('; ')}</li>`;
  });
}

/** Who reaches what, the highest first. */
function scoresText({ conditions, sheet }: SharedSet['set']): string {
  const ranked = [...sheet.models].sort((a, b) => b.rho - a.rho);
  const scores = ranked.map(({ name, rho }) => `${name} ${numberText(rho)}`).join(', ');
  const ceiling =
    sheet.ceilings === null
      ? ''
      : ` The noise ceiling is ${rangeText([sheet.ceilings.raw.lower.rho, sheet.ceilings.raw.upper.rho])}.`;
  const measure = `${sheet.nSubjects === 1 ? '' : 'mean '}${COMPARATOR_WORDS[sheet.comparator]}`;
  return `On ${countText(conditions.length, 'image')}, with ${countText(sheet.nSubjects, 'subject')}, by ${measure}: ${scores}.${ceiling}`;
}

/** How sure the differences from the first run are. */
function differenceTexts({ sheet }: SharedSet['set']): string[] {
  return sheet.comparisons.map(({ models: [a, b], difference, test }) => {
    const p = test === null ? '' : `; ${pText(test.p)}`;
    return `${a} less ${b}: ${numberText(difference.value)} (95\u00a0% confidence interval ${rangeText(difference.interval)}${p})`;
  });
}

function scoresSection(shared: readonly SharedSet[], figures: readonly PageFigure[], pictures: Pictures): Html {
  if (shared.length === 0) return html``;
  return html`<section id="scores" aria-labelledby="scores-title"><h2 id="scores-title">Scores</h2>
${figures.map((figure) => figureBlock(figure, pictures))}${shared.map(({ set }) => scoreTable(set, 'run'))}</section>`;
}

function tuningSection(
  { runs, comparison, tuning, regions }: Omit<PageComparison, 'scores'>,
  pictures: Pictures,
): Html {
  const stages = runs.map((run) => run.tuning?.stages ?? []);
  const names = [...new Set(stages.flatMap((ofRun) => ofRun.map(({ stage }) => stage)))];
  const isPermuted = stages.some((ofRun) => ofRun.some(({ permuted }) => permuted));
  const cell = (ofRun: (typeof stages)[number], name: string) => {
    const stage = ofRun.find((one) => one.stage === name);
    const permuted = stage?.permuted ? html` <span class="note">(${numberText(stage.permuted.mean)})</span>` : null;
    return html`<td class="number">${stage === undefined ? '\u2013' : numberText(stage.share)}${permuted}</td>`;
  };
  const test =
    regions === null
      ? comparison.shared.length === 0
        ? html`<p class="note">Whether two regions are tuned to different stages is tested by <code>hypercolumn regions</code>.</p>`
        : null
      : html`<p>${regions.a.run} and ${regions.b.run} as regions: their tunings lie ${numberText(regions.overall.distance)} apart (0: the same, 1: no stage in common), ${pText(regions.overall.p)} against ${countText(regions.nSwaps, 'exchange')} of their RDMs within subjects.</p>`;
  return html`<section id="tuning" class="stack" aria-labelledby="tuning-title"><h2 id="tuning-title">Stages</h2>${test}
<div class="scrolls" data-scrolls="Stage tuning of each run"><table><caption>Each stage's share of the embedding's variance${isPermuted ? ', and in brackets the mean share of fits of label-permuted RDMs: only a share away from it says something.' : '. Fits of label-permuted RDMs have uneven shares too, and none were made (--tuning).'}</caption>
<thead><tr><th scope="col">stage</th>${comparison.names.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${names.map((name) => html`<tr><th scope="row">${name}</th>${stages.map((ofRun) => cell(ofRun, name))}</tr>`)}</tbody></table></div>
${tuning.map((figure) => figureBlock(figure, pictures))}</section>`;
}

function settingsSection(runs: readonly ReportData[], names: readonly string[]): Html {
  const settings = runs.map(({ study }) => new Map(settingsOf(study)));
  const paths = [...new Set(settings.flatMap((ofRun) => [...ofRun.keys()]))];
  const differing = paths.filter((path) => new Set(settings.map((ofRun) => ofRun.get(path))).size > 1);
  const content =
    differing.length === 0
      ? html`<p>The studies do not differ.</p>`
      : html`<div class="scrolls" data-scrolls="Settings that differ"><table><caption>Settings that differ; a dash where a study has no such setting.</caption>
<thead><tr><th scope="col">setting</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${differing.map(
          (path) =>
            html`<tr><th scope="row">${path}</th>${settings.map((ofRun) => html`<td class="code">${ofRun.get(path) ?? '\u2013'}</td>`)}</tr>`,
        )}</tbody></table></div>`;
  return html`<section id="settings" class="stack" aria-labelledby="settings-title"><h2 id="settings-title">Settings</h2>${content}</section>`;
}
