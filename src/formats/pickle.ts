import { FormatError } from '../core/errors.ts';
import { PickleDict, PickleGlobal, PickleTuple, type PickleValue } from './pickle-values.ts';

/** What the reader of a pickle lends to it: the names that are allowed, and what lies outside of its bytes. */
export interface PickleHooks {
  /** File, for messages. */
  readonly path: string;
  /** What the name stands for; undefined where it is not allowed. */
  readonly findGlobal: (module: string, name: string) => PickleGlobal | undefined;
  readonly persistentLoad: (id: PickleValue) => PickleValue;
}

/** The bytes ended before the pickle did: with more of the file it may go on. */
export class PickleTruncated extends Error {}

// A state_dict needs about 40 operations a tensor; this bounds time and memory of what a hostile pickle builds.
const MAX_OPERATIONS = 2_000_000;
/** torch's magic number has 10; every byte more is time, in each of the operations. */
const MAX_INTEGER_BYTES = 32;
const MARK = Symbol('mark');

type Slot = PickleValue | typeof MARK;

/**
 * Rebuilds the value of one pickle, protocols 0 to 5, without running anything: a name outside of `hooks.findGlobal` is an error, `BUILD` sets no
 * attributes, and what is called are the caller's own functions.
 * @param bytes begins with the pickle; may go on after it
 * @returns the value and the number of bytes that its pickle took
 * @throws FormatError for a malformed or forbidden pickle, PickleTruncated where the bytes end early
 * @source Python's Lib/pickletools.py
 */
export function unpickle(bytes: Uint8Array, hooks: PickleHooks): { value: PickleValue; length: number } {
  const machine = new Machine(bytes, hooks);
  return { value: machine.run(), length: machine.position };
}

