import { afterEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import type { Learner, LearnerState, StepPlace } from '../../src/training/learner.ts';
import { trainingLoop } from '../../src/training/loop.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { pairLearner } from '../../src/training/pairs/pair-learner.ts';
import { fitProblem } from '../../src/training/problem.ts';
import { type TrainingSettings, trainingSettings } from '../../src/training/settings.ts';
import { drawnSet, drawnStatistics } from './drawn-sets.ts';

const sets = [drawnSet(drawnStatistics(10))]; // 45 pairs
const problemOf = (settings: TrainingSettings, given = sets) => fitProblem(given, settings, () => {});

interface Met {
  readonly pairs: readonly number[];
  readonly rate: number;
  readonly place: StepPlace;
}

/** A learner that learns nothing: it writes down what it is asked and answers with given losses. */
function scripted(lossAt: (step: number) => number, validationAt: (epoch: number) => number | null = () => null) {
  const met: Met[] = [];
  const kept: number[] = [];
  const started: number[] = [];
  let epoch = 0;
  const learner: Learner = {
    async startEpoch(next) {
      started.push(next);
      epoch = next;
    },
    async step(pairs, rate, place) {
      met.push({ pairs: Array.from(pairs), rate, place });
      return lossAt(met.length);
    },
    validate: async () => {
      const pair = validationAt(epoch);
      return pair === null ? null : { newNew: null, newOld: null, pair };
    },
    readouts: () => [],
    keep: () => kept.push(epoch),
    state: (): LearnerState => ({ arrays: {}, values: {} }),
    restore: () => {},
  };
  return { learner, met, kept, started };
}

async function run(options: TrainingOptions, script: ReturnType<typeof scripted>, callbacks = {}, given = sets) {
  const settings = trainingSettings(options);
  return trainingLoop(script.learner, problemOf(settings, given), settings, callbacks);
}

afterEach(() => vi.restoreAllMocks());

describe('trainingLoop', () => {
  it('turns a learner whose steps are promises to the same numbers as one whose steps are not', async () => {
    const settings = { ...trainingSettings({ mask: 'channel', epochs: 4, holdout: { by: 'pair', fraction: 0.2 } }) };
    const problem = problemOf(settings);
    const [plain, slow] = [0, 1].map(() => pairLearner(sets, problem, { ...settings, mask: 'channel' }));
    const promising = { ...slow, step: async (...given: Parameters<typeof slow.step>) => slow.step(...given) };
    expect(await trainingLoop(promising, problem, settings)).toEqual(await trainingLoop(plain, problem, settings));
    expect(slow.kept()).toEqual(plain.kept());
  });

  it("gives each step its place, its batches and the schedule's factor", async () => {
    const script = scripted(() => 1);
    await run({ epochs: 2, batch: 10, accumulate: 2, schedule: { kind: 'constant', warmup: 1 } }, script);
    expect(script.started).toEqual([1, 2]);
    expect(script.met.map(({ place: { epoch, step } }) => [epoch, step])).toEqual(
      [1, 2].flatMap((epoch) => [1, 2, 3].map((step) => [epoch, step])),
    );
    expect(script.met.map(({ rate }) => rate)).toEqual([1 / 3, 2 / 3, 1, 1, 1, 1]);
    expect(script.met.map(({ pairs }) => pairs.length)).toEqual([20, 20, 5, 20, 20, 5]);
    for (const { pairs, place } of script.met) {
      expect(place.batches.flatMap((batch) => Array.from(batch))).toEqual(pairs);
      for (const batch of place.batches) expect(batch.length).toBeLessThanOrEqual(10);
    }
    expect(new Set(script.met.slice(0, 3).flatMap(({ pairs }) => pairs)).size).toBe(45);
  });

  it('weighs steps by their pairs in the training loss of an epoch', async () => {
    const { metrics } = await run(
      { epochs: 1, batch: 40 },
      scripted((step) => [2, 11][step - 1]),
    );
    expect(metrics[0].trainingLoss).toBeCloseTo((40 * 2 + 5 * 11) / 45, 12);
  });

  it('keeps the last epoch where nothing is held out, whatever the losses', async () => {
    const script = scripted(
      () => 1,
      (epoch) => epoch,
    );
    const given = [{ ...sets[0], trainingImages: [0, 1, 2, 3, 4, 5] }];
    const { keptEpoch, metrics } = await run({ epochs: 3 }, script, {}, given);
    expect(metrics[2].validationLoss!.pair).toBe(3);
    expect([keptEpoch, script.kept]).toEqual([3, [3]]);
  });

  it('keeps the epoch of lowest validation loss, the first of equal ones, and stops when patience is out', async () => {
    const losses = [5, 3, 4, 2, 2, 3, 1, 0];
    const holdout = { by: 'pair', fraction: 0.2 } as const;
    const all = scripted(
      () => 1,
      (epoch) => losses[epoch - 1],
    );
    expect((await run({ epochs: 8, holdout }, all)).keptEpoch).toBe(8);
    expect(all.kept).toEqual([1, 2, 4, 7, 8]);
    const impatient = scripted(
      () => 1,
      (epoch) => losses[epoch - 1],
    );
    const { keptEpoch, metrics } = await run({ epochs: 8, holdout, patience: 2 }, impatient);
    expect([keptEpoch, metrics.length, impatient.kept]).toEqual([4, 6, [1, 2, 4]]);
  });

  it('passes over a clique none of whose pairs are trained on', async () => {
    const script = scripted(
      () => 1,
      () => 1,
    );
    const holdout = { by: 'pair', fraction: 0.7 } as const;
    const { metrics } = await run({ epochs: 20, sampler: 'cliques', cliqueSize: 2, holdout }, script);
    for (const { pairs } of script.met) expect(pairs.length).toBeGreaterThan(0);
    expect(script.met.length).toBeLessThan(20 * 14);
    for (const { trainingLoss } of metrics) expect(trainingLoss).toBeCloseTo(1, 12);
  });

  it('tells progress after each slow step, with time to go on, and stops there at an abort', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1000;
      return now;
    });
    const controller = new AbortController();
    const done: number[] = [];
    const details: string[] = [];
    const script = scripted((step) => step);
    const fit = run({ epochs: 2, batch: 10 }, script, {
      signal: controller.signal,
      onProgress: (progress: { done: number; detail: string }) => {
        done.push(progress.done);
        details.push(progress.detail);
        if (done.length === 7) controller.abort(new Error('enough'));
      },
    });
    await expect(fit).rejects.toThrow('enough');
    expect(done).toEqual([1, 2, 3, 4, 5, 5, 6]);
    expect(details[2]).toBe('epoch 1 of 2, loss 2.0000 so far');
    expect(details[5]).toBe('epoch 1 of 2, loss 2.7778');
    expect(script.met).toHaveLength(6);
  });

  it('tells no loss before any pair was met', async () => {
    const slow = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * slow.mock.calls.length);
    const details: string[] = [];
    const holdout = { by: 'pair', fraction: 0.95 } as const; // most cliques have no pair to train on
    const script = scripted(
      () => 1,
      () => 1,
    );
    await run({ epochs: 20, sampler: 'cliques', cliqueSize: 2, holdout }, script, {
      onProgress: ({ detail }: { detail: string }) => details.push(detail),
    });
    expect(details.filter((detail) => /^epoch \d+ of 20$/.test(detail)).length).toBeGreaterThan(0);
    expect(details.filter((detail) => detail.includes('NaN'))).toEqual([]);
  });

  it('stops between epochs too, its checkpoint written', async () => {
    const controller = new AbortController();
    const script = scripted(() => 1);
    const epochs: number[] = [];
    const fit = run({ epochs: 5, batch: 45 }, script, {
      signal: controller.signal,
      onCheckpoint: ({ progress }: { progress: { epoch: number } }) => {
        epochs.push(progress.epoch);
        if (progress.epoch === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(fit).rejects.toThrow('enough');
    expect([epochs, script.started]).toEqual([
      [2, 3],
      [1, 2],
    ]);
  });

  describe('of a loss that goes wrong', () => {
    const failing = (options: TrainingOptions, lossAt: (step: number) => number, callbacks = {}) =>
      run({ batch: 45, epochs: 9, ...options }, scripted(lossAt), callbacks);

    it.each([Number.NaN, Number.POSITIVE_INFINITY])(
      'names the step where it becomes %f and the way out',
      async (value) => {
        const fit = failing({ batch: 20 }, (step) => (step === 5 ? value : 1));
        await expect(fit).rejects.toThrow(UsageError);
        await expect(fit).rejects.toThrow(
          `training, epoch 2, step 2: expected a finite loss, got ${value}; lower training.learningRate (mask 0.003, readout 0.01) or look for extreme values in the features and RDMs`,
        );
      },
    );

    it("stops where it is over 1000 times the first epoch's, not where it is below", async () => {
      await failing({}, (step) => (step === 1 ? 0.5 : 499));
      await expect(failing({}, (step) => (step === 3 ? 501 : 0.5))).rejects.toThrow(
        "training, epoch 3, step 1: expected a loss of at most 1000 times the first epoch's 0.5, got 501; lower",
      );
    });

    it('stops in the first epoch where it is over 1000 times the mean of its pairs so far', async () => {
      const explodes = (at: number, value: number) => (step: number) => (step === at ? value : step === 1 ? 1 : 0.5);
      await failing({ batch: 9 }, explodes(1, 1e6));
      await failing({ batch: 9 }, explodes(3, 749));
      await expect(failing({ batch: 9 }, explodes(3, 751))).rejects.toThrow(
        'training, epoch 1, step 3: expected a loss of at most 1000 times the mean so far of 0.75, got 751; lower',
      );
    });

    it('stops in a first epoch that is gone on with where it would have stopped', async () => {
      const slow = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * slow.mock.calls.length);
      const controller = new AbortController();
      let resume: Checkpoint | undefined;
      const stopped = failing({ batch: 9 }, () => 0.5, {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
        onCheckpoint: (checkpoint: Checkpoint) => {
          resume = checkpoint;
        },
      });
      await expect(stopped).rejects.toThrow('enough');
      expect(resume!.progress).toMatchObject({ epoch: 1, step: 1 });
      await expect(failing({ batch: 9 }, () => 501, { resume })).rejects.toThrow(
        'epoch 1, step 2: expected a loss of at most 1000 times the mean so far of 0.5, got 501; the last good',
      );
    });

    it("does not take it for an explosion where the first epoch's was next to nothing", async () => {
      await failing({}, (step) => (step === 1 ? 0 : 0.9));
    });

    it('tells the last good checkpoint and where it is', async () => {
      const callbacks = { onCheckpoint: () => {}, checkpointPlace: 'run.partial' };
      await expect(failing({}, (step) => (step === 4 ? Number.NaN : 1), callbacks)).rejects.toThrow(
        'epoch 4, step 1: expected a finite loss, got NaN; the last good checkpoint is of epoch 3, in run.partial; lower',
      );
    });

    it('does not write a checkpoint of parameters that are no numbers', async () => {
      const script = scripted(() => 1);
      const spoiled = {
        ...script.learner,
        state: () => ({ arrays: { mask: Float32Array.of(1, Number.NaN) }, values: {} }),
      };
      const onCheckpoint = vi.fn();
      await expect(run({ epochs: 2 }, { ...script, learner: spoiled }, { onCheckpoint })).rejects.toThrow(
        /epoch 1, after its last step: expected a finite loss, got NaN/,
      );
      expect(onCheckpoint).not.toHaveBeenCalled();
    });

    it('gives no result of parameters that are no numbers, also where no checkpoint is asked for', async () => {
      const script = scripted(() => 1);
      const spoiled = {
        ...script.learner,
        state: () => ({ arrays: { mask: Float32Array.of(Number.NaN) }, values: {} }),
      };
      await expect(run({ epochs: 2 }, { ...script, learner: spoiled })).rejects.toThrow(
        /epoch 2, after its last step: expected a finite loss, got NaN/,
      );
      expect(script.kept).toEqual([]);
    });

    it("names the backbone's rate and clipping where the whole network trains", async () => {
      const all = { train: 'all', cliqueSize: 10, epochs: 2 } as const;
      await expect(failing(all, () => Number.NaN)).rejects.toThrow(
        'lower training.learningRate (mask 0.003, readout 0.01, backbone 0.00001), set training.clip or look',
      );
    });

    it('stops at a validation loss that is no number', async () => {
      const script = scripted(
        () => 1,
        () => Number.NaN,
      );
      const fit = run({ epochs: 2, holdout: { by: 'pair', fraction: 0.2 } }, script);
      await expect(fit).rejects.toThrow(/epoch 1, after its last step: expected a finite loss, got NaN/);
    });
  });
});
