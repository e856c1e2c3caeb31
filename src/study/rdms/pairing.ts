import { UsageError } from '../../core/errors.ts';
import type { OnNotice } from '../../core/progress.ts';

/** A file and its variables that can be RDMs. */
export interface FileVariables {
  readonly path: string;
  readonly variables: readonly string[];
}

/** A model's variable and the target's that it is scored against. */
export interface VariablePair {
  readonly model: string;
  readonly target: string;
}

/**
 * Which variable of a model is scored against which of a target: a model of one array against each, one of several by name. Two files of
 * one array each need not agree on its name.
 * @param wanted the target's variables to score; all of them where it is empty
 * @throws UsageError where names do not meet; it lists those of both files
 */
export function pairVariables(
  model: FileVariables,
  target: FileVariables,
  wanted: readonly string[] = [],
  onNotice: OnNotice = () => {},
): VariablePair[] {
  const fail = (problem: string) =>
    new UsageError(
      `${problem}: ${model.path} holds ${model.variables.join(', ')}; ${target.path} holds ${target.variables.join(', ')}`,
    );
  const missing = wanted.filter((name) => !target.variables.includes(name));
  if (missing.length > 0) {
    const picked = pickFromModel(model, target, wanted);
    if (picked === null) throw fail(`there is no variable ${missing.join(', ')} in the target`);
    onNotice(`${picked.model} of ${model.path} is scored against ${picked.target} of ${target.path}`);
    return [picked];
  }
  const targets = wanted.length > 0 ? [...new Set(wanted)] : target.variables;
  if (model.variables.length === 1) {
    const [only] = model.variables;
    return targets.map((name) => ({ model: only, target: name }));
  }
  const shared = targets.filter((name) => model.variables.includes(name));
  if (shared.length === 0) {
    const way =
      target.variables.length === 1
        ? `choose the model's RDM with --variable ${model.variables[0]}`
        : `save the model's RDM in a file of its own and say with --variable ${target.variables[0]} what it is scored against`;
    throw fail(`no variable has the same name in both files; ${way}`);
  }
  const unmet = targets.filter((name) => !shared.includes(name));
  if (wanted.length > 0 && unmet.length > 0) throw fail(`there is no variable ${unmet.join(', ')} in the model`);
  const idle = model.variables.filter((name) => !shared.includes(name) && wanted.length === 0);
  if (unmet.length > 0) onNotice(`${target.path}: ${unmet.join(', ')} left out, ${model.path} holds no such variable`);
  if (idle.length > 0) onNotice(`${model.path}: ${idle.join(', ')} left out, ${target.path} holds no such variable`);
  return shared.map((name) => ({ model: name, target: name }));
}

/** A name that only the model has picks its variable, where the target has one array that goes by a name of its own. */
function pickFromModel(model: FileVariables, target: FileVariables, wanted: readonly string[]): VariablePair | null {
  const [only] = target.variables;
  const possible =
    wanted.length === 1 &&
    target.variables.length === 1 &&
    model.variables.includes(wanted[0]) &&
    !model.variables.includes(only);
  return possible ? { model: wanted[0], target: only } : null;
}
