import { expect, onTestFinished, test, vi } from 'vitest';
import { startRun } from '../support/running.ts';
import { layOut, openStage, type Stage } from '../support/stage.ts';

// What is checked out is checked in again on every way out of the built program, for the built-in backend and for a recipe.

async function opened(isRecipe: boolean, faults: readonly string[]): Promise<Stage> {
  const stage = await openStage({ backend: 'fortipam', options: { checkout: 'required' }, faults });
  onTestFinished(() => stage.close());
  const { url, caFile } = stage.rehearsal;
  const settings = isRecipe ? 'type: http, recipe: fortipam' : 'type: fortipam';
  layOut(stage, {
    'secretctl.yaml': `backends:\n  pam: { ${settings}, url: "${url}", ca-file: "${caFile}" }\nsecrets:\n  PASSWORD: prod/db/password\n`,
  });
  return stage;
}

const checks = ({ rehearsal }: Stage): readonly string[] =>
  rehearsal.requests.flatMap(({ path, status }) => {
    const step = /secret-(?<step>check\w+)$/.exec(path)?.groups?.['step'];
    return step === undefined ? [] : [`${step} ${status}`];
  });

const PLAYERS = [
  ['built in', false],
  ['as a recipe', true],
] as const;

test.each(PLAYERS)('a fetch that succeeds: %s', async (_, isRecipe) => {
  const stage = await opened(isRecipe, []);
  const finished = await stage.run(['fetch', '--format', 'raw', 'PASSWORD=prod/db/password']);
  expect(finished.stderr).toBe('');
  expect(finished.stdout).toEqual(stage.secrets.get('prod/db/password'));
  expect(checks(stage)).toEqual(['checkout 200', 'checkin 200']);
});

test.each(
  PLAYERS.flatMap(([name, isRecipe]) =>
    (['SIGTERM', 'SIGINT'] as const).map((signal) => [name, signal, isRecipe] as const),
  ),
)('a signal while it reads what is checked out: %s, %s', async (_, signal, isRecipe) => {
  const stage = await opened(isRecipe, ['read#2:silent']);
  const running = startRun(stage, ['fetch', '--format', 'json', '-o', 'out.json']);
  await vi.waitFor(() => expect(stage.rehearsal.requests).toHaveLength(5), { timeout: 20_000, interval: 5 });
  running.send(signal);
  const finished = await running.finished;
  expect(finished.exit).toBe(signal === 'SIGTERM' ? 143 : 130);
  expect(checks(stage)).toEqual(['checkout 200', 'checkin 200']);
  expect(stage.leaks(finished, [])).toEqual([]);
});

test.each(PLAYERS)('an answer that is no value: %s', async (_, isRecipe) => {
  const stage = await opened(isRecipe, ['read#2:badjson']);
  const finished = await stage.run(['fetch', '--format', 'json', '-o', 'out.json']);
  expect(finished.stderr).toContain('error[BAD_JSON]');
  expect(checks(stage)).toEqual(['checkout 200', 'checkin 200']);
});

test.each(PLAYERS)('the time is up: %s', async (_, isRecipe) => {
  const stage = await opened(isRecipe, ['read#2:silent']);
  const finished = await stage.run(['fetch', '--timeout', '3s', '--format', 'json', '-o', 'out.json']);
  expect(finished.stderr).toContain('error[TIMEOUT]');
  expect(checks(stage)).toEqual(['checkout 200', 'checkin 200']);
});
