import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { pairVariables } from '../../src/study/rdms/pairing.ts';

const EVC = 'EVC_RDMs';
const IT = 'IT_RDMs';

describe('pairVariables', () => {
  it('matches two files of one array each, whatever their names', () => {
    expect(pair(['rdm'], [EVC])).toEqual({ pairs: [['rdm', EVC]], notices: [] });
  });

  it('scores a model of one array against each variable, also where it goes by the name of one', () => {
    expect(pair(['rdm'], [EVC, IT]).pairs).toEqual([
      ['rdm', EVC],
      ['rdm', IT],
    ]);
    expect(pair([EVC], [EVC, IT]).pairs).toEqual([
      [EVC, EVC],
      [EVC, IT],
    ]);
  });

  it('pairs a model of several arrays by name, in the order of the target, and says what is left out', () => {
    expect(pair([IT, EVC], [EVC, IT])).toEqual({
      pairs: [
        [EVC, EVC],
        [IT, IT],
      ],
      notices: [],
    });
    const { pairs, notices } = pair([IT, 'V4'], [EVC, IT]);
    expect(pairs).toEqual([[IT, IT]]);
    expect(notices).toEqual([
      'target.mat: EVC_RDMs left out, model.mat holds no such variable',
      'model.mat: V4 left out, target.mat holds no such variable',
    ]);
  });

  it('keeps to the variables that are wanted, each once', () => {
    expect(pair(['rdm'], [EVC, IT], [IT]).pairs).toEqual([['rdm', IT]]);
    expect(pair([EVC, IT], [EVC, IT], [IT, IT])).toEqual({ pairs: [[IT, IT]], notices: [] });
  });

  it("lets a name pick the model's variable where the target's one array goes by a name of its own, and says so", () => {
    const { pairs, notices } = pair([EVC, IT], ['data'], [EVC]);
    expect(pairs).toEqual([[EVC, 'data']]);
    expect(notices).toEqual(['EVC_RDMs of model.mat is scored against data of target.mat']);
  });

  it('says what to type where no name is shared, and that leads on', () => {
    const way = /both files; choose the model's RDM with --variable EVC_RDMs: /;
    expect(() => pair([EVC, IT], ['data'])).toThrow(way);
    expect(() => pair([EVC, IT], ['data'], ['data'])).toThrow(way);
    expect(pair([EVC, IT], ['data'], [EVC]).pairs).toEqual([[EVC, 'data']]);
    expect(() => pair(['a', 'b'], [EVC, IT])).toThrow(
      /save the model's RDM in a file of its own and say with --variable EVC_RDMs what it is scored against: /,
    );
    expect(pair(['a'], [EVC, IT], [EVC]).pairs).toEqual([['a', EVC]]);
  });

  it.each([
    ['no name is shared by a model of several', [EVC, IT], ['data'], [], /no variable has the same name in both files/],
    ['a wanted variable is in neither', [EVC], [EVC], ['V4'], /there is no variable V4 in the target/],
    ['a wanted variable is not in a model of several', [EVC, 'V4'], [EVC, IT], [IT], /no variable has the same name/],
    [
      'one of those wanted is not in a model of several',
      [EVC, 'V4'],
      [EVC, IT],
      [EVC, IT],
      /no variable IT_RDMs in the model/,
    ],
    [
      'EVC is wanted of a model of both and the target holds IT',
      [EVC, IT],
      [IT],
      [EVC],
      /no variable EVC_RDMs in the target/,
    ],
  ])('refuses where %s, and lists both sides', (_, model, target, wanted, message) => {
    expect(() => pair(model, target, wanted)).toThrow(message);
    expect(() => pair(model, target, wanted)).toThrow(UsageError);
    expect(() => pair(model, target, wanted)).toThrow(
      `model.mat holds ${model.join(', ')}; target.mat holds ${target.join(', ')}`,
    );
  });
});

function pair(model: readonly string[], target: readonly string[], wanted: readonly string[] = []) {
  const notices: string[] = [];
  const pairs = pairVariables(
    { path: 'model.mat', variables: model },
    { path: 'target.mat', variables: target },
    wanted,
    (notice) => notices.push(notice),
  );
  return { pairs: pairs.map((each) => [each.model, each.target]), notices };
}
