import type { ReportData, StoredSummary } from '../../study/runs/report-data.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { setNames } from '../../study/study-images.ts';
import { viridis } from '../picture/viridis.ts';
import { formatCeiling } from '../run-text.ts';
import { documentText, type PageDocument } from './document.ts';
import { figureBlock, type PageFigure } from './figure-block.ts';
import { type Html, html } from './html.ts';
import { figureFiles, inspectedSet } from './page-data.ts';
import { type Pictures, pagePictures } from './pictures.ts';
import { provenanceSection } from './provenance.ts';
import { type PageSet, scoreTable, setHeadline, setPanel } from './set-panel.ts';
import { tuningSection } from './tuning-section.ts';
import { countText, numberText, ROLE_LABELS } from './words.ts';

/** A run with all that its page shows. */
export interface PageRun {
  readonly data: ReportData;
  /** Whose pairs are shown: all of the run's, or the first ones. */
  readonly sets: readonly PageSet[];
  /** Of all sets; none where nothing was scored. */
  readonly scores: readonly PageFigure[];
  readonly tuning: readonly PageFigure[];
  readonly training: readonly PageFigure[];
}

/** The page of one run. */
export function runPage(run: PageRun): string {
  const { data, sets, scores, tuning, training } = run;
  const pictures = pagePictures();
  const palette = viridisText();
  const stages = data.tuning?.stages.map(({ stage }) => stage) ?? [];
  const inspectors = sets.map(({ id, inspected, thumbnails }) =>
    inspectedSet(inspected, { id: `${id}-inspector`, pictures: thumbnails.map((uri) => pictures.idOf(uri)), stages }),
  );
  const contents: PageDocument['contents'] = [
    ['result', 'Result'],
    ...(sets.length === 0
      ? []
      : ([
          ['scores', 'Scores'],
          ['pairs', 'Pairs of images'],
        ] as const)),
    ...(data.tuning === null ? [] : [['tuning', 'Stages'] as const]),
    ['training', 'Training'],
    ['made', 'How it was made'],
    ...(data.missing.length === 0 ? [] : [['missing', 'What is missing'] as const]),
  ];
  const main = [
    resultSection(data),
    scoresSection(data.scored, scores, pictures),
    pairsSection(sets, data.scored.length, (set) => setPanel(set, pictures, palette)),
    data.tuning === null ? html`` : tuningSection(data.tuning, tuning, pictures),
    html`<section id="training" class="stack" aria-labelledby="training-title"><h2 id="training-title">Training</h2>
${training.map((figure) => figureBlock(figure, pictures))}${summaryTable(data.summaries)}</section>`,
    provenanceSection(data),
    missingSection(data.missing),
  ];
  return documentText({
    title: titleOf(data),
    lede: ledeOf(data),
    ...{ contents, main, pictures },
    footer: `Made by hypercolumn${data.version === null ? '' : `; the run by version ${data.version}`}. Everything on this page is in it: nothing is fetched.`,
    data: { sets: inspectors, files: figureFiles(figuresOf(run), pictures), palette },
  });
}

/** All figures of a run, in the order of the page. */
export function figuresOf({ scores, sets, tuning, training }: PageRun): PageFigure[] {
  return [...scores, ...sets.flatMap(({ rdms, others }) => [rdms, ...others]), ...tuning, ...training];
}

/** 256 colours from alike to unlike, as one text of hexadecimal RGB. */
function viridisText(): string {
  return Array.from({ length: 256 }, (_, k) => viridis(k / 255).slice(1)).join('');
}

function scoresSection(sets: readonly ScoredSet[], figures: readonly PageFigure[], pictures: Pictures): Html {
  if (sets.length === 0) return html``;
  return html`<section id="scores" aria-labelledby="scores-title"><h2 id="scores-title">Scores</h2>
${figures.map((figure) => figureBlock(figure, pictures))}${sets.map((set) => scoreTable(set))}</section>`;
}

