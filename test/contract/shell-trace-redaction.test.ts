import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { awkwardBytes, awkwardTexts, NASTY, passwords } from '../support/nasty-values.ts';
import { passed, streamRedactor } from '../support/redacted.ts';
import { isSkipped, onPath } from '../support/round-trip.ts';

/** Shells, each with the words that start it. */
const SHELLS: readonly (readonly [name: string, ...words: string[]])[] = [
  ['dash', 'dash'],
  ['bash', 'bash', '--norc'],
  ['busybox ash', 'busybox', 'ash'],
  ['zsh', 'zsh', '-f'],
  ['ksh93', 'ksh93'],
  ['mksh', 'mksh'],
];

/** What a job does with a value; every place where a tracing shell writes it differently. */
const SCRIPT = `
: "$V"
: "before $V after"
A=$V
export B="$V"
[ "$V" = x ]
case $V in x) ;; esac
for i in "$V"; do :; done
f() { :; }
f "$V" "--option=$V"
printf '%s\\n' "$V"
A="$V" true
`;

const M = '[REDACTED]';
const SIGNS = [
  ...[
    "'",
    "''",
    '"',
    '`',
    '\\',
    '\\\\',
    '$',
    '$$',
    '!',
    '#',
    '=',
    '~',
    '*',
    '?',
    '[a]',
    '{a,b}',
    '(a)',
    ';',
    '&',
    '|',
    '<',
    '>',
    '%',
    '^',
    ',',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '\r',
    '\u0001',
    '\u001b',
    '\u007f',
    '\u0007',
    '\u00e4',
    '\u6f22',
    '\u{1f511}',
    '\u2028',
    '\u0085',
    "'\n\\",
    `"'\u00e4\t`,
  ],
];
/** Every sign in the middle of a value and at both of its ends. */
const VALUES: readonly (Buffer | string)[] = [
  ...SIGNS.flatMap((sign) => [`Lq7-x${sign}y-9Zk`, `${sign}Lq7-xy-9Zk${sign}`, `Lq7${sign}${sign}9Zk00${sign}`]),
  ...NASTY.filter((value) => value.length < 300),
  ...passwords(5, 25),
  ...awkwardTexts(5, 40),
  ...awkwardBytes(5, 20),
];

/** Those that are hidden in every form; white space at the ends is not, and may stay. */
const HIDDEN = VALUES.map((value) => Buffer.from(value)).filter((value) => {
  const text = value.toString('latin1');
  // Which characters can be printed is for each C library to say: those that few have heard of are left out.
  const isStrange = /[\p{Cn}\p{Co}\u{10000}-\u{1f2ff}\u{20000}-\u{10ffff}]/u.test(value.toString());
  return text.length >= 8 && !isStrange && !/^[\t-\r ]|[\t-\r ]$|\0/.test(text);
});

/** A campaign tries every value in both locales; an ordinary run each in one, and every sign in both. */
function triedIn(locale: string): Buffer[] {
  const turn = locale === 'C' ? 0 : 1;
  const isInBoth = (value: Buffer): boolean => process.env['CAMPAIGN'] === 'long' || value.includes('Lq7-x');
  return HIDDEN.filter((value, index) => isInBoth(value) || index % 2 === turn);
}

function traced([, program = '', ...words]: readonly [string, ...string[]], locale: string, value: Buffer): Buffer {
  // Node takes no bytes that are not UTF-8 for a variable; the shell reads them from its input.
  const command = `IFS= ; V=$(cat; echo x); V=\${V%x}; set -x; ${SCRIPT}`;
  const result = spawnSync(onPath(program) ?? '', [...words, '-c', command], {
    input: value,
    env: { PATH: process.env['PATH'], LC_ALL: locale },
  });
  return Buffer.concat([result.stdout, Buffer.from('\n'), result.stderr]);
}

/** Without the signs that shells put around and between: what is left must be the same as for a value that is no secret. */
function bare(trace: Buffer): string {
  return trace.toString('latin1').replace(/['"$\\]/g, '');
}

describe('a tracing shell shows nothing of a value', () => {
  for (const row of SHELLS) {
    for (const locale of ['C', 'C.UTF-8']) {
      const isHere = onPath(row[1] ?? '') !== undefined;
      test.skipIf(isSkipped({ isHere }))(`${row[0]}, ${locale}`, { timeout: 120_000 }, () => {
        const expected = bare(traced(row, locale, Buffer.from(M)));
        expect(expected.split(M).length).toBeGreaterThan(10);
        const shown = triedIn(locale)
          .map((value) => {
            const trace = traced(row, locale, value);
            return { value: value.toString('latin1'), left: bare(passed(streamRedactor([value]).stream(), [trace])) };
          })
          .filter(({ left }) => left !== expected);
        expect(shown).toEqual([]);
      });
    }
  }
});
