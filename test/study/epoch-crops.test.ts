import { expect, it } from 'vitest';
import { runStudy } from '../../src/study/run.ts';
import { subjectRdms, testStudies } from './environment.ts';

it('says what an epoch of new crops costs, and which one is looked at', async () => {
  const studies = await testStudies();
  await studies.drawImages('images', 5);
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(5, 2) });
  const study = studies.study({
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs: 1, crop: 'random' },
  });
  const details: unknown[] = [];
  await runStudy(study, {
    ...studies.environment,
    onProgress: ({ phase, done, detail }) => void (phase === 'extracting' && done === 5 && details.push(detail)),
  });
  expect(details).toEqual([undefined, 'epoch 1 of 1']);
  expect(studies.notices).toContainEqual(
    expect.stringMatching(/takes [\d.]+ s here, [\d.]+ s for 1 epoch; with crop: none it sees them once$/),
  );
});
