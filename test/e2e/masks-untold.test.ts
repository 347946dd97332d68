import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobIn } from '../support/log-jobs.ts';
import type { Finished } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ secrets: new Map([['m/plain', Buffer.from('zq7-50%-plain::value')]]) });
});
afterAll(() => stage.close());

const job = (fixture: string, script: string, more: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  jobIn(stage, fixture, script, more);

describe('where a CI cannot be told', () => {
  const SAID = /^secretctl: warning: .* cannot be told at run time what to mask: .*secretctl run[^\n]*\n$/;

  test.each(['gitlab-in-a-pod', 'jenkins', 'circleci', 'bitbucket', 'drone-in-a-pod'])(
    '%s: fetch says so where a shell takes the value, run redacts',
    async (fixture) => {
      const fetched = await job(fixture, 'X=$(secretctl fetch --format raw m/plain) && printf %s "${#X}"');
      expect(fetched).toMatchObject({ exit: 0, stdout: Buffer.from('20') });
      expect(fetched.stderr).toMatch(SAID);
      expect(fetched.stderr).not.toContain('zq7');
      const run = await job(fixture, `secretctl run PLAIN=m/plain -- sh -c 'echo "it is $PLAIN"'`);
      expect(run).toMatchObject({ exit: 0, stdout: Buffer.from('it is [REDACTED]\n'), stderr: '' });
      const unredacted = await job(fixture, `secretctl run --mask=off PLAIN=m/plain -- true`);
      expect(unredacted.stderr).toMatch(/cannot be told at run time what to mask: nobody redacts/);
    },
  );

  /** Values that end in variables, of this shell or of later steps: anything may print them. */
  const EXPOSED: readonly (readonly [how: string, script: string])[] = [
    ['captured', 'X=$(secretctl fetch --format raw m/plain)'],
    ['captured as a text', `X=$(secretctl fetch --template t)`],
    ['captured as JSON, which is only then read', 'X=$(secretctl fetch --format json P=m/plain); test -n "$X"'],
    ['run by the shell', 'eval "$(secretctl fetch --format sh P=m/plain)"'],
    ['read by the shell through a pipe', 'secretctl fetch --format sh P=m/plain | { . /dev/stdin; test -n "$P"; }'],
    ['for later steps', 'secretctl fetch --format circleci P=m/plain'],
    ['for later steps, by messages', 'secretctl fetch --format teamcity --print-plaintext-to-log P=m/plain'],
  ];

  /** Values that are nobody's but the job's own: a warning on each run would only be noise. */
  const PRIVATE: readonly (readonly [how: string, script: string])[] = [
    ['a file', 'secretctl fetch --format raw -o out m/plain'],
    ['a file that is sourced', 'secretctl fetch --format sh -o out P=m/plain && . ./out && test -n "$P"'],
    ["the shell's own file", '(umask 077; secretctl fetch --format sh P=m/plain >out)'],
    ['a filled template', 'secretctl fetch --template t -o out'],
    ['a file of each', 'secretctl fetch --files out m/plain'],
    [
      'a file of each, their paths exported',
      'eval "$(secretctl fetch --files out --format sh P=m/plain)"; test -f "$P_FILE"',
    ],
    ['another program', 'secretctl fetch --format raw m/plain | wc -c'],
    ['another program, as JSON', 'secretctl fetch --format json P=m/plain | grep -c zq7'],
    ['the log, on request', 'secretctl fetch --format raw --print-plaintext-to-log m/plain'],
    ["a file in the place of the CI's own", 'secretctl fetch --format circleci -o out P=m/plain'],
  ];

  describe.each(['gitlab-in-a-pod', 'jenkins'])('%s', (fixture) => {
    const configured = (script: string): Promise<Finished> => {
      const log = path.join(stage.attic, 'bash-env');
      writeFileSync(path.join(stage.cwd, 'secretctl.yaml'), 'secrets: { P: m/plain }\n', { mode: 0o600 });
      writeFileSync(path.join(stage.cwd, 't'), 'it is {{P}}\n');
      return job(fixture, `${script}; code=$?; rm -rf out; exit $code`, { BASH_ENV: log });
    };

    test.each(EXPOSED)('%s: said, once', async (_how, script) => {
      expect(await configured(script)).toMatchObject({ exit: 0, stderr: expect.stringMatching(SAID) });
    });

    test.each(PRIVATE)('%s: nothing is said', async (_how, script) => {
      expect(await configured(script)).toMatchObject({ exit: 0, stderr: '' });
    });

    test('under --debug it is a fact of each run', async () => {
      const { exit, stderr } = await configured('secretctl fetch --debug --format raw -o out m/plain');
      expect({ exit, stderr }).toMatchObject({
        exit: 0,
        stderr: expect.stringMatching(/^secretctl: debug: masks .*told=false$/m),
      });
      expect(stderr).not.toMatch(/warning|zq7/);
    });
  });

  const isOnPath = (shell: string): boolean => spawnSync(shell.split(' ', 1)[0] ?? '', ['-c', ':']).error === undefined;
  const shells = ['dash', 'bash', 'busybox sh', 'zsh', 'mksh'].map((shell) => [shell, isOnPath(shell)] as const);
  for (const [shell, isHere] of shells) {
    test.skipIf(process.platform !== 'linux' || (!isHere && process.env['CI'] !== 'true'))(
      `what ${shell} captures is seen, what it pipes to another program is not`,
      async () => {
        const inside = (script: string): Promise<Finished> => job('jenkins', `${shell} -c '${script}; exit $?'`);
        const captured = await inside('X=$(secretctl fetch --format raw m/plain) && test "$X" && unset X');
        expect(captured).toMatchObject({ exit: 0, stderr: expect.stringMatching(SAID) });
        const piped = await inside('secretctl fetch --format raw m/plain | wc -c');
        expect(piped).toMatchObject({ exit: 0, stderr: '' });
      },
    );
  }

  test('on a laptop nothing is said', async () => {
    expect(await job('laptop', 'X=$(secretctl fetch --format raw m/plain)')).toMatchObject({ exit: 0, stderr: '' });
  });
});
