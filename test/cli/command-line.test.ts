import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';

describe('the command line that a result tells', () => {
  it('is as it was typed where no word needs quotes', () => {
    expect(commandLine(['fit', 'study.yaml', '--set', 'training.epochs=8'])).toBe(
      'hypercolumn fit study.yaml --set training.epochs=8',
    );
  });

  it('gives a shell the same words again', () => {
    const word = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const script = `${commandLine(words).replace('hypercolumn', "printf '%s\\0'")}`;
        const printed = execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1);
        expect(printed).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });
});
