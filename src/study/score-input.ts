import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { OpenedFile } from '../formats/array.ts';
import { openFile } from '../formats/open.ts';
import type { Source } from '../formats/source.ts';
import { assertSameConditions } from '../rdm/alignment.ts';
import { makeRdm, type Rdm, type RdmStack } from '../rdm/rdm.ts';
import { pairVariables, type VariablePair } from './rdms/pairing.ts';
import { rdmVariables, readRdmStack } from './rdms/targets.ts';

/** An opened file as messages call it, and its variables that can be RDMs. */
export interface RdmFile {
  readonly file: OpenedFile;
  readonly path: string;
  readonly variables: readonly string[];
}

/** Opens a file of RDMs. */
export async function openRdmFile(source: Source): Promise<RdmFile> {
  const file = await openFile(source);
  return { file, path: source.name, variables: rdmVariables(file, source.name) };
}

/** A model's RDM beside the subjects' of the same conditions. */
export interface MetRdms {
  readonly pair: VariablePair;
  readonly rdm: Rdm;
  readonly stack: RdmStack;
}

/**
 * Reads a model and the subjects' RDMs that it is scored against, one variable after the other.
 * @param wanted the target's variables; all of them where it is empty
 * @throws UsageError where variables do not meet, or the model holds several RDMs; ShapeError where conditions do not; FormatError where RDMs
 * cannot be read
 */
export async function* metRdms(
  model: RdmFile,
  target: RdmFile,
  wanted: readonly string[],
  onNotice: OnNotice,
): AsyncGenerator<MetRdms> {
  for (const pair of pairVariables(model, target, wanted, onNotice)) {
    const stack = await readRdmStack(target.file, { path: target.path, variable: pair.target, onNotice });
    const rdm = await readModel(model, pair.model, stack, onNotice);
    meet(rdm, stack, pair, model, target, onNotice);
    yield { pair, rdm, stack };
  }
}

async function readModel(
  { file, path }: RdmFile,
  variable: string,
  target: RdmStack,
  onNotice: OnNotice,
): Promise<Rdm> {
  const stack = await readRdmStack(file, { path, variable, onNotice });
  const nRdms = stack.nSubjects * stack.nTimes;
  if (nRdms !== 1) {
    const way =
      target.nSubjects * target.nTimes === 1
        ? `the target holds one RDM and the model ${nRdms}: did you swap them?`
        : 'average or save one of them';
    throw new UsageError(`${path}, ${variable}: expected one RDM as the model, got ${nRdms}; ${way}`);
  }
  return makeRdm(stack.values, stack.conditions);
}

function meet(
  rdm: Rdm,
  stack: RdmStack,
  pair: VariablePair,
  model: RdmFile,
  target: RdmFile,
  onNotice: OnNotice,
): void {
  // The variables are left out where the files meet by size, so that it is said once for all of them.
  const named = rdm.conditions !== null && stack.conditions !== null && rdm.nConditions === stack.nConditions;
  const sized = rdm.nConditions === stack.nConditions && !named;
  assertSameConditions(
    { ...rdm, what: sized ? model.path : `${model.path}, ${pair.model}` },
    { ...stack, what: sized ? target.path : `${target.path}, ${pair.target}` },
    onNotice,
  );
}
