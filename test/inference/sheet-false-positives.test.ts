import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { scoreSheet } from '../../src/inference/score-sheet.ts';
import { sharedSignal } from '../../src/inference/shared-signal.ts';
import { makeRdmStack, type RdmStack } from '../../src/rdm/rdm.ts';
import { drawFeatures, drawSubjects, modelOf } from './drawn-subjects.ts';

const N_STIMULI = 10;
const N_SIMULATIONS = 300;
const ALPHA = 0.05;
const SUBJECTS = { nSubjects: 6, ownFeatures: 3, noise: 1 };

/** Subjects whose RDMs have structure each of its own, and share `dimensions` features. */
function draw(simulation: number, dimensions: number): RdmStack {
  const random = seededRandom(simulation);
  return drawSubjects(drawFeatures(N_STIMULI, dimensions, random), SUBJECTS, random);
}

/** The same with as many times, drawn about each subject's own structure. */
function overTimes(stack: RdmStack, nTimes: number, simulation: number): RdmStack {
  const noise = seededRandom(simulation).derive('times');
  const { nSubjects, values } = stack;
  const nPairs = values.length / nSubjects;
  const resolved = new Float64Array(nTimes * values.length);
  for (let k = 0; k < resolved.length; k++) {
    const subject = Math.floor(k / nPairs / nTimes);
    resolved[k] = values[subject * nPairs + (k % nPairs)] + noise.normal();
  }
  return makeRdmStack(resolved, { nSubjects, nTimes });
}

describe(`at ${ALPHA}`, { timeout: 180_000 }, () => {
  it('the test of shared signal rejects 2 to 7 % of subjects who share none, with one time and with many', async () => {
    const rejected = { one: 0, many: 0 };
    for (let simulation = 0; simulation < N_SIMULATIONS; simulation++) {
      const stack = draw(simulation, 0);
      const seed = simulation;
      rejected.one += (await sharedSignal(stack, { seed }))!.p <= ALPHA ? 1 : 0;
      rejected.many += (await sharedSignal(overTimes(stack, 6, seed), { seed }))!.p <= ALPHA ? 1 : 0;
    }
    for (const [times, count] of Object.entries(rejected)) {
      expect(count / N_SIMULATIONS, times).toBeGreaterThanOrEqual(0.02);
      expect(count / N_SIMULATIONS, times).toBeLessThanOrEqual(0.07);
    }
  });

  it('and nearly all who do', async () => {
    let rejected = 0;
    for (let simulation = 0; simulation < 50; simulation++) {
      rejected += (await sharedSignal(draw(simulation, 3), { seed: simulation }))!.p <= ALPHA ? 1 : 0;
    }
    expect(rejected).toBeGreaterThan(45);
  });

  it('the permutation test rejects, and the warning of anti-correlation is given for, 2 to 7 % of models that know nothing of what subjects share', async () => {
    const counts = { permutation: 0, warned: 0 };
    for (let simulation = 0; simulation < N_SIMULATIONS; simulation++) {
      const unrelated = drawFeatures(N_STIMULI, 3, seededRandom(simulation).derive('model'));
      const { models, warnings } = await scoreSheet(
        [{ name: 'unrelated', rdm: modelOf(unrelated) }],
        draw(simulation, 3),
        { nSamples: 2, nPermutations: 99, seed: simulation },
      );
      counts.permutation += models[0].permutation!.p <= ALPHA ? 1 : 0;
      counts.warned += warnings.some(({ code }) => code === 'anti-correlated') ? 1 : 0;
    }
    for (const [what, count] of Object.entries(counts)) {
      expect(count / N_SIMULATIONS, what).toBeGreaterThanOrEqual(0.02);
      expect(count / N_SIMULATIONS, what).toBeLessThanOrEqual(0.07);
    }
  });
});
