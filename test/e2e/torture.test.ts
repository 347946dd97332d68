import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAILURES } from '../../src/lib/errors.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { type Blow, tortured } from '../support/torture.ts';

const ARGS = ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'];
const OLD = '{ "PASSWORD": "old" }\n';

/** A campaign tries every error; an ordinary run the two that disks have. */
const BLOWS: readonly Blow[] =
  process.env['CAMPAIGN'] === 'long' ? ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EROFS', 'EDQUOT'] : ['ENOSPC', 'EIO'];

let stage: Stage;
let whole: string;

beforeAll(async () => {
  stage = await openStage();
  whole = `${JSON.stringify({ PASSWORD: stage.secrets.get('prod/db/password')?.toString() }, undefined, 2)}\n`;
});

afterAll(async () => {
  await stage.close();
});

/** One run with a blow at operation `at`, from a clean start with the old file in place. */
async function strike(blow: Blow, at: number): Promise<{ exit: number; stderr: string; total: number }> {
  rmSync(stage.cache, { recursive: true, force: true });
  rmSync(stage.cwd, { recursive: true, force: true });
  mkdirSync(stage.cache, { mode: 0o700 });
  mkdirSync(stage.cwd, { mode: 0o700 });
  writeFileSync(target(), OLD, { mode: 0o600 });
  const counted = path.join(stage.attic, 'counted');
  const finished = await stage.run(ARGS, { env: { NODE_OPTIONS: tortured(blow, at, counted) } });
  const total = finished.exit === 137 ? Number.NaN : Number(readFileSync(counted, 'utf8'));
  // What a killed run leaves of its output is judged by the test itself.
  const left = finished.exit === 137 ? others().map((name) => path.join(stage.cwd, name)) : [];
  expect(stage.leaks(finished, [target(), ...left])).toEqual([]);
  return { ...finished, total };
}

const target = (): string => path.join(stage.cwd, 'out.json');
const others = (): string[] => readdirSync(stage.cwd).filter((name) => name !== 'out.json');

/** How many operations a run has. */
async function operations(): Promise<number> {
  const { exit, total } = await strike('EIO', 0);
  expect(exit).toBe(0);
  expect(total).toBeGreaterThan(8);
  return total;
}

describe('a file operation fails', () => {
  for (const blow of BLOWS) {
    test(
      `${blow} at each one: the output is new, or old with a named reason, and nothing is left`,
      { timeout: 120_000 },
      async () => {
        const total = await operations();
        for (let at = 1; at <= total; at++) {
          const { exit, stderr } = await strike(blow, at);
          const content = readFileSync(target(), 'utf8');
          const reason = /error\[(?<reason>\w+)\]/.exec(stderr)?.groups?.['reason'];
          expect({ at, isWhole: content === whole, isOld: content === OLD }).toMatchObject(
            exit === 0 ? { isWhole: true } : { isOld: true },
          );
          expect(others(), `after operation ${at}`).toEqual([]);
          if (exit === 0) continue;
          expect(Object.keys(FAILURES), `operation ${at}: ${stderr.slice(-300)}`).toContain(reason);
          expect(reason, `operation ${at}: ${stderr.slice(-300)}`).not.toBe('INTERNAL');
        }
      },
    );
  }
});

test(
  'killed at each file operation: old or new, at most one stray 0600 file, and a later run removes it',
  { timeout: 180_000 },
  async () => {
    const total = await operations();
    for (let at = 1; at <= total; at++) {
      const { exit } = await strike('KILL', at);
      expect(exit, `operation ${at}`).toBe(137);
      expect([OLD, whole]).toContain(readFileSync(target(), 'utf8'));
      const strays = others();
      expect(strays.length, strays.join()).toBeLessThanOrEqual(1);
      if (strays.length === 0) continue;
      const stray = path.join(stage.cwd, strays[0] ?? '');
      expect(statSync(stray).mode & 0o777, `operation ${at}`).toBe(0o600);
      const longAgo = new Date(Date.now() - 3_600_000);
      utimesSync(stray, longAgo, longAgo);
      expect((await stage.run(ARGS)).exit).toBe(0);
      expect(others()).toEqual([]);
    }
  },
);
