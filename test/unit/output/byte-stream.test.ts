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

function runner(needles: readonly Needle[], withoutTables = 0): (input: string, lengths: readonly number[]) => string {
  const compiled = compileNeedles(needles, withoutTables);
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

/** Long needles that are the same for a long while: some that begin alike, each ending on its own, and parts of other ones. */
function drawFamilies(draw: (below: number) => number, alphabet: string): Needle[] {
  const labels = draw(2) === 0 ? 1 : PLACEHOLDERS.length;
  const least = 8 + draw(30);
  const most = draw(5) === 0 ? 600 : 80;
  return Array.from({ length: 1 + draw(4) }, () => drawText(draw, alphabet, least + draw(most))).flatMap((trunk) =>
    Array.from({ length: 1 + draw([3, 12, 50][draw(3)] ?? 3) }, () => {
      const from = draw(3) === 0 ? draw(trunk.length - least + 1) : 0;
      const shared = trunk.slice(from, from + least + draw(trunk.length - from - least + 1));
      return { bytes: shared + drawText(draw, alphabet, draw(20)), label: draw(labels), isWord: false };
    }),
  );
}

/** Cases in which the redactor makes something else of an input than the simplest one, for so many sets of needles. */
function differences(
  sets: number,
  drawSet: typeof drawNeedles,
  drawLengths: (draw: (below: number) => number) => readonly number[],
): (Case & { readonly result: string; readonly expected: string })[] {
  const draw = dice(sets);
  const found: ReturnType<typeof differences> = [];
  for (let set = 0; set < sets; set++) {
    const alphabet = ['ab', 'abc', 'ab.', 'a-'][draw(4)] ?? 'ab';
    const needles = drawSet(draw, alphabet);
    // With tables, without, and some of them with tables from somewhere on.
    const run = runner(needles, [0, 0, Infinity, 300][draw(4)]);
    for (let turn = 0; turn < INPUTS; turn++) {
      const input = drawInput(draw, needles, alphabet);
      const lengths = drawLengths(draw);
      const expected = naivelyRedacted(needles, PLACEHOLDERS, input);
      const result = run(input, lengths);
      if (result !== expected) found.push({ needles, input, lengths, result, expected });
    }
  }
  return found;
}

test(
  `${SETS * INPUTS} random inputs at random cuts become what the simplest redactor makes of them`,
  { timeout: SETS * 20 },
  () => {
    const lengths = (draw: (below: number) => number): readonly number[] =>
      [[200], [1], [1 + draw(6), 1 + draw(20), 1 + draw(3)]][draw(3)] ?? [1];
    expect(differences(SETS, drawNeedles, lengths)).toEqual([]);
  },
);

test('so do inputs with long needles that are much alike', { timeout: SETS * 20 }, () => {
  const lengths = (draw: (below: number) => number): readonly number[] =>
    [[1000], [1], [1 + draw(60), 1 + draw(9)], [260 + draw(300)]][draw(4)] ?? [1];
  expect(differences(SETS / 20, drawFamilies, lengths)).toEqual([]);
});

describe('inputs that were wrong once, or nearly', () => {
  const directory = path.join(import.meta.dirname, '../../fixtures/redactor');
  test.each(readdirSync(directory))('%s', (file) => {
    const { needles, input, lengths } = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as Case;
    const runs = [runner(needles), runner(needles, Infinity)];
    for (const some of [lengths, [1], [2], [3, 1], [input.length]])
      for (const run of runs) expect(run(input, some)).toBe(naivelyRedacted(needles, PLACEHOLDERS, input));
  });
});
