import { pairsOf } from '../../src/core/condensed.ts';
import { seededRandom } from '../../src/core/random.ts';
import { evaluate, type ModelRdm } from '../../src/inference/evaluate.ts';
import type { ScoreSheet, SheetWarning } from '../../src/inference/sheet.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { makeRdm, makeRdmStack } from '../../src/rdm/rdm.ts';
import { type DrawnStimulus, drawStimuli } from '../../src/simulation/stimuli.ts';
import type { ReportData } from '../../src/study/runs/report-data.ts';
import type { ScoredSet, SetRole } from '../../src/study/scoring/scored-set.ts';
import { parseStudy } from '../../src/study/settings/study-file.ts';
import { besidePermuted, type StageTuning } from '../../src/study/tuning.ts';

const STAGES = ['layer0', 'layer1', 'layer2', 'layer3', 'layer4'];

/** What a simulated scored set is like. */
export interface DrawnSet {
  readonly name?: string;
  readonly role?: SetRole;
  readonly nImages?: number;
  readonly nSubjects?: number;
  readonly seed?: number;
  readonly rivals?: readonly string[];
  readonly nStages?: number;
  /** Names of the first conditions, in place of the drawn ones. */
  readonly names?: readonly string[];
  readonly warnings?: readonly SheetWarning[];
  readonly labelled?: boolean;
  /** Bootstrap samples, and permutations. */
  readonly nResamples?: number;
}

const RIVAL_KINDS: Readonly<Record<string, 'image' | 'stage' | 'network' | 'learnt'>> = {
  pixels: 'image',
  gabor: 'image',
  'all stages, unweighted': 'network',
  untrained: 'network',
  ridge: 'learnt',
};

/** A scored set of drawn stimuli: subjects see category and texture, the prediction gets part of it. */
export async function drawScoredSet({
  name = 'EVC_RDMs',
  role = 'test',
  nImages = 36,
  nSubjects = 8,
  seed = 0,
  rivals = Object.keys(RIVAL_KINDS),
  nStages = STAGES.length,
  names = [],
  warnings = [],
  labelled = false,
  nResamples = 60,
}: DrawnSet = {}): Promise<ScoredSet> {
  const random = seededRandom(seed);
  const stimuli = drawStimuli({ nImages, size: 64, seed });
  const conditions = stimuli.map((stimulus, k) => names[k] ?? stimulus.name);
  const pairs = [...pairsOf(nImages)];
  const truth = pairs.map(([i, j]) => dissimilarity(stimuli[i], stimuli[j]));
  const noisy = (sd: number) => Float64Array.from(truth, (value) => Math.max(0.01, value + sd * random.normal()));
  const subjects = Array.from({ length: nSubjects }, () => noisy(0.5));
  const parts = new Float64Array(nStages * pairs.length);
  const predicted = new Float64Array(pairs.length);
  for (let stage = 0; stage < nStages; stage++) {
    noisy(0.6).forEach((value, k) => {
      predicted[k] += parts[stage * pairs.length + k] = (value * (1 + stage)) / 20;
    });
  }
  const rivalValues = rivals.map((rival, k) => ({
    name: rival,
    kind: RIVAL_KINDS[rival] ?? 'stage',
    about: `What ${rival} alone gives.`,
    values: noisy(0.8 + 0.4 * k),
  }));
  const models = [{ name: 'fit', values: predicted }, ...rivalValues].map(({ name: model, values }) => ({
    name: model,
    rdm: makeRdm(values, conditions),
  }));
  return {
    ...{ name, role, conditions, nSubjects, nTimes: 1, predicted, stageParts: parts, rivals: rivalValues },
    source: { rdms: `data/${name}.mat`, variable: name },
    digests: { images: '01'.repeat(32), rdms: '23'.repeat(32) },
    labels: labelled ? stimuli.map(({ category }) => category) : null,
    measured: { mean: meanOf(subjects), sd: nSubjects < 2 ? null : sdOf(subjects) },
    thumbnails: {
      pixels: await pixelsOf(stimuli),
      sizes: Uint32Array.from({ length: 2 * nImages }, () => 64),
    },
    sheet: await drawSheet(models, subjects, conditions, { warnings, nResamples }),
  };
}

