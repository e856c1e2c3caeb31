import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addCache } from './cache.ts';
import { addCeiling } from './ceiling.ts';
import { addCrossvalidate } from './crossvalidate.ts';
import { addDemo } from './demo.ts';
import { addExtract } from './extract.ts';
import { addFit } from './fit.ts';
import { addInspect } from './inspect.ts';
import { addPredict } from './predict.ts';
import { addRdm } from './rdm.ts';
import { addScore } from './score.ts';
import { addWeights } from './weights.ts';

/**
 * Adds one command to the program. A command's file declares arguments and options only and imports the work it does when it runs, so
 * that `--help` starts nothing.
 */
export type AddCommand = (program: Command, output: Output) => void;

/** Every command, in the order of the help text. */
export const COMMANDS: readonly AddCommand[] = [
  addDemo,
  addFit,
  addCrossvalidate,
  addPredict,
  addInspect,
  addExtract,
  addRdm,
  addScore,
  addCeiling,
  addWeights,
  addCache,
];