class Machine {
  position = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly hooks: PickleHooks;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, hooks: PickleHooks) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.hooks = hooks;
  }

  run(): PickleValue {
    for (let count = 0; count < MAX_OPERATIONS; count++) {
      const start = this.position;
      const code = this.u8();
      if (code === STOP) return this.pop();
      const operation = OPERATIONS[code];
      if (operation === undefined) {
        this.position = start;
        this.fail(
          `operation 0x${code.toString(16)} is not one a file of tensors has; the file is corrupt or no pickle`,
        );
      }
      operation(this);
    }
    this.fail(`more than ${MAX_OPERATIONS} operations; save a plain state_dict of tensors`);
  }

  fail(problem: string): never {
    throw new FormatError(this.hooks.path, problem, `pickle byte ${this.position}`);
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) throw new PickleTruncated();
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  private advance(length: number): number {
    const at = this.position;
    if (at + length > this.bytes.length) throw new PickleTruncated();
    this.position += length;
    return at;
  }

  u8 = (): number => this.view.getUint8(this.advance(1));
  u16 = (): number => this.view.getUint16(this.advance(2), true);
  i32 = (): number => this.view.getInt32(this.advance(4), true);
  u32 = (): number => this.view.getUint32(this.advance(4), true);
  f64be = (): number => this.view.getFloat64(this.advance(8), false);

  u64 = (): number => {
    const value = this.view.getBigUint64(this.advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.fail('a length beyond any file');
    return Number(value);
  };

  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleTruncated();
    const text = utf8(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  integer(length: number): number | bigint {
    if (length > MAX_INTEGER_BYTES) this.fail(`an integer of ${length} bytes`);
    const digits = this.take(length);
    const negative = length > 0 && digits[length - 1] >= 0x80;
    if (length <= 6) {
      let value = 0;
      for (let k = length - 1; k >= 0; k--) value = value * 256 + digits[k];
      return negative ? value - 256 ** length : value;
    }
    let hex = '0x';
    for (let k = length - 1; k >= 0; k--) hex += HEX[digits[k]];
    return plain(negative ? BigInt(hex) - (1n << BigInt(8 * length)) : BigInt(hex));
  }

  decimal(text: string): number | bigint {
    if (!/^[+-]?\d{1,400}$/.test(text)) this.fail(`${JSON.stringify(text.slice(0, 40))} is no integer`);
    return plain(BigInt(text.startsWith('+') ? text.slice(1) : text));
  }

  push(value: Slot): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.popSlot();
    if (value === MARK) this.fail('a mark where a value belongs');
    return value as PickleValue;
  }

  popSlot(): Slot {
    if (this.stack.length === 0) this.fail('takes a value from an empty stack');
    return this.stack.pop()!;
  }

  top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  popToMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.fail('a closing operation without its mark');
    const items = this.stack.splice(mark + 1) as PickleValue[];
    this.stack.pop();
    return items;
  }

  popItems(count: number): PickleValue[] {
    const items = new Array<PickleValue>(count);
    for (let k = count - 1; k >= 0; k--) items[k] = this.pop();
    return items;
  }

  put(key: number): void {
    this.memo.set(key, this.top());
  }

  putNext(): void {
    this.put(this.memo.size);
  }

  get(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) this.fail(`refers to value ${key}, which was never stored`);
    this.push(value);
  }

  list(): PickleValue[] {
    const value = this.top();
    if (!Array.isArray(value)) this.fail('appends to what is no list');
    return value;
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict)) this.fail('sets items of what is no dict');
    if (items.length % 2 !== 0) this.fail('a dict key without its value');
    for (let k = 0; k < items.length; k += 2) dict.set(items[k], items[k + 1]);
  }

  global(module: string, name: string): void {
    const found = this.hooks.findGlobal(module, name);
    if (found === undefined) {
      this.fail(
        `needs the Python object ${printable(`${module}.${name}`)}, and no code of a pickle is ever run; ` +
          'save a plain state_dict: torch.save(model.state_dict(), file)',
      );
    }
    this.push(found);
  }

  call(callee: PickleValue, args: PickleValue): void {
    if (!(callee instanceof PickleGlobal)) this.fail('calls what is no function');
    if (callee.call === undefined) this.fail(`calls ${callee.name}, which is only a name here`);
    if (!(args instanceof PickleTuple)) this.fail('calls a function with arguments that are no tuple');
    this.push(callee.call(args.items));
  }

  persistent(id: PickleValue): void {
    this.push(this.hooks.persistentLoad(id));
  }

  build(): void {
    this.pop();
    // The only state of a plain state_dict is OrderedDict's `_metadata`, of no use to a reader of tensors.
    if (!(this.top() instanceof PickleDict)) this.fail('sets attributes of an object; save a plain state_dict');
  }
}

const STOP = 0x2e;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Python 2 wrote strings as bytes; names are ASCII, so where UTF-8 fails any one-byte code will do. */
function byteString(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }
}

const plain = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

const printable = (text: string): string => JSON.stringify(text.slice(0, 120)).slice(1, -1);

/** The text of a quoted string of protocol 0, escapes of names only. */
function unquote(machine: Machine, text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote))
    machine.fail('a string without quotes');
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
    );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

const rawUnicode = (text: string): string =>
  text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

function stringOf(machine: Machine): string {
  const value = machine.pop();
  if (typeof value !== 'string') machine.fail('a name that is no string');
  return value;
}

const at = (character: string): number => character.charCodeAt(0);

