/** What a Python literal can be here; tuples and lists are arrays, dictionaries have text keys. */
export type PythonLiteral = string | number | boolean | null | PythonLiteral[] | Map<string, PythonLiteral>;

const DEEPEST = 32;

/**
 * Reads a Python literal: text, whole numbers, True, False, None, tuples, lists and dictionaries, as the header of a .npy file has them.
 * @throws SyntaxError where it is none; callers say which file
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  const token = /\s*(?:([()[\]{},:])|(-?\d+)L?|[uUbB]?('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(True|False|None))/y;
  let at = 0;
  const next = (): { mark?: string; value?: PythonLiteral } => {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`unexpected ${JSON.stringify(text.slice(at, at + 10))} at ${at}`);
    at = token.lastIndex;
    const [, mark, number, quoted, word] = match;
    if (mark !== undefined) return { mark };
    if (number !== undefined) return { value: Number(number) };
    if (quoted !== undefined) return { value: quoted.slice(1, -1).replace(/\\(.)/g, '$1') };
    return { value: word === 'None' ? null : word === 'True' };
  };
  const expectMark = (wanted: string) => {
    const { mark } = next();
    if (mark !== wanted) throw new SyntaxError(`expected ${wanted} before ${at}`);
  };
  const peek = () => /\S/.exec(text.slice(at, at + 64))?.[0];

  const sequence = (end: string, item: () => void): boolean => {
    let comma = false;
    while (peek() !== end) {
      item();
      comma = peek() === ',';
      if (comma) expectMark(',');
      else break;
    }
    expectMark(end);
    return comma;
  };
  const value = (depth: number): PythonLiteral => {
    if (depth > DEEPEST) throw new SyntaxError('nested too deeply');
    const first = next();
    if (first.value !== undefined) return first.value;
    if (first.mark === '{') {
      const entries = new Map<string, PythonLiteral>();
      sequence('}', () => {
        const key = value(depth + 1);
        if (typeof key !== 'string') throw new SyntaxError(`expected a text key before ${at}`);
        expectMark(':');
        entries.set(key, value(depth + 1));
      });
      return entries;
    }
    if (first.mark === '(' || first.mark === '[') {
      const items: PythonLiteral[] = [];
      const comma = sequence(first.mark === '(' ? ')' : ']', () => {
        items.push(value(depth + 1));
      });
      return first.mark === '(' && items.length === 1 && !comma ? items[0] : items;
    }
    throw new SyntaxError(`unexpected ${first.mark} before ${at}`);
  };
  const literal = value(0);
  if (text.slice(at).trim() !== '') throw new SyntaxError(`unexpected text after the literal at ${at}`);
  return literal;
}
