import { expect, it } from 'vitest';
import type { Progress } from '../../src/core/progress.ts';
import { overallProgress } from '../../src/study/overall-progress.ts';

const MINUTE = 60_000;

function recorded(jobs: Parameters<typeof overallProgress>[0]) {
  let time = 0;
  const said: Progress[] = [];
  const reports = overallProgress(
    jobs,
    (progress) => said.push(progress),
    () => time,
  );
  return { reports, said, wait: (minutes: number) => (time += minutes * MINUTE) };
}

it('the time left is that of the work left in all jobs, as fast as training went', () => {
  const { reports, said, wait } = recorded([
    { name: 'a', work: 10 },
    { name: 'b', work: 30 },
  ]);
  reports[0]({ phase: 'training', done: 0, total: 100 });
  wait(5);
  reports[0]({ phase: 'training', done: 50, total: 100, detail: 'loss 1' });
  expect(said[1]).toMatchObject({ phase: 'a (1 of 2), training', detail: 'loss 1, about 35 min left in all' });
  wait(5);
  reports[1]({ phase: 'training', done: 0, total: 7 });
  expect(said[2]).toMatchObject({ phase: 'b (2 of 2), training', detail: 'about 30 min left in all' });
});

it('what an earlier process did counts as done, not as fast', () => {
  const { reports, said, wait } = recorded([{ name: 'a', work: 1 }]);
  reports[0]({ phase: 'training', done: 90, total: 100 });
  wait(60);
  reports[0]({ phase: 'training', done: 91, total: 100 });
  expect(said[0].detail).toBe('');
  expect(said[1]).toMatchObject({ phase: 'a, training', detail: 'about 9.0 h left in all' });
});

it('of several fits each is its part of a job', () => {
  const { reports, said, wait } = recorded([{ name: 'a', work: 1 }]);
  reports[0]({ phase: 'training, fit 1 of 2', done: 0, total: 4 });
  wait(30);
  reports[0]({ phase: 'training, fit 2 of 2', done: 2, total: 4 });
  expect(said[1].detail).toBe('about 10 min left in all');
});

it('other phases are passed on with the name of the job', () => {
  const { reports, said } = recorded([{ name: 'a', work: 1 }]);
  reports[0]({ phase: 'extracting', done: 1, total: 2, detail: 'x' });
  reports[0]({ phase: 'training the mask alone', done: 1, total: 2 });
  expect(said).toEqual([
    { phase: 'a, extracting', done: 1, total: 2, detail: 'x' },
    { phase: 'a, training the mask alone', done: 1, total: 2, detail: '' },
  ]);
});
