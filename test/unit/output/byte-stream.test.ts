import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ByteStream, compileNeedles } from '../../../src/output/byte-stream.ts';
import type { Needle } from '../../../src/output/needle-set.ts';
import { naivelyRedacted } from '../../support/naive-redactor.ts';
import { cuts, dice, passed } from '../../support/redacted.ts';

const PLACEHOLDERS = ['[R:one]', '[R:two]', '[R:three]'];
/** Of each set of needles so many inputs are made. */
const INPUTS = 10;
const SETS = process.env['CAMPAIGN'] === 'long' ? 100_000 : 10_000;

interface Case {
  readonly needles: readonly Needle[];
  readonly input: string;
  /** Lengths of the chunks, again and again. */
  readonly lengths: readonly number[];
}

function runner(needles: readonly Needle[]): (input: string, lengths: readonly number[]) => string {
  const compiled = compileNeedles(needles);
  const vocabulary = { placeholders: PLACEHOLDERS.map((text) => Buffer.from(text)), compiled: () => compiled };
  return (input, lengths) => {
    let turn = 0;
    const [, , chunks] = cuts(Buffer.from(input, 'latin1'), () => lengths[turn++ % lengths.length] ?? 1);
    return passed(new ByteStream(vocabulary), chunks ?? []).toString('latin1');
  };
}

/** Needles over two or three characters, so that they begin alike, overlap, and lie within each other. */
function drawNeedles(draw: (below: number) => number, alphabet: string): Needle[] {
  const isMany = draw(40) === 0;
  const labels = draw(2) === 0 ? 1 : PLACEHOLDERS.length;
  return Array.from({ length: 1 + draw(isMany ? 60 : 5) }, () => {
    const length = [4 + draw(4), 8 + draw(8), 4 + draw(40)][draw(3)] ?? 8;
    return { bytes: drawText(draw, alphabet, length), label: draw(labels), isWord: length < 8 };
  });
}

function drawText(draw: (below: number) => number, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[draw(alphabet.length)]).join('');
}

/** Needles, their beginnings and ends, and what lies between. */
function drawInput(draw: (below: number) => number, needles: readonly Needle[], alphabet: string): string {
  let input = '';
  for (const length = draw(80); input.length < length;) {
    const bytes = needles[draw(needles.length)]?.bytes ?? '';
    const pieces = [
      drawText(draw, `${alphabet} `, draw(10)),
      bytes.slice(0, draw(bytes.length)),
      bytes.slice(draw(bytes.length)),
      bytes,
    ];
    input += pieces[draw(pieces.length)] ?? '';
  }
  return input;
}

test(
  `${SETS * INPUTS} random inputs at random cuts become what the simplest redactor makes of them`,
  { timeout: SETS * 20 },
  () => {
    const draw = dice(SETS);
    let wrong = 0;
    for (let set = 0; set < SETS; set++) {
      const alphabet = ['ab', 'abc', 'ab.', 'a-'][draw(4)] ?? 'ab';
      const needles = drawNeedles(draw, alphabet);
      const run = runner(needles);
      for (let turn = 0; turn < INPUTS; turn++) {
        const input = drawInput(draw, needles, alphabet);
        const lengths = [[200], [1], [1 + draw(6), 1 + draw(20), 1 + draw(3)]][draw(3)] ?? [1];
        const expected = naivelyRedacted(needles, PLACEHOLDERS, input);
        const result = run(input, lengths);
        // A hundred thousand calls of `expect` would take most of the time.
        if (result === expected) continue;
        wrong++;
        expect({ needles, input, lengths, result }).toEqual({ needles, input, lengths, result: expected });
      }
    }
    expect(wrong).toBe(0);
  },
);

describe('inputs that were wrong once, or nearly', () => {
  const directory = path.join(import.meta.dirname, '../../fixtures/redactor');
  test.each(readdirSync(directory))('%s', (file) => {
    const { needles, input, lengths } = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as Case;
    const run = runner(needles);
    for (const some of [lengths, [1], [2], [3, 1], [input.length]])
      expect(run(input, some)).toBe(naivelyRedacted(needles, PLACEHOLDERS, input));
  });
});
