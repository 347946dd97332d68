import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sh } from '../../../src/formats/sh.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import {
  circumstances,
  environmentIn,
  named,
  onPath,
  output,
  type Reader,
  isSkipped,
} from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

/** Shells, each with the words that start it. */
const SHELLS: readonly (readonly [name: string, ...words: string[]])[] = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['bash --posix', 'bash', '--posix'],
  ['zsh', 'zsh', '-f'],
  ['ksh93', 'ksh93'],
  ['mksh', 'mksh'],
  ['busybox ash', 'busybox', 'ash'],
];

const SOURCE = '. "$FILE"; exec /usr/bin/env -0';

function shell([name, program = '', ...words]: readonly [string, ...string[]], locale: string): Reader {
  const found = onPath(program);
  return {
    name: `${name}, ${locale}`,
    isHere: found !== undefined,
    read: (file) => environmentIn(output(found ?? '', [...words, '-eu', '-c', SOURCE], { FILE: file, LC_ALL: locale })),
  };
}

const READERS = SHELLS.flatMap((row) => [shell(row, 'C'), shell(row, 'C.UTF-8')]);

describeRoundTrip('sh', sh, { readers: READERS, refused: 0, carriesBytes: true });

describe('a guarded file shows nothing under a tracing shell', () => {
  for (const row of SHELLS) {
    const reader = shell(row, 'C');
    const [, program = '', ...words] = row;
    // ksh93 under -v prints a file as it takes it in, all at once and before the first line is run.
    const start = [...words, program === 'ksh93' ? '-eux' : '-euxv'];

    test.skipIf(isSkipped(reader))(
      `${reader.name}: no trace of a value, tracing goes on afterwards, an untraced shell stays untraced`,
      () => {
        const traced = source(onPath(program) ?? '', [
          ...start,
          '-c',
          '. "$FILE"; : "traced$((1 + 1))"; exec /usr/bin/env -0',
        ]);
        expect(traced.status).toBe(0);
        expect(traced.stderr).not.toMatch(/canary/);
        expect(traced.stderr).toMatch(/traced2/);
        expect(environmentIn(traced.stdout).get('SECRET_0')?.toString()).toBe("canary'one\ncanary two");
        expect(traced.stdout.toString()).not.toContain('SECRETCTL_');

        const flags = source(onPath(program) ?? '', [
          ...words,
          '-eu',
          '-c',
          'was=$-; . "$FILE"; test "$was" = "$-"; : "traced$((1 + 1))"',
        ]);
        expect({ status: flags.status, stderr: flags.stderr }).toEqual({ status: 0, stderr: '' });
      },
    );
  }
});

test.skipIf(isSkipped({ isHere: onPath('bash') !== undefined }))(
  'every name that bash would not set or not give back is refused',
  () => {
    const owned = output('bash', ['--norc', '-c', 'for name in $(compgen -v); do echo "$name"; done'], {
      PATH: '/usr/bin:/bin',
    })
      .toString()
      .trim()
      .split('\n');
    const lost = owned.filter((name) => {
      const script = `export ${name}='a value'; exec /usr/bin/env -0`;
      const { stdout } = spawnSync('bash', ['--norc', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
      return environmentIn(stdout).get(name)?.toString() !== 'a value';
    });
    expect(lost).toContain('UID');
    expect(lost.filter((name) => carriesName(name))).toEqual([]);
  },
);

function carriesName(name: string): boolean {
  try {
    sh.render([{ name, value: new Sensitive('a value'), reference: '' }], circumstances({ destination: 'stream' }));
    return true;
  } catch {
    return false;
  }
}

/** Runs a shell on a guarded file with two canaries. */
function source(program: string, args: readonly string[]): { status: number | null; stdout: Buffer; stderr: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'guarded-'));
  try {
    const file = path.join(directory, 'file.sh');
    writeFileSync(file, sh.render(named(["canary'one\ncanary two", 'canary three']), circumstances()));
    const { status, stdout, stderr } = spawnSync(program, [...args], {
      env: { FILE: file },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { status, stdout, stderr: stderr.toString() };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
