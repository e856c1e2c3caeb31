import type { OnNotice } from '../core/progress.ts';
import type { Source } from '../formats/source.ts';
import type { ModelRdm } from '../inference/evaluate.ts';
import { type ScoreSheet, type ScoreSheetOptions, type SheetWarning, scoreSheet } from '../inference/score-sheet.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import type { TrackScore } from '../rdm/score.ts';
import type { VariablePair } from './rdms/pairing.ts';
import { once, type ScoreFilesOptions, type ScoreResult, scoreVariables, trackOf } from './score.ts';
import { metRdms, openRdmFile, type RdmFile } from './score-input.ts';

/** How files are scored. */
export interface SheetsOfFilesOptions extends ScoreFilesOptions, Omit<ScoreSheetOptions, 'ceiling'> {
  /** What is known of the images beside the RDMs, such as that the models had learnt from them. */
  readonly warnings?: readonly SheetWarning[];
}

/** A variable's score beside its whole sheet, in which further models stand as rivals of the first. */
export interface SheetResult extends ScoreResult {
  readonly sheet: ScoreSheet;
}

/** What `score --json` prints. */
export interface SheetReport {
  /** Of the first model. */
  readonly results: readonly SheetResult[];
  readonly track: TrackScore | null;
}

/**
 * Score sheets of the RDMs of files against the subjects' RDMs of another.
 * @param modelSources one or more; each holds one array, or arrays of the target's names
 * @param targetSource subjects' RDMs
 * @throws UsageError where variables do not meet; ShapeError where conditions do not; FormatError where RDMs cannot be read, and where the first
 * model or a subject is constant
 */
export async function sheetsOfFiles(
  modelSources: readonly [Source, ...Source[]],
  targetSource: Source,
  { variables = [], benchmark, warnings = [], onNotice = () => {}, ...options }: SheetsOfFilesOptions = {},
): Promise<SheetReport> {
  const [first, ...others] = await openAll(modelSources);
  const target = await openRdmFile(targetSource);
  const names = modelNames([first, ...others]);
  const sayOnce = once(onNotice);
  const scored = [];
  for await (const each of scoreVariables(first, target, { variables, benchmark, onNotice: sayOnce })) {
    const { met, ceilingInUse, result } = each;
    const rivals: ModelRdm[] = [];
    for (const [k, other] of others.entries()) {
      const rival = await rivalOf(other, target, met.pair, sayOnce);
      if (rival !== null) rivals.push({ name: names[k + 1], rdm: rival });
    }
    const models = [{ name: names[0], rdm: met.rdm }, ...rivals].map((model) => named(model, met.stack));
    const sheet = await scoreSheet(models, met.stack, { ...options, ceiling: ceilingInUse });
    scored.push({ ...each, result: { ...result, sheet: { ...sheet, warnings: [...warnings, ...sheet.warnings] } } });
  }
  return { results: scored.map(({ result }) => result), track: trackOf(scored, onNotice) };
}

async function openAll([first, ...others]: readonly [Source, ...Source[]]): Promise<[RdmFile, ...RdmFile[]]> {
  const opened: [RdmFile, ...RdmFile[]] = [await openRdmFile(first)];
  for (const source of others) opened.push(await openRdmFile(source));
  return opened;
}

/** The RDM of a further model for a variable that the first one has; null, which is said, where it has none for it. */
async function rivalOf(model: RdmFile, target: RdmFile, pair: VariablePair, onNotice: OnNotice) {
  const holds = (name: string) => model.variables.includes(name);
  // A target of one array under a name of its own meets the variable that the first model has been asked for.
  const isPicked = target.variables.length === 1 && !holds(pair.target) && holds(pair.model);
  const variable = isPicked && model.variables.length > 1 ? pair.model : pair.target;
  if (model.variables.length > 1 && !holds(variable)) {
    onNotice(`${model.path} is left out for ${variable}: it holds no variable of that name`);
    return null;
  }
  for await (const { rdm } of metRdms(model, target, [variable], onNotice)) return rdm;
  return null;
}

/** They have met the target already, by name or by size, which was said. */
function named({ name, rdm }: ModelRdm, { conditions }: RdmStack): ModelRdm {
  return { name, rdm: { ...rdm, conditions: conditions ?? rdm.conditions } };
}

/** What sheets call the models: their files without the folders, where that tells them apart. */
function modelNames(models: readonly RdmFile[]): string[] {
  const short = models.map(({ path }) => path.replace(/^.*[\\/]/, ''));
  const paths = models.map(({ path }, k) =>
    short.indexOf(short[k]) === short.lastIndexOf(short[k]) ? short[k] : path,
  );
  return paths.map((path, k) => (paths.indexOf(path) === k ? path : `${path} (${k + 1})`));
}
