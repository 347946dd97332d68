import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { runnerEnvironment } from '../support/ci-readers.ts';
import { script } from '../support/shell.ts';
import type { Stage } from '../support/stage.ts';
import { vector } from '../support/vectors.ts';

const VALUE = 'a first line\nENDOFVALUE\nPATH=/tmp\nsecretctl_00112233445566778899aabbccddeeff\n::add-mask::\n';

function environmentFile(stage: Stage): string {
  return path.join(stage.cwd, 'set_env');
}

/** The CI's file, with what an earlier step left in it. */
function github(stage: Stage): Record<string, string> {
  writeFileSync(environmentFile(stage), 'EARLIER=step', { mode: 0o644 });
  return { GITHUB_ACTIONS: 'true', GITHUB_ENV: environmentFile(stage) };
}

export default vector({
  row: 88,
  title: 'a value that would end its here-document, or give a command',
  cases: [
    {
      name: 'comes back whole, after what was there',
      secrets: new Map([['x', Buffer.from(VALUE)]]),
      before: github,
      run: script(
        'exec 2>log; secretctl fetch --format github-env A=x; code=$?; ' +
          'grep -q "^::add-mask::a first line%0AENDOFVALUE%0A" log || code=1; rm log; exit $code',
      ),
      exit: 0,
      stdout: '',
      after: (stage) => {
        const read = runnerEnvironment(readFileSync(environmentFile(stage), 'utf8'));
        expect(Object.fromEntries(read)).toEqual({ EARLIER: 'step', A: VALUE });
        expect(statSync(environmentFile(stage)).mode & 0o777).toBe(0o644);
      },
    },
    {
      name: 'masks first: where they are not heard, nothing is appended',
      before: github,
      run: script((stage) => {
        const log = path.join(stage.attic, 'log');
        return `secretctl fetch --format github-env A=prod/db/password 2>${log}; s=$?; cat ${log} >&2; exit $s`;
      }),
      exit: 73,
      reason: 'MASK_FAILED',
      after: (stage) => expect(readFileSync(environmentFile(stage), 'utf8')).toBe('EARLIER=step'),
    },
    {
      name: 'the weaker reader of Gitea is not given what it would lose',
      secrets: new Map([['x', Buffer.from('\nbegins with a line break')]]),
      before: (stage) => ({ ...github(stage), GITEA_ACTIONS: 'true' }),
      args: ['fetch', '--format', 'github-env', 'A=x'],
      exit: 65,
      reason: 'NOT_REPRESENTABLE',
      after: (stage) => expect(readFileSync(environmentFile(stage), 'utf8')).toBe('EARLIER=step'),
    },
    {
      name: 'without the file that it is for',
      args: ['fetch', '--format', 'github-env', 'A=prod/db/password'],
      exit: 64,
      reason: 'USAGE',
      says: [/GITHUB_ENV/, /-o FILE/],
      packets: 0,
    },
  ],
});
