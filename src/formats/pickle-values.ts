/** A Python tuple; lists are JavaScript arrays. */
export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A Python dict or OrderedDict in order of insertion; a key that was set twice stands twice, the last one counts. */
export class PickleDict {
  readonly keys: PickleValue[] = [];
  readonly values: PickleValue[] = [];

  set(key: PickleValue, value: PickleValue): void {
    this.keys.push(key);
    this.values.push(value);
  }
}

/** A class or function that the pickle names and the caller allowed. `call` stands for calling it; nothing of Python runs. */
export class PickleGlobal {
  readonly name: string;
  readonly call: ((args: readonly PickleValue[]) => PickleValue) | undefined;
  constructor(name: string, call?: (args: readonly PickleValue[]) => PickleValue) {
    this.name = name;
    this.call = call;
  }
}

/** What a caller's globals and persistent ids build; the machine only passes it on. */
export abstract class PickleObject {}

/** All that the pickle of a file of tensors can hold. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | PickleObject;