async function drawSheet(
  models: readonly ModelRdm[],
  subjects: readonly Float64Array[],
  conditions: readonly string[],
  { warnings, nResamples }: { readonly warnings: readonly SheetWarning[]; readonly nResamples: number },
): Promise<ScoreSheet> {
  const values = new Float64Array(subjects.length * subjects[0].length);
  subjects.forEach((subject, k) => {
    values.set(subject, k * subject.length);
  });
  const target = makeRdmStack(values, { nSubjects: subjects.length, conditions });
  const over = subjects.length < 2 ? 'stimuli' : 'both';
  const found = await evaluate(models, target, { over, nSamples: nResamples, nPermutations: nResamples });
  const ceiling = subjects.length < 2 ? null : noiseCeiling(target);
  const { comparator, nConditions, nSubjects, nSamples, nPermutations, comparisons } = found;
  const distribution = { mean: 0.004, percentile95: 0.01 };
  return {
    ...{ comparator, averaging: 'raw', over, nConditions, nSubjects, nTimes: 1, nSamples, nPermutations, warnings },
    models: found.models.map(({ name, score, scoreBySubject, aboveZero, permutation, againstLowerCeiling }) => {
      const r2 = scoreBySubject.reduce((sum, rho) => sum + rho ** 2, 0) / nSubjects;
      return {
        ...{ name, rho: score.value, rhoBySubject: scoreBySubject, aboveZero, permutation, againstLowerCeiling },
        estimate: score,
        official: {
          r2,
          percentOfCeiling: ceiling === null ? null : (100 * r2) / ceiling.upper.r2,
          floor: { r2: distribution, percent: { mean: 1.1, percentile95: 3.2 } },
        },
      };
    }),
    comparisons: comparisons.filter(({ models: [first] }) => first === models[0].name),
    ceilings: ceiling === null ? null : { raw: ceiling, normalised: ceiling },
    ceilingInUse: ceiling?.upper.r2 ?? null,
    lowerCeiling: found.ceiling?.lower ?? null,
    sharedSignal:
      ceiling === null
        ? null
        : {
            ...{ nShuffles: 60, lower: ceiling.lower.rho, upperR2: ceiling.upper.r2, p: 1 / 61 },
            shuffled: { mean: 0, percentile95: 0.02 },
            shuffledUpperR2: { mean: 0.05, percentile95: 0.07 },
          },
  };
}

/** A run's report data around scored sets. */
export function drawReport(scored: readonly ScoredSet[], { run = 'runs/evc', nStages = 5, seed = 0 } = {}): ReportData {
  const random = seededRandom(seed).derive('run');
  const stages =
    nStages === 5 ? STAGES : Array.from({ length: nStages }, (_, k) => `layer${Math.ceil(k / 4)}.${k % 4}`);
  const raw = stages.map((_, k) => 1 + Math.abs(k - nStages / 2) + 0.3 * random.normal());
  const total = raw.reduce((sum, value) => sum + value, 0);
  const tuning = stages.map((stage, k): StageTuning => {
    const share = raw[k] / total;
    const permutedShares = Array.from({ length: 20 }, () => 1 / nStages + 0.03 * random.normal());
    const signedMeanMask = { mean: 0.2 * k, ci95: [0.2 * k - 0.05, 0.2 * k + 0.05] as const };
    return {
      stage,
      share,
      permutedShares,
      pFdr: null,
      permutedSignedMeans: permutedShares.map((value) => 0.2 * k + value),
      ...besidePermuted(share, permutedShares),
      signedMeanMask,
    };
  });
  const further = (name: string) => ({ name, shares: tuning.map(({ share }) => share * (1 + 0.05 * random.normal())) });
  const study = parseStudy(
    `backbone: { architecture: resnet50, weights: weights/resnet50.safetensors, preprocess: squash }
data:
  - { images: 92/images, rdms: 92/target_fmri.mat, variable: EVC_RDMs }
training: { epochs: 15, seed: ${seed} }`,
    'study.yaml',
  );
  return {
    run,
    study,
    command: 'hypercolumn fit study.yaml --out runs/evc --tuning',
    network: { name: 'resnet50, 5 stages', key: 'a3c1f0d2'.repeat(8) },
    version: '0.1.0',
    engine: 'onnxruntime 1.30 on cpu',
    hashes: [
      { what: 'images of EVC_RDMs', digest: '0f1e2d3c'.repeat(8) },
      { what: 'RDMs of EVC_RDMs', digest: '89abcdef'.repeat(8) },
    ],
    fits: [seed, seed + 1].map((ofFit) => ({
      seed: ofFit,
      keptEpoch: 12,
      metrics: Array.from({ length: 15 }, (_, epoch) => ({
        epoch: epoch + 1,
        trainingLoss: 0.2 + 0.3 / (epoch + 1) + 0.003 * random.normal(),
        validationLoss: { newNew: 0.25 + 0.3 / (epoch + 1) + 0.003 * random.normal(), newOld: null, pair: null },
        readouts: [],
      })),
    })),
    summaries: [],
    tuning: {
      stages: tuning,
      grouped: null,
      stability: {
        seeds: [1, 2, 3].map((k) => further(`seed ${k}`)),
        splits: [1, 2].map((k) => further(`split ${k} of 5`)),
      },
    },
    scored,
    missing: [],
  };
}

function dissimilarity(a: DrawnStimulus, b: DrawnStimulus): number {
  return 0.3 + (a.category === b.category ? 0 : 0.5) + (a.texture === b.texture ? 0 : 0.2);
}

async function pixelsOf(stimuli: readonly DrawnStimulus[]): Promise<Uint8Array> {
  const pixels = new Uint8Array(stimuli.length * 64 * 64 * 3);
  for (const [k, stimulus] of stimuli.entries()) pixels.set((await stimulus.decode()).data, k * 64 * 64 * 3);
  return pixels;
}

function meanOf(subjects: readonly Float64Array[]): Float64Array {
  return subjects[0].map((_, k) => subjects.reduce((sum, values) => sum + values[k], 0) / subjects.length);
}

function sdOf(subjects: readonly Float64Array[]): Float64Array {
  const mean = meanOf(subjects);
  return mean.map((middle, k) =>
    Math.sqrt(subjects.reduce((sum, values) => sum + (values[k] - middle) ** 2, 0) / (subjects.length - 1)),
  );
}
