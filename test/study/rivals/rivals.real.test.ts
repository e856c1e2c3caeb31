import { beforeAll, describe, expect, it } from 'vitest';
import { algonautsStudy, IMAGE_SETS, type ImageSet, TARGETS } from '../../../bench/algonauts.ts';
import { nodeEnvironment } from '../../../src/node.ts';
import { makeRdm } from '../../../src/rdm/rdm.ts';
import { scoreRdm } from '../../../src/rdm/score.ts';
import { alignedTable, formatNumber } from '../../../src/report/table.ts';
import { openFeatureOrigin } from '../../../src/study/features.ts';
import { rivalsOf } from '../../../src/study/rivals/rivals.ts';
import { readStudyImages } from '../../../src/study/study-images.ts';
import { featureStreams, setsOfStreams } from '../../../src/study/training-sets.ts';

const study = algonautsStudy(IMAGE_SETS.flatMap((images) => TARGETS.map((target) => ({ images, target }))));
const environment = await nodeEnvironment();
const images = await readStudyImages(study.data, environment);
const origin = await openFeatureOrigin(study.backbone, environment);
const sets = await setsOfStreams(images, await featureStreams(images, origin), environment);
await origin.release();

/** Mean signed rho with the subjects of every rival that learnt from one set's RDMs, on the other set. */
async function transfer(target: string, from: ImageSet): Promise<Map<string, number>> {
  const to = from === '92' ? '118' : '92';
  const training = sets.filter(({ name }) => name === `${target} ${from}`);
  const k = sets.findIndex(({ name }) => name === `${target} ${to}`);
  const { statistics, targets } = sets[k];
  const everyRow = [...statistics.conditions.keys()];
  const test = { stimuli: images[k].stimuli, statistics, labels: null, images: everyRow };
  const { rivals, leftOut } = await rivalsOf(
    { training, tests: [test], backbone: study.backbone, which: 'all', seed: 0 },
    environment,
  );
  expect(leftOut.map(({ name }) => name)).toEqual(['category']);
  return new Map(
    rivals.map(({ name, predicted: [values] }) => [
      name,
      scoreRdm(makeRdm(values!, statistics.conditions), targets).rho,
    ]),
  );
}

const rows = TARGETS.flatMap(({ name }) => IMAGE_SETS.map((from) => ({ name, from })));
const found: Map<string, number>[] = [];

beforeAll(async () => {
  for (const { name, from } of rows) found.push(await transfer(name, from));
  const names = [...found[0].keys()]; // to be copied where results are told
  console.log(
    alignedTable([
      ['learnt -> tested', ...names],
      ...rows.map(({ name, from }, k) => [
        `${name} ${from} -> ${from === '92' ? '118' : '92'}`,
        ...names.map((rival) => formatNumber(found[k].get(rival)!)),
      ]),
      [
        'mean of 8',
        ...names.map((rival) => formatNumber(found.reduce((sum, row) => sum + row.get(rival)! / found.length, 0))),
      ],
    ]),
  );
}, 600_000);

describe('rivals of a fit of ResNet-50 on one of the 2019 image sets, tested on the other', () => {
  const rho = (row: string, rival: string) =>
    found[rows.findIndex(({ name, from }) => `${name} ${from}` === row)].get(rival)!;

  it('that do not learn reach what the transfer benchmark measured by its own way', () => {
    expect(rho('EVC 92', 'unweighted')).toBeCloseTo(-0.035, 3);
    expect(rho('EVC 92', 'layer4 alone')).toBeCloseTo(0.045, 3);
    expect(rho('MEG early 118', 'unweighted')).toBeCloseTo(-0.143, 3);
    expect(rho('MEG early 118', 'layer4 alone')).toBeCloseTo(0.23, 3);
  });

  it('by ridge over channels come as far as an independent computation by numpy, fold for fold another draw', () => {
    expect(rho('EVC 92', 'ridge')).toBeCloseTo(0.143, 2);
    expect(rho('MEG early 92', 'ridge')).toBeCloseTo(0.404, 2);
  });
});
