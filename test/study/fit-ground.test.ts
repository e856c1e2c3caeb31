import { cpSync, readdirSync, renameSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { withFitInput } from '../../src/study/fit-input.ts';
import { checkSameGround, type FitGround, groundOf } from '../../src/study/runs/fit-ground.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 6;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  cpSync(studies.path('images'), studies.path('copy'), { recursive: true });
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('both.npz', { EVC: subjectRdms(N, 3), IT: subjectRdms(N, 3, 9) });
  await studies.writeArrays('alone.npz', { rdm: subjectRdms(N, 3) });
  await studies.writeText('order.csv', names.join('\n'));
});

const entry = (variable: string, images = 'images') => ({ images, rdms: 'both.npz', variable });

function groundOn(data: readonly object[]): Promise<FitGround> {
  let ground: Promise<FitGround> | undefined;
  const study = studies.study({ backbone: { architecture: 'features:features.npz' }, data });
  const { environment } = studies;
  const look = async () => ground!;
  return withFitInput(study, environment, look, async (input) => {
    ground = groundOf(input, environment);
    await ground;
  });
}

const noticesOn = (before: FitGround, now: FitGround) => {
  const notices: string[] = [];
  checkSameGround('run.partial', before, now, (notice) => notices.push(notice));
  return notices;
};

describe('a fit can be gone on with', () => {
  it('where everything is the same, and nothing is said', async () => {
    const data = [entry('EVC'), entry('IT')];
    expect(noticesOn(await groundOn(data), await groundOn(data))).toEqual([]);
  });

  it('where a file of RDMs that only its file names is called otherwise', async () => {
    const before = await groundOn([{ images: 'images', rdms: 'alone.npz' }]);
    renameSync(studies.path('alone.npz'), studies.path('renamed.npz'));
    const now = await groundOn([{ images: 'images', rdms: 'renamed.npz' }]);
    expect([before, now].map(({ data: [{ name }] }) => name)).toEqual(['alone', 'renamed']);
    expect(noticesOn(before, now)).toEqual([]);
  });

  it('where further images have come into a folder of which a list names the shown ones', async () => {
    const data = [{ ...entry('EVC', 'copy'), order: 'order.csv' }];
    const before = await groundOn(data);
    const [first] = readdirSync(studies.path('copy'));
    cpSync(studies.path(`copy/${first}`), studies.path('copy/a-new-one.png'));
    expect(noticesOn(before, await groundOn(data))).toEqual([]);
  });
});

describe('a fit cannot be gone on with', () => {
  it('where data sets that showed images of one folder no longer do: each would hold out other ones', async () => {
    await studies.drawImages('twin', N);
    const before = await groundOn([entry('EVC'), entry('IT')]);
    const now = await groundOn([entry('EVC'), entry('IT', 'twin')]);
    expect(() => noticesOn(before, now)).toThrow(
      /^run\.partial: expected the data .*, got others: IT has changed, which others show images of its folder; bring the same files back, or start again with --restart$/,
    );
  });

  it('where RDMs are others, whatever they are called', async () => {
    const before = await groundOn([{ ...entry('EVC'), name: 'mine' }]);
    const now = { ...before, data: [{ ...before.data[0], rdms: 'other' }] };
    expect(() => noticesOn(before, now)).toThrow('mine has changed, its RDMs');
  });
});
