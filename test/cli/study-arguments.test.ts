import { describe, expect, it } from 'vitest';
import { studyOf } from '../../src/cli/study-arguments.ts';
import { UsageError } from '../../src/core/errors.ts';

describe('the study argument', () => {
  it('is what stands there', () => {
    expect(studyOf('fit', 'study.yaml', { set: ['a=1'] })).toEqual({ path: 'study.yaml', options: { set: ['a=1'] } });
  });

  it('is found behind --set and --tuning, which would take it for theirs', () => {
    expect(studyOf('fit', undefined, { set: ['a=1', 'study.yaml'] })).toEqual({
      path: 'study.yaml',
      options: { set: ['a=1'] },
    });
    expect(studyOf('fit', undefined, { set: [], tuning: 'study.yaml' })).toEqual({
      path: 'study.yaml',
      options: { set: [], tuning: true },
    });
  });

  it('that is nowhere is a mistake of the user', () => {
    expect(() => studyOf('fit', undefined, { set: [] })).toThrow(UsageError);
    expect(() => studyOf('fit', undefined, { set: ['a=1'], tuning: '5' })).toThrow(UsageError);
  });
});