/** A panel a set, of which one is shown at a time; without a script, and on paper, all are. */
function pairsSection(sets: readonly PageSet[], nSets: number, panel: (set: PageSet) => Html): Html {
  if (sets.length === 0) return html``;
  const tabs = html`<div class="tabs" role="tablist" aria-label="Sets of images" hidden>${sets.map(
    ({ id, set }) =>
      html`<button type="button" role="tab" id="${id}-tab" aria-controls="${id}">${set.name} <span class="note">(${ROLE_LABELS[set.role]})</span></button>`,
  )}</div>`;
  const panels = sets.map(
    (set) =>
      html`<div class="panel" role="tabpanel" id="${set.id}" aria-labelledby="${set.id}-tab"><h3 class="set-name">${set.set.name}</h3>${panel(set)}</div>`,
  );
  const note =
    sets.length === nSets
      ? null
      : html`<p class="note">To keep this page small, pairs are shown of the first ${countText(sets.length, 'set')} of ${nSets}.</p>`;
  return html`<section id="pairs" aria-labelledby="pairs-title"><h2 id="pairs-title">Pairs of images</h2>${note}
${sets.length === 1 ? panel(sets[0]) : html`${tabs}${panels}`}</section>`;
}

/** What could not be shown, a line each. */
export function missingSection(missing: readonly string[]): Html {
  if (missing.length === 0) return html``;
  return html`<section id="missing" class="stack" aria-labelledby="missing-title"><h2 id="missing-title">What is missing</h2>
<ul class="stack">${missing.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

/** What was fitted on what. */
export function titleOf({ study, network }: Pick<ReportData, 'study' | 'network'>): string {
  const names = setNames(study.data);
  // A network in a file is called by its path, of which the settings tell the rest.
  const called = (network?.name ?? study.backbone.architecture).replace(/^(features|onnx):.*[\\/]/, '$1:');
  return `${called} fitted to ${listed([...new Set(names)])}`;
}

function ledeOf({ summaries, study, fits, run }: ReportData): string[] {
  const learnt = summaries.map(
    ({ name, training, nSubjects }) =>
      `${name} (${countText(training.nImages, 'image')}, ${countText(nSubjects, 'subject')})`,
  );
  const { mask, train } = study.encoder;
  const how = `${train === 'all' ? 'the network and ' : ''}${MASK_WORDS[mask]}${fits.length > 1 ? `; ${countText(fits.length, 'fit')} of other seeds, predictions averaged` : ''}`;
  return [...(learnt.length === 0 ? [] : [`Learnt from ${listed(learnt)}: ${how}.`]), `Run folder: ${run}`];
}

const MASK_WORDS: Readonly<Record<ReportData['study']['encoder']['mask'], string>> = {
  stage: 'one weight a stage',
  channel: 'one weight a channel',
  split: 'two weights a channel, for its pattern and for its mean',
  feature: 'one weight a feature',
};

function resultSection({ missing, summaries, scored }: ReportData): Html {
  const several = scored.length > 1;
  const content =
    scored.length > 0
      ? scored.map(
          (set) => html`${several ? html`<h3>${set.name}, ${ROLE_LABELS[set.role]}</h3>` : null}${setHeadline(set)}`,
        )
      : html`<p class="result">This folder holds no scores beside rivals${summaries.length > 0 ? ': only how well the fit does on what it learnt from, under Training' : ''}.</p>`;
  const gaps =
    missing.length === 0
      ? null
      : html`<p class="note"><a href="#missing">${countText(missing.length, 'thing')}</a> could not be shown.</p>`;
  return html`<section id="result" class="stack" aria-labelledby="result-title"><h2 id="result-title">Result</h2>${content}${gaps}</section>`;
}

function summaryTable(summaries: readonly StoredSummary[]): Html | null {
  if (summaries.length === 0) return null;
  const rows = summaries.flatMap(({ name, nSubjects, training, heldOut }) =>
    [['images learnt from', training] as const, ['held-out images', heldOut] as const].flatMap(([on, score]) =>
      score === null ? [] : [{ name, on, nSubjects, score }],
    ),
  );
  return html`<div class="scrolls" data-scrolls="Scores on what was learnt from"><table>
<caption>How well it fits what it learnt from, and images held out of it (mean signed Spearman rho, challenge's averaging).</caption>
<thead><tr><th scope="col">data set</th><th scope="col">on</th><th scope="col" class="number">images</th><th scope="col" class="number">subjects</th><th scope="col" class="number">rho</th><th scope="col" class="number">ceiling</th></tr></thead>
<tbody>${rows.map(
    ({ name, on, nSubjects, score }) =>
      html`<tr><th scope="row">${name}</th><td>${on}</td><td class="number">${score.nImages}</td><td class="number">${nSubjects}</td><td class="number">${numberText(score.rho)}</td><td class="number">${formatCeiling(score).replace(' ... ', ' to ')}</td></tr>`,
  )}</tbody></table></div>`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
