import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURES } from '../../src/lib/errors.ts';
import { filesBelow } from '../support/canaries.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { type Blow, tortured } from '../support/torture.ts';

/** Two outputs: a directory, and a file with the paths of what is in it. */
const ARGS = [
  'fetch',
  '--no-cache',
  '--files',
  'out',
  '--format',
  'json',
  '-o',
  'paths',
  'A=prod/db/password',
  'B=prod/binary',
];

const IS_CAMPAIGN = process.env['CAMPAIGN'] === 'long';

/** A campaign tries every error at every operation; an ordinary run one, at every third. */
const BLOWS: readonly Blow[] = IS_CAMPAIGN ? ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EROFS'] : ['EIO'];
const STRIDE = IS_CAMPAIGN ? 1 : 3;

const OLD = { 'out/A': 'old a', 'out/B': 'old b', paths: 'old paths' };

let stage: Stage;
let whole: Record<string, string>;

beforeAll(async () => {
  stage = await openStage();
  const paths = { A_FILE: inPlace('out/A'), B_FILE: inPlace('out/B') };
  const values = ['prod/db/password', 'prod/binary'].map((name) => stage.secrets.get(name)?.toString('latin1') ?? '');
  whole = { 'out/A': values[0] ?? '', 'out/B': values[1] ?? '', paths: `${JSON.stringify(paths, undefined, 2)}\n` };
});

afterAll(async () => {
  await stage.close();
});

const inPlace = (name: string): string => path.join(stage.cwd, name);
const strays = (): string[] => readdirSync(stage.cwd).filter((name) => name !== 'out' && name !== 'paths');

/** What is in the directory and in the file now. */
function content(): { out: Record<string, string>; paths: string } {
  const names = existsSync(inPlace('out')) ? readdirSync(inPlace('out')).toSorted() : [];
  const read = (name: string): string => readFileSync(inPlace(name), 'latin1');
  return { out: Object.fromEntries(names.map((name) => [`out/${name}`, read(`out/${name}`)])), paths: read('paths') };
}

function expected(of: Record<string, string>): ReturnType<typeof content> {
  const { paths = '', ...out } = of;
  return { out, paths };
}

/** One run with a blow at operation `at`, from a clean start with both old outputs in place. */
async function strike(blow: Blow, at: number): Promise<{ exit: number; stderr: string; total: number }> {
  rmSync(stage.cwd, { recursive: true, force: true });
  mkdirSync(inPlace('out'), { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(OLD)) writeFileSync(inPlace(name), text, { mode: 0o600 });
  const counted = path.join(stage.attic, 'counted');
  const finished = await stage.run(ARGS, { env: { NODE_OPTIONS: tortured(blow, at, counted) } });
  const total = finished.exit === 137 ? Number.NaN : Number(readFileSync(counted, 'utf8'));
  expect(stage.leaks(finished, filesBelow(stage.cwd))).toEqual([]);
  return { ...finished, total };
}

async function operations(): Promise<number> {
  const { exit, total } = await strike('EIO', 0);
  expect(exit).toBe(0);
  expect(content()).toEqual(expected(whole));
  expect(total).toBeGreaterThan(16);
  return total;
}

for (const blow of BLOWS) {
  test(
    `${blow} at operations: both outputs are new, or both old with a named reason`,
    { timeout: 240_000 },
    async () => {
      const total = await operations();
      for (let at = 1; at <= total; at += STRIDE) {
        const { exit, stderr } = await strike(blow, at);
        expect(content(), `operation ${at}: ${stderr.slice(-300)}`).toEqual(expected(exit === 0 ? whole : OLD));
        // What cannot be removed is named; the next run removes it.
        const left = strays();
        expect(
          left.every((name) => stderr.includes(name)),
          `operation ${at}: ${left.join()}`,
        ).toBe(true);
        if (exit === 0) continue;
        const reason = /error\[(?<reason>\w+)\]/.exec(stderr)?.groups?.['reason'];
        expect(Object.keys(FAILURES), `operation ${at}: ${stderr.slice(-300)}`).toContain(reason);
        expect(reason, `operation ${at}: ${stderr.slice(-300)}`).not.toBe('INTERNAL');
      }
    },
  );
}

test(
  'killed at each operation: each output old or new, a directory at worst absent until the next run puts it back',
  { timeout: 300_000 },
  async () => {
    const total = await operations();
    let absent = 0;
    for (let at = 1; at <= total; at++) {
      const { exit } = await strike('KILL', at);
      expect(exit, `operation ${at}`).toBe(137);
      const left = strays();
      expect(left.length, left.join()).toBeLessThanOrEqual(2);
      for (const name of left) expect(statSync(inPlace(name)).mode & 0o077, name).toBe(0);
      if (!existsSync(inPlace('out'))) {
        absent++;
        // Even one that fails.
        const failed = await stage.run([...ARGS, 'NO=prod/nothing']);
        expect(failed.exit).toBe(67);
        expect(content()).toEqual(expected(OLD));
      }
      const now = content();
      expect([expected(OLD).out, expected(whole).out], `operation ${at}`).toContainEqual(now.out);
      expect([OLD.paths, whole['paths']], `operation ${at}`).toContain(now.paths);
      if (left.length === 0) continue;
      const longAgo = new Date(Date.now() - 3_600_000);
      for (const name of strays()) utimesSync(inPlace(name), longAgo, longAgo);
      expect((await stage.run(ARGS)).exit).toBe(0);
      expect([strays(), content()], `operation ${at}`).toEqual([[], expected(whole)]);
    }
    // Between the two renames, and nowhere else.
    expect(absent).toBe(1);
  },
);
