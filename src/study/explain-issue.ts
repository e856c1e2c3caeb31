import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * One sentence for what zod says of a setting: where it stands, what was expected, what came.
 * @param settings what was checked, to quote the value from
 */
export function explainIssue(issue: Issue, settings: unknown): string {
  const meant = innermost(issue);
  const place = meant.path.length === 0 ? '' : `${meant.path.join('.')}: `;
  return `${place}${sentence(meant, settings)}`;
}

/** Of a union's complaints the one of the branch that came furthest, which is the one the author meant. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.flat();
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

function sentence(issue: Issue, settings: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    return `there is no setting ${issue.keys.join(', ')}; see docs/study.schema.json for all of them`;
  }
  const got = valueAt(settings, issue.path);
  if (got === undefined) return `expected ${expectation(issue)}, got nothing; add it`;
  const text = issue.code === 'invalid_union' ? issue.message : `expected ${expectation(issue)}`;
  return `${text}, got ${JSON.stringify(got)}`;
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
