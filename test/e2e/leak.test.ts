import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { ownValuesOf } from '../support/own-values.ts';
import type { Finished } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** `#FIELD` stands for one that the values have. */
/** A command that says all that it knows, on both streams, in the ways in which scripts say it. */
const TELL_ALL = [
  'env',
  'for value in "$A" "$B" "$C" "$D"; do',
  'echo "$value"; printf %s "$value" >&2; echo $value; printf %s "$value" | base64; printf %s "$value" | base64 -w0',
  'done',
  'set -x; : "$A" "$B" "$C" "$D"',
].join('\n');

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
    'D=prod/db#FIELD',
  ],
  ['fetch', '--format', 'dotenv', '-o', 'out', 'A=prod/quoted'],
  ['fetch', '--format', 'raw', '-o', 'out', 'A=prod/binary'],
  ['fetch', '--format', 'json', '-o', 'out', 'A=prod/binary'],
  ['fetch', '--format', 'json', '-o', 'out', 'A=prod/db/password#field', 'B=prod/nothing'],
  ['fetch', '--format', 'sh', '-o', 'no/such/directory/out', 'A=prod/db/password'],
  ['run', 'A=prod/db/password', 'B=prod/tls/key', 'C=prod/quoted', 'D=prod/db#password', '--', 'sh', '-c', TELL_ALL],
  ['run', 'A=prod/binary', '--', 'sh', '-c', TELL_ALL],
  [
    'mask',
    'A=prod/db/password',
    'B=prod/tls/key',
    'C=prod/quoted',
    'D=prod/db',
    'E=prod/binary',
    'F=prod/db/url',
    '--env',
    'G',
  ],
  ['login'],
  ['logout'],
];

/** What a run may be told; where nothing goes wrong every way is tried, otherwise the one that says most. */
const WAYS: readonly (readonly string[])[] = [[], ['--debug'], ['--debug', '--error-format', 'json'], ['--dry-run']];
const TALKATIVE = [['--debug']];

/** Of the commands, those that go furthest. */
const FURTHEST = [
  ...COMMANDS.slice(0, 3),
  ...COMMANDS.filter(([name, first]) => (name === 'run' || name === 'mask') && first !== 'A=prod/binary'),
];

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
  for (const { type } of BACKENDS) {
    const title = `${type}, ${faults[0] ?? 'no fault'}: no canary in stderr, in files nobody asked for, in children's arguments`;
    test.concurrent(title, { timeout: 240_000 }, async () => {
      const stage = await openStage({ faults, backend: type });
      try {
        await expectNoLeaks(stage, { isFine: faults.length === 0, type, field: await fieldOf(type, stage) });
      } finally {
        await stage.close();
      }
    });
  }
}

/** A field that a value of this product has. */
async function fieldOf(type: string, stage: Stage): Promise<string> {
  const own = await ownValuesOf(type);
  const [field] = Object.keys(own?.fieldsOf(stage.secrets.get('prod/db') ?? Buffer.alloc(0)) ?? {});
  return field ?? 'password';
}

/** What a filter may be given: every value, as it is and in base64. */
function everythingOf({ secrets }: Stage): Buffer {
  const values = [...secrets.values()].flatMap((value) => [value, Buffer.from(value.toString('base64'))]);
  return Buffer.concat(values.flatMap((value) => [value, Buffer.from('\n')]));
}

interface Expected {
  /** Nothing goes wrong at the server. */
  readonly isFine: boolean;
  readonly type: string;
  readonly field: string;
}

/** A backend whose every command ends before it has a secret would leak none. */
function expectSuccess({ exit, stderr }: Finished): void {
  expect(`${exit} ${stderr}`).toMatch(/^0 /);
}

/** What no variable says of a backend, in a file: which recipe it is. */
function configurationOf({ attic, rehearsal }: Stage, backend: string): Readonly<Record<string, string>> {
  if (backend !== 'http') return {};
  const file = path.join(attic, 'secretctl.yaml');
  writeFileSync(file, JSON.stringify({ backends: { [backend]: rehearsal.configuration() } }), { mode: 0o600 });
  return { SECRETCTL_CONFIG: file };
}

async function expectNoLeaks(stage: Stage, { isFine, field, type }: Expected): Promise<void> {
  const configuration = configurationOf(stage, type);
  for (const command of isFine ? COMMANDS : FURTHEST) {
    const [name = '', ...rest] = command;
    for (const flags of isFine ? WAYS : TALKATIVE) {
      const args = [name, ...flags, '--timeout', '5s', ...rest].map((one) => one.replace('#FIELD', `#${field}`));
      const finished = await stage.run(args, {
        env: { SECRETCTL_DEBUG: '1', ...configuration, G: 'hunter2-hunter2' },
        ...(name === 'mask' && { stdin: everythingOf(stage) }),
      });
      if (isFine && command === COMMANDS[0]) expectSuccess(finished);
      const asked = finished.exit === 0 ? [`${stage.cwd}/out`] : [];
      expect(stage.leaks(finished, asked), `${args.join(' ')}: ${finished.exit}`).toEqual([]);
      if (mayPrint(name, flags)) expect(stage.leaksIn(finished.stdout)).toEqual([]);
      else expect(finished.stdout.toString()).toBe('');
      stage.tidy();
    }
  }
}

/** Whether it prints something of its own, or of what it is given. */
function mayPrint(name: string, flags: readonly string[]): boolean {
  return name === 'run' || name === 'mask' || flags.includes('--dry-run');
}
