import type { AddCommand } from '../command.ts';
import { addCache } from './cache.ts';
import { addCeiling } from './ceiling.ts';
import { addCrossvalidate } from './crossvalidate.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addExport } from './export.ts';
import { addExtract } from './extract.ts';
import { addFit } from './fit.ts';
import { addInspect } from './inspect.ts';
import { addPredict } from './predict.ts';
import { addRdm } from './rdm.ts';
import { addRegions } from './regions.ts';
import { addReport } from './report.ts';
import { addReproduce } from './reproduce.ts';
import { addScore } from './score.ts';
import { addWeights } from './weights.ts';

/** Every command, in the order of the help text. */
export const COMMANDS: readonly AddCommand[] = [
  addDemo,
  addFit,
  addCrossvalidate,
  addPredict,
  addReport,
  addExport,
  addInspect,
  addExtract,
  addRdm,
  addScore,
  addCeiling,
  addRegions,
  addReproduce,
  addWeights,
  addCache,
  addDoctor,
];
