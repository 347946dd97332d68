import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { FAILURES } from '../../src/lib/errors.ts';
import { filesBelow } from './canaries.ts';
import { type Finished, runProgram } from './program.ts';
import { layOut, openStage, overlaid, type Stage } from './stage.ts';
import type { Case, Vector } from './vectors.ts';

const FOLDER = path.join(import.meta.dirname, '../vectors');

/** Defines a test for every case of the rows from `first` to `last`. */
export async function playRows(first: number, last: number): Promise<void> {
  const files = readdirSync(FOLDER).filter((name) => /^\d{3}-.*\.ts$/.test(name) && !name.endsWith('.test.ts'));
  for (const file of files.toSorted()) {
    const row = Number(file.slice(0, 3));
    if (row < first || row > last) continue;
    const loaded = (await import(pathToFileURL(path.join(FOLDER, file)).href)) as { default: Vector };
    const { default: vector } = loaded;
    expect(vector.row, file).toBe(row);
    for (const one of vector.cases) define(vector, one);
  }
}

function define(vector: Vector, one: Case): void {
  const title = `${vector.row} ${vector.title}${one.name === undefined ? '' : `: ${one.name}`}`;
  const skipped = one.skip?.();
  test.skipIf(skipped !== undefined)(skipped === undefined ? title : `${title} (${skipped})`, async () => {
    const stage = await openStage(one);
    try {
      await play(one, stage);
    } finally {
      await stage.close();
    }
  });
}

const ONE_SECRET = ['fetch', '--format', 'json', 'PASSWORD=prod/db/password'];

async function play(one: Case, stage: Stage): Promise<void> {
  layOut(stage, one.files);
  const prepared = (await one.before?.(stage)) ?? {};
  const env = overlaid(stage.env, { ...one.env, ...prepared });
  const args = typeof one.args === 'function' ? one.args(stage) : (one.args ?? ONE_SECRET);
  const before = filesBelow(stage.cwd);
  const finished = await (one.run?.(stage, env, args) ??
    runProgram(args, { cwd: stage.cwd, env, ...(one.stdin !== undefined && { stdin: one.stdin }) }));

  expectEnding(one, finished);
  expectStdout(one, stage, finished);
  for (const pattern of one.says ?? []) expect(finished.stderr).toMatch(pattern);
  for (const pattern of one.saysNot ?? []) expect(finished.stderr).not.toMatch(pattern);
  if (one.packets !== undefined) expect(stage.rehearsal.requests).toHaveLength(one.packets);
  if (one.exit !== 0) expect(filesBelow(stage.cwd), 'files after a failure').toEqual(before);
  const asked = one.exit === 0 ? filesBelow(stage.cwd) : before;
  expect(stage.leaks(finished, asked), 'leaks').toEqual([]);
  await one.after?.(stage, finished);
}

/** The exit code and, for one of ours, that the last line which is no hint (and no shell's trace) names the reason. */
function expectEnding(one: Case, finished: Finished): void {
  const lines = finished.stderr.split('\n').filter((line) => line !== '' && !/^(?:secretctl: hint:|\+ )/.test(line));
  const named = /^secretctl: error\[(?<reason>\w+)\]: ./.exec(lines.at(-1) ?? '')?.groups?.['reason'];
  expect({ exit: finished.exit, reason: named, stderr: finished.stderr }).toMatchObject({
    exit: one.exit,
    reason: one.reason,
  });
  if (one.reason !== undefined) expect(FAILURES[one.reason].exit).toBe(one.exit);
  expect(finished.stderr).not.toMatch(/^\s+at .*[:(]\d+/m);
}

function expectStdout(one: Case, stage: Stage, finished: Finished): void {
  if (one.stdout instanceof RegExp) return void expect(finished.stdout.toString()).toMatch(one.stdout);
  if (one.stdout !== undefined)
    return void expect(finished.stdout.toString('latin1')).toBe(Buffer.from(one.stdout).toString('latin1'));
  if (one.exit !== 0) return void expect(finished.stdout.toString()).toBe('');
  if (one.args !== undefined || one.run !== undefined) return;
  expect(JSON.parse(finished.stdout.toString())).toEqual({
    PASSWORD: stage.secrets.get('prod/db/password')?.toString(),
  });
}
