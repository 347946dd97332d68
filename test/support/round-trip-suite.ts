import { describe, expect, test } from 'vitest';
import type { Renderer } from '../../src/formats/types.ts';
import { awkwardBytes, awkwardTexts, NASTY, passwords } from './nasty-values.ts';
import { carried, differences, isSkipped, type Reader } from './round-trip.ts';

/** What a format is held to. */
export interface RoundTripRules {
  readonly readers: readonly Reader[];
  /** Most of 20,000 random passwords that it may refuse, as a share (ci-platforms-and-formats.md, 6.3). */
  readonly refused: number;
  /** Whether it carries bytes that are not UTF-8. */
  readonly carriesBytes?: boolean;
  /** Random texts to choose from: more for a format that refuses most of them. */
  readonly drawn?: number;
}

/** Random values of one dialect. */
export const COUNT = process.env['CAMPAIGN'] === 'long' ? 20_000 : 2000;

const PASSWORDS = passwords(7, 20_000);

/** So many values stand in one file. */
const PORTION = 2500;

/**
 * Declares that what this format writes is read back byte for byte by each of these readers: nasty values first,
 * 2,000 random ones between them and the same in reverse, all in one file.
 */
export function describeRoundTrip(name: string, format: Renderer, { readers, ...rules }: RoundTripRules): void {
  describe(`${name} is read back exactly`, () => {
    const nasty = carried(format, NASTY);
    const random = randomValues(format, rules);
    const values = [...nasty, ...random, ...nasty.toReversed()];

    test('the values tried are many', () => {
      expect(random).toHaveLength(COUNT);
      expect(nasty.length).toBeGreaterThan(50);
    });

    test('no larger share of passwords is refused than has to be', () => {
      expect(1 - carried(format, PASSWORDS).length / PASSWORDS.length).toBeLessThanOrEqual(rules.refused);
    });

    for (const reader of readers) {
      test.skipIf(isSkipped(reader))(
        `${reader.name}: ${values.length} values`,
        () => expect(portions(values).flatMap((portion) => differences(format, reader, portion))).toEqual([]),
        COUNT * 15,
      );
    }
  });
}

/** An environment holds about two megabytes. */
function portions<Value>(values: readonly Value[]): Value[][] {
  const starts = Array.from({ length: Math.ceil(values.length / PORTION) }, (_, index) => index * PORTION);
  return starts.map((start) => values.slice(start, start + PORTION));
}

function randomValues(
  format: Renderer,
  { carriesBytes = false, drawn = 3 }: Omit<RoundTripRules, 'readers'>,
): (Buffer | string)[] {
  const bytes = carriesBytes ? carried(format, awkwardBytes(20_263, COUNT / 10)) : [];
  const texts = carried(format, awkwardTexts(20_266, COUNT * drawn));
  return [...bytes, ...texts].slice(0, COUNT);
}
