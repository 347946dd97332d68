import { expect, test } from 'vitest';
import { ByteStream, compileNeedles } from '../../../src/output/byte-stream.ts';
import type { Needle } from '../../../src/output/needle-set.ts';
import { naivelyRedacted } from '../../support/naive-redactor.ts';
import { cuts, passed } from '../../support/redacted.ts';

const M = '[REDACTED]';

/** What comes out, and what is done for each byte: bytes compared and steps from byte to byte. */
function worked(needles: readonly Needle[], chunks: readonly Buffer[]): { out: string; work: number } {
  const compiled = compileNeedles(needles);
  const stream = new ByteStream({ placeholders: [Buffer.from(M)], compiled: () => compiled });
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const out = passed(stream, chunks).toString('latin1');
  const { compared, steps } = compiled.set.work;
  // A step takes as long as to compare some 64 bytes.
  return { out, work: (compared / 64 + steps) / length };
}

function needlesOf(values: readonly string[]): Needle[] {
  return values.map((bytes) => ({ bytes, label: 0, isWord: false }));
}

/** Values that are full of their own beginnings, and texts that hold them or nearly do. */
const SELF_ALIKE: readonly (readonly [string, (size: number) => string[], (size: number) => string])[] = [
  ['equal characters', (size) => ['_'.repeat(size)], (size) => `x ${'_'.repeat(size)} y`],
  ['more equal characters than the value has', (size) => ['_'.repeat(size)], (size) => `x ${'_'.repeat(3 * size)} y`],
  ['one character too few', (size) => ['_'.repeat(size)], (size) => `${'_'.repeat(size - 1)}.`.repeat(3)],
  ['a short period', (size) => ['ab_'.repeat(size / 2)], (size) => `x ${'ab_'.repeat(size)}a`],
  [
    'values that begin each other',
    (size) => [1, 2, 3, 4, 5, 6].map((part) => '_'.repeat(size - part * 100)),
    (size) => `x ${'_'.repeat(size)} y`,
  ],
  [
    'a value that goes on otherwise',
    (size) => [`${'_'.repeat(size)}x${'_'.repeat(size)}`],
    (size) => `${'_'.repeat(3 * size)}.`,
  ],
];

test.each(SELF_ALIKE)('%s: the work for a byte does not grow with the value', (_, valuesOf, textOf) => {
  const expected = naivelyRedacted(needlesOf(valuesOf(1000)), [M], textOf(1000));
  for (const cut of [0, 1, 2]) {
    const [small, big] = [1000, 16_000].map((size) => {
      const chunks = cuts(Buffer.from(textOf(size)), () => 37)[cut] ?? [];
      return worked(needlesOf(valuesOf(size)), chunks);
    });
    expect(small?.out).toBe(expected);
    expect(big?.work).toBeLessThan(16);
    expect(big?.work).toBeLessThan(1 + 2 * (small?.work ?? 0));
  }
});

test('a thousand values that begin alike, in a text of nothing but that', () => {
  const values = Array.from({ length: 1000 }, (_, index) => `same-beginning-of-all${1000 + index}`);
  const chunks = [Buffer.from(`${'same-beginning-of-all'.repeat(5000)}1777`)];
  const { out, work } = worked(needlesOf(values), chunks);
  expect(out).toBe(`${'same-beginning-of-all'.repeat(4999)}${M}`);
  expect(work).toBeLessThan(16);
});
