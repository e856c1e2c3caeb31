import { UsageError } from '../../core/errors.ts';
import { type Environment, readText } from '../environment.ts';
import { openFeatureOrigin } from '../features.ts';
import { type ComparedGround, changedGround, groundOf } from '../runs/fit-ground.ts';
import { RUN_FILES, readRun } from '../runs/run-folder.ts';
import { firstDifference } from '../settings/study-difference.ts';
import type { Study } from '../settings/study-file.ts';
import { readStudyImages } from '../study-images.ts';
import { featureStreams } from '../training-sets.ts';

/**
 * Whether the run of a study is in place: one of the same settings, of a network with the same weights, on the same images and RDMs, wherever
 * their files lay.
 * @throws UsageError where the run that is there is another one, naming the first difference
 */
export async function isFinished(run: string, study: Study, environment: Environment): Promise<boolean> {
  const { isThere, joinPath } = environment;
  if (!(await isThere(joinPath(run, RUN_FILES.encoder)))) return false;
  const { study: before } = await readRun(run, environment);
  const difference = firstDifference(withoutWeights(before), withoutWeights(study));
  if (difference !== undefined) {
    throw another(run, `${difference.setting} ${difference.now}`, `one with ${difference.before}`);
  }
  const text = await readText(environment, joinPath(run, RUN_FILES.report));
  const { ground } = JSON.parse(text) as { readonly ground?: ComparedGround };
  if (ground === undefined) throw another(run, 'the network and data that it rests on', 'one that does not tell them');
  // The fit has said all there is to say about its files.
  const changed = changedGround(ground, await groundNow(study, { ...environment, onNotice: () => {} }));
  if (changed?.of === 'network')
    throw another(run, `the weights of ${ground.network.name} that are used now`, 'one with others');
  if (changed !== undefined) throw another(run, `the data that are used now`, `one with others: ${changed.what}`);
  return true;
}

/** What a fit of the study would rest on; no network runs. */
async function groundNow(study: Study, environment: Environment): Promise<ComparedGround> {
  const images = await readStudyImages(study.data, environment);
  const features = await openFeatureOrigin(study.backbone, environment, study.training);
  try {
    const streams = await featureStreams(images, features);
    return await groundOf({ study, images, features, streams }, environment);
  } finally {
    await features.release();
  }
}

function another(run: string, expected: string, got: string): UsageError {
  return new UsageError(
    `${run}: expected a run with ${expected}, got ${got}; name another --out, or remove that folder to fit anew`,
  );
}

/** Weights are compared by what they are: a file that was downloaded since is named nowhere. */
function withoutWeights(study: Study): Study {
  const { weights: _, ...backbone } = study.backbone;
  return { ...study, backbone };
}
