import { expect, it } from 'vitest';
import { describeDuration } from '../../src/core/duration.ts';

it.each([
  [0.04, '0.0 s'],
  [9.96, '10.0 s'],
  [12.3, '12 s'],
  [99.4, '99 s'],
  [100, '2 min'],
  [5999, '100 min'],
  [9000, '2.5 h'],
])('%d seconds are said as %s', (seconds, said) => {
  expect(describeDuration(seconds)).toBe(said);
});
