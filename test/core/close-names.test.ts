import { expect, it } from 'vitest';
import { closeNames, closestName } from '../../src/core/close-names.ts';

it('the closest name is the one that fewest edits make, endings aside', () => {
  expect(closestName('epoch', ['batch', 'epochs', 'loss'])).toBe('epochs');
  expect(closestName('image_1', ['image_12.jpg', 'image_1.jpg'])).toBe('image_1.jpg');
  expect(closestName('epcohs', ['epochs'])).toBe('epochs');
});

it('no name is the closest where more than half of it would change, or there is none', () => {
  expect(closestName('rate', ['batch', 'seed'])).toBeUndefined();
  expect(closestName('a', [])).toBeUndefined();
});

it('close names come with the likest first, at most as many as are asked for', () => {
  const names = ['layer1.0', 'layer4.2', 'layer4.1', 'input'];
  expect(closeNames('layer4.3', names, 2).slice().sort()).toEqual(['layer4.1', 'layer4.2']);
  expect(closeNames('INPUT', names, 1)).toEqual(['input']);
});
