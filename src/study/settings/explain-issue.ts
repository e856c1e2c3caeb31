import type { z } from 'zod';
import { closestName } from '../../core/close-names.ts';
import { type JsonSchema, settingsAt } from './settings-at.ts';

type Issue = z.core.$ZodIssue;

/**
 * One sentence for what zod says of a setting: where it stands, what was expected, what came.
 * @param settings what was checked, to quote the value from
 * @param schema what it was checked against, to list the settings from
 */
export function explainIssue(issue: Issue, settings: unknown, schema: JsonSchema): string {
  const meant = innermost(issue);
  const place = meant.path.length === 0 ? '' : `${meant.path.join('.')}: `;
  return `${place}${sentence(meant, settings, schema)}`;
}

/** Of a union's complaints the one of the branch that knew most of the value, which is the one the author meant. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.flat();
  const unknown = branches.find((each) => each.code === 'unrecognized_keys');
  if (unknown !== undefined) return { ...unknown, path: [...issue.path, ...unknown.path] };
  const deepest = branches.reduce<Issue | undefined>(
    (best, each) => (best === undefined || each.path.length > best.path.length ? each : best),
    undefined,
  );
  return deepest === undefined || deepest.path.length === 0
    ? { ...issue, message: unionOf(branches) }
    : innermost({ ...deepest, path: [...issue.path, ...deepest.path] });
}

function unionOf(branches: readonly Issue[]): string {
  return `expected ${branches.map((each) => expectation(each)).join(' or ')}`;
}

function sentence(issue: Issue, settings: unknown, schema: JsonSchema): string {
  if (issue.code === 'unrecognized_keys') return unknownSettings(issue.keys, settingsAt(schema, issue.path));
  const got = valueAt(settings, issue.path);
  if (got === undefined) return `expected ${expectation(issue)}, got nothing; add it`;
  const text = issue.code === 'invalid_union' ? issue.message : `expected ${expectation(issue)}`;
  return `${text}, got ${JSON.stringify(got)}`;
}

function unknownSettings(unknown: readonly string[], known: readonly string[]): string {
  const described = unknown.map((key) => {
    const closest = closestName(key, known);
    return closest === undefined ? key : `${key} (the closest is ${closest})`;
  });
  return `there is no setting ${described.join(', ')}; there is: ${known.join(', ')}`;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'invalid_type':
      return issue.expected === 'int'
        ? 'a whole number'
        : `${/^[aeio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `a number ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`
        : `at least ${issue.minimum} of them`;
    case 'too_big':
      return `a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`;
    default:
      return issue.message.replace(/^Invalid input: expected /, '');
  }
}

function valueAt(settings: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], settings);
}
