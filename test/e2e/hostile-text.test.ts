import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, startFaultyServer } from '../support/faulty-server.ts';
import { commandsIn, LOG_COMMANDS } from '../support/log-commands.ts';
import { runProgram } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

const ONE = ['fetch', '--format', 'json', 'A=a/b'];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe('text from outside', () => {
  const ESCAPES = '\u001b[31m\u0007\u202e\u2028::set-env name=x::y ##vso[task.x]z';
  /** Short enough to be shown whole. */
  const GROUPS = [0, 5, 10, 15, 20, 25].map((at) => LOG_COMMANDS.slice(at, at + 5).join(' '));

  test.each(['text', 'json'])('of a configuration is harmless to a terminal and to a log, in %s', async (format) => {
    const file = path.join(stage.attic, `escapes-${format}.yaml`);
    const name = JSON.stringify(`b${ESCAPES}`);
    writeFileSync(
      file,
      JSON.stringify({
        [`k${ESCAPES}`]: 1,
        backends: {
          [`b${ESCAPES}`]: { type: 'conjur', account: ESCAPES },
          constructor: { type: 'conjur', url: ESCAPES },
        },
        secrets: { [`s${ESCAPES}`]: `a/${ESCAPES}`, A: 'a/b', toString: { ref: 'x', [`m${ESCAPES}`]: name } },
        profiles: { [ESCAPES]: {} },
      }),
    );
    const run = await runProgram(['fetch', '--config', file, '--error-format', format], {
      cwd: stage.cwd,
      env: stage.env,
    });
    expect(run.exit).toBe(78);
    expectHarmless(run.stderr, format);
  });

  test.each(['text', 'json'])(
    'of a server likewise, and shows no token in capitals or without, in %s',
    async (format) => {
      const token = stage.env['SECRETCTL_ID_TOKEN'] ?? '';
      const signature = (token.split('.')[2] ?? '').toLowerCase();
      const bodies = [
        answer(418, JSON.stringify({ error: { code: ESCAPES, message: token.toUpperCase() } })),
        answer(200, '{}', { 'content-type': `text/${token.slice(-120)}` }),
        answer(200, '{}', { 'content-encoding': token.slice(-120) }),
        answer(307, '', { location: `https://${token.slice(-60).replaceAll('_', 'x')}.example.test/${token}` }),
        answer(200, `<html><title>${ESCAPES.replaceAll('\u202e', '').replaceAll('\u2028', '')}${token}</title>`, {
          'content-type': 'text/html',
        }),
      ];
      for (const body of bodies) {
        const server = await startFaultyServer(() => [body]);
        const env = { ...stage.env, CONJUR_APPLIANCE_URL: server.url.origin, SECRETCTL_NO_CACHE: '1' };
        const run = await runProgram([...ONE, '--error-format', format], { cwd: stage.cwd, env });
        await server.close();
        expect(run.exit).toBe(76);
        expectHarmless(run.stderr, format);
        for (let at = 0; at + 8 <= signature.length; at++) {
          expect(run.stderr.toLowerCase()).not.toContain(signature.slice(at, at + 8));
        }
      }
    },
  );

  test('each CI’s commands, as names, references, a server’s words and arguments', async () => {
    for (const text of GROUPS) {
      const server = await startFaultyServer(() => [
        answer(418, JSON.stringify({ error: { code: text, message: text } })),
      ]);
      const env = { ...stage.env, CONJUR_APPLIANCE_URL: server.url.origin, SECRETCTL_NO_CACHE: '1' };
      const runs = await Promise.all(
        [
          ['fetch', '--debug', '--format', 'json', `A=${text}`],
          ['fetch', '--dry-run', '--format', 'json', `A=${text}`, '-o', text],
          ['fetch', `${text}=a/b`],
          ['run', '--debug', 'A=a/b', '--', text],
          [text, `--${text}`],
        ].map((args) => runProgram(args, { cwd: stage.cwd, env })),
      );
      await server.close();
      for (const run of runs) {
        expect(`${run.stderr}${run.stdout}`).not.toBe('');
        expect(commandsIn(`${run.stderr}${run.stdout}`)).toEqual([]);
      }
    }
  });

  function expectHarmless(stderr: string, format: string): void {
    expect(commandsIn(stderr)).toEqual([]);
    if (format === 'json') expect(JSON.parse(stderr)).toMatchObject({ code: expect.any(Number) as number });
    // What a reader of the JSON prints must be harmless too.
    if (format === 'json')
      expect(
        Object.values(JSON.parse(stderr) as object)
          .flat()
          .join(''),
      ).not.toMatch(/[^\P{C}\n]/u);
  }
});
