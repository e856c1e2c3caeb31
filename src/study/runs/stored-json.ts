import type { z } from 'zod';
import { FormatError, messageOf } from '../../core/errors.ts';

/**
 * JSON of a run's file, checked.
 * @param place where in the file the text stands, for messages
 * @param maker the command that writes such files
 * @throws FormatError where it is no JSON, or not of that form, naming the first place that is not
 */
export function checked<Schema extends z.ZodType>(
  text: string,
  path: string,
  schema: Schema,
  place?: string,
  maker = 'hypercolumn fit',
): z.output<Schema> {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `expected JSON; run ${maker} again (${onOneLine(messageOf(error))})`, place);
  }
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = [place, issue.path.join('.')].filter((part) => part !== undefined && part !== '').join(', ');
  throw new FormatError(path, `${complaintOf(issue)}; run ${maker} again`, at === '' ? undefined : at);
}

/** What zod complains of, in the words of this package. */
export function complaintOf({ message }: { readonly message: string }): string {
  return message
    .replace(/^Invalid (input|option): /, '')
    .replace(/, received undefined$/, ', got nothing')
    .replace(/, received /, ', got ');
}

/** The parser quotes from the file as it is. */
function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