/** Every operation of protocols 0 to 5 but the copy registry's (EXT) and out-of-band buffers. */
const OPERATIONS: Readonly<Record<number, (m: Machine) => void>> = {
  [at('(')]: (m) => m.push(MARK),
  [at('0')]: (m) => void m.popSlot(),
  [at('1')]: (m) => void m.popToMark(),
  [at('2')]: (m) => m.push(m.top()),
  [at('F')]: (m) => m.push(Number(m.line())),
  [at('G')]: (m) => m.push(m.f64be()),
  [at('I')]: (m) => {
    const text = m.line();
    m.push(text === '00' ? false : text === '01' ? true : m.decimal(text));
  },
  [at('J')]: (m) => m.push(m.i32()),
  [at('K')]: (m) => m.push(m.u8()),
  [at('M')]: (m) => m.push(m.u16()),
  [at('L')]: (m) => m.push(m.decimal(m.line().replace(/L$/, ''))),
  [0x8a]: (m) => m.push(m.integer(m.u8())),
  [0x8b]: (m) => m.push(m.integer(m.u32())),
  [at('N')]: (m) => m.push(null),
  [0x88]: (m) => m.push(true),
  [0x89]: (m) => m.push(false),
  [at('S')]: (m) => m.push(unquote(m, m.line())),
  [at('T')]: (m) => m.push(byteString(m.take(m.u32()))),
  [at('U')]: (m) => m.push(byteString(m.take(m.u8()))),
  [at('V')]: (m) => m.push(rawUnicode(m.line())),
  [at('X')]: (m) => m.push(utf8(m.take(m.u32()))),
  [0x8c]: (m) => m.push(utf8(m.take(m.u8()))),
  [0x8d]: (m) => m.push(utf8(m.take(m.u64()))),
  [at('B')]: (m) => m.push(m.take(m.u32())),
  [at('C')]: (m) => m.push(m.take(m.u8())),
  [0x8e]: (m) => m.push(m.take(m.u64())),
  [0x96]: (m) => m.push(m.take(m.u64())),
  [at(']')]: (m) => m.push([]),
  [at('l')]: (m) => m.push(m.popToMark()),
  [0x8f]: (m) => m.push([]),
  [0x91]: (m) => m.push(m.popToMark()),
  [at('a')]: (m) => {
    const item = m.pop();
    m.list().push(item);
  },
  [at('e')]: (m) => {
    const items = m.popToMark();
    const list = m.list();
    for (const item of items) list.push(item);
  },
  [0x90]: (m) => {
    const items = m.popToMark();
    const list = m.list();
    for (const item of items) list.push(item);
  },
  [at(')')]: (m) => m.push(new PickleTuple([])),
  [at('t')]: (m) => m.push(new PickleTuple(m.popToMark())),
  [0x85]: (m) => m.push(new PickleTuple(m.popItems(1))),
  [0x86]: (m) => m.push(new PickleTuple(m.popItems(2))),
  [0x87]: (m) => m.push(new PickleTuple(m.popItems(3))),
  [at('}')]: (m) => m.push(new PickleDict()),
  [at('d')]: (m) => {
    const items = m.popToMark();
    m.push(new PickleDict());
    m.setItems(items);
  },
  [at('s')]: (m) => m.setItems(m.popItems(2)),
  [at('u')]: (m) => m.setItems(m.popToMark()),
  [at('p')]: (m) => m.put(Number(m.decimal(m.line()))),
  [at('q')]: (m) => m.put(m.u8()),
  [at('r')]: (m) => m.put(m.u32()),
  [0x94]: (m) => m.putNext(),
  [at('g')]: (m) => m.get(Number(m.decimal(m.line()))),
  [at('h')]: (m) => m.get(m.u8()),
  [at('j')]: (m) => m.get(m.u32()),
  [at('c')]: (m) => {
    const module = m.line();
    m.global(module, m.line());
  },
  [0x93]: (m) => {
    const name = stringOf(m);
    m.global(stringOf(m), name);
  },
  [at('R')]: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  [0x81]: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  [at('i')]: (m) => {
    const module = m.line();
    m.global(module, m.line());
    const callee = m.pop();
    m.call(callee, new PickleTuple(m.popToMark()));
  },
  [at('o')]: (m) => {
    const [callee, ...args] = m.popToMark();
    if (callee === undefined) m.fail('calls nothing');
    m.call(callee, new PickleTuple(args));
  },
  [at('b')]: (m) => m.build(),
  [at('P')]: (m) => m.persistent(m.line()),
  [at('Q')]: (m) => m.persistent(m.pop()),
  [0x80]: (m) => {
    const protocol = m.u8();
    if (protocol > 5) m.fail(`pickle protocol ${protocol}; 0 to 5 are known`);
  },
  [0x95]: (m) => void m.take(8),
};
