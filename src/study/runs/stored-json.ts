import type { z } from 'zod';
import { FormatError, messageOf } from '../../core/errors.ts';

/**
 * JSON of a run's file, checked.
 * @param place where in the file the text stands, for messages
 * @throws FormatError where it is no JSON, or not of that form, naming the first place that is not
 */
export function checked<Schema extends z.ZodType>(
  text: string,
  path: string,
  schema: Schema,
  place?: string,
): z.output<Schema> {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `expected JSON; run hypercolumn fit again (${messageOf(error)})`, place);
  }
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = [place, issue.path.join('.')].filter((part) => part !== undefined && part !== '').join(', ');
  throw new FormatError(path, `${issue.message}; run hypercolumn fit again`, at === '' ? undefined : at);
}
