import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { script } from '../support/shell.ts';
import type { Stage } from '../support/stage.ts';
import { type Case, vector } from '../support/vectors.ts';

const FETCH = 'fetch --no-cache --files out A=prod/db/password';

/** An earlier run's directory and file. */
function lay(stage: Stage): void {
  mkdirSync(path.join(stage.cwd, 'out'), { mode: 0o700 });
  writeFileSync(path.join(stage.cwd, 'out/A'), 'old', { mode: 0o600 });
  writeFileSync(path.join(stage.cwd, '.env'), 'OLD=1\n', { mode: 0o600 });
}

function isOld(stage: Stage): void {
  expect(readFileSync(path.join(stage.cwd, 'out/A'), 'utf8')).toBe('old');
  expect(readFileSync(path.join(stage.cwd, '.env'), 'utf8')).toBe('OLD=1\n');
  expect(readdirSync(stage.cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}

const CASES: readonly (Pick<Case, 'exit' | 'reason' | 'run'> & { readonly name: string })[] = [
  {
    name: 'the first has no room',
    run: script(`ulimit -f 0; exec secretctl ${FETCH} --format dotenv -o .env`),
    exit: 74,
    reason: 'DISK_FULL',
  },
  {
    // The files are small enough; what is written besides is not.
    name: 'the second has no room',
    run: script(`ulimit -f 1; exec secretctl ${FETCH} --template big -o .env`),
    exit: 74,
    reason: 'DISK_FULL',
  },
  {
    name: 'the second is stdout, on a full device',
    run: script(`exec secretctl ${FETCH} --format dotenv >/dev/full`),
    exit: 74,
    reason: 'DISK_FULL',
  },
  {
    name: 'a value does not fit the second',
    run: script(`exec secretctl ${FETCH} B=prod/binary --template t -o .env`),
    exit: 65,
    reason: 'NOT_REPRESENTABLE',
  },
];

export default vector({
  row: 113,
  title: 'two outputs, one fails',
  cases: CASES.map((one) => ({
    ...one,
    files: { big: '{{A}}\n'.repeat(2000), t: '{{B}}' },
    before: lay,
    after: isOld,
  })),
});
