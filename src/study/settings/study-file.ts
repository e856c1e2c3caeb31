import { parse as parseYaml } from 'yaml';
import { FormatError, messageOf, UsageError } from '../../core/errors.ts';
import { explainIssue } from './explain-issue.ts';
import { overPreset } from './presets.ts';
import { settleTogether } from './settings-together.ts';
import { type Study, studyJsonSchema, studySchema } from './study-schema.ts';

export { type Study, type StudyDataSet, studyJsonSchema } from './study-schema.ts';

/**
 * Checks a study's settings, one by one and together, and fills in the defaults.
 * @param name where the settings come from; leads the message
 * @throws UsageError naming the first setting that cannot be used, what was expected and what came
 */
export function checkStudy(settings: unknown, name = 'study'): Study {
  const checked = studySchema.safeParse(settings);
  if (checked.success) return settleTogether(checked.data, name);
  const { issues } = checked.error;
  const mistyped = issues.find(({ code }) => code === 'unrecognized_keys'); // a key that is missing is often this one
  throw new UsageError(`${name}: ${explainIssue(mistyped ?? issues[0], settings, studyJsonSchema())}`);
}

/**
 * Reads a study file's text: YAML, of which JSON is a part. A `preset` it names lies beneath its own settings.
 * @param overrides settings as the command line gives them: `training.epochs=8`, applied before the check; values are YAML
 * @throws FormatError where the text is no YAML, UsageError where a setting cannot be used
 */
export function parseStudy(text: string, name: string, overrides: readonly string[] = []): Study {
  if (/[\0\uFFFD]/.test(text)) {
    const kind = text.startsWith('MATLAB') ? 'a MATLAB file' : 'a binary file or text that is not UTF-8';
    throw new FormatError(name, `expected a study in YAML or JSON, got ${kind}; RDMs are named in a study, under data`);
  }
  let settings: unknown;
  try {
    settings = parseTree(text);
  } catch (error) {
    throw new FormatError(name, `expected YAML or JSON, got text that is neither (${messageOf(error).split('\n')[0]})`);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new FormatError(
      name,
      'expected a study with the keys backbone and data, got something else; see the README for one',
    );
  }
  for (const override of overrides) applyOverride(settings as Record<string, unknown>, override);
  return checkStudy(overPreset(settings as Record<string, unknown>, name), name);
}

function applyOverride(settings: Record<string, unknown>, override: string): void {
  const at = override.indexOf('=');
  if (at <= 0) throw new UsageError(`--set ${override}: expected a.b=value, such as training.epochs=8`);
  const keys = override.slice(0, at).split('.');
  let target: Record<string, unknown> = settings;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(target, key) ? target[key] : undefined;
    if (typeof inner !== 'object' || inner === null) {
      Object.defineProperty(target, key, { value: {}, enumerable: true, configurable: true, writable: true });
    }
    target = target[key] as Record<string, unknown>;
  }
  const value: unknown = parseOverride(override, at);
  Object.defineProperty(target, keys.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
}

function parseOverride(override: string, at: number): unknown {
  try {
    return parseTree(override.slice(at + 1));
  } catch (error) {
    throw new UsageError(`--set ${override}: the value is no YAML (${messageOf(error).split('\n')[0]})`);
  }
}

/** YAML without an alias inside of what it stands for, which nothing could walk through to an end. */
function parseTree(text: string): unknown {
  const tree: unknown = parseYaml(text, { maxAliasCount: 100, logLevel: 'error' });
  JSON.stringify(tree); // throws at such a loop
  return tree;
}
