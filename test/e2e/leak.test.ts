import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';

const COMMANDS: readonly (readonly string[])[] = [
  [
    'fetch',
    '--format',
    'json',
    '-o',
    'out',
    'A=prod/db/password',
    'B=prod/tls/key',
    'C=prod/quoted',
    'D=prod/db#password',
  ],
  ['fetch', '--format', 'dotenv', '-o', 'out', 'A=prod/quoted'],
  ['fetch', '--format', 'raw', '-o', 'out', 'A=prod/binary'],
  ['fetch', '--format', 'json', '-o', 'out', 'A=prod/binary'],
  ['fetch', '--format', 'json', '-o', 'out', 'A=prod/db/password#field', 'B=prod/nothing'],
  ['fetch', '--format', 'sh', '-o', 'no/such/directory/out', 'A=prod/db/password'],
  ['login'],
  ['logout'],
];

/** What a run may be told; where nothing goes wrong every way is tried, otherwise the one that says most. */
const WAYS: readonly (readonly string[])[] = [[], ['--debug'], ['--debug', '--error-format', 'json'], ['--dry-run']];
const TALKATIVE = [['--debug']];

/** Of the commands, those that go furthest. */
const FURTHEST = COMMANDS.slice(0, 3);

const FAULTS: readonly (readonly string[])[] = [
  [],
  ['exchange:401'],
  ['exchange:badjson'],
  ['exchange:html'],
  ['read:401'],
  ['read:403'],
  ['read:500;error=the server says too much'],
  ['read:badjson'],
  ['read:cut'],
  ['read:redirect'],
  ['read:bigbody'],
];

for (const faults of FAULTS) {
  for (const backend of ['conjur', 'fortipam', 'vault']) {
    let stage: Stage;
    const what = `${backend}, ${faults[0] ?? 'no fault'}`;

    beforeAll(async () => {
      stage = await openStage({ faults, backend });
    });
    afterAll(() => stage.close());

    test(
      `no canary in stderr, in files nobody asked for, in the arguments of children: ${what}`,
      { timeout: 120_000 },
      async () => {
        for (const command of faults.length === 0 ? COMMANDS : FURTHEST) {
          for (const flags of faults.length === 0 ? WAYS : TALKATIVE) {
            const [name = '', ...rest] = command;
            const finished = await stage.run([name, ...flags, '--timeout', '5s', ...rest], {
              env: { SECRETCTL_DEBUG: '1' },
            });
            const asked = finished.exit === 0 ? [`${stage.cwd}/out`] : [];
            expect(stage.leaks(finished, asked), `${[name, ...flags, ...rest].join(' ')}: ${finished.exit}`).toEqual(
              [],
            );
            if (flags.includes('--dry-run')) expect(stage.leaksIn(finished.stdout)).toEqual([]);
            else expect(finished.stdout.toString()).toBe('');
            stage.tidy();
          }
        }
      },
    );
  }
}
