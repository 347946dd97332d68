import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { ownValuesOf } from '../support/own-values.ts';
import type { Finished } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** A command that says all that it knows, on both streams, in the ways in which scripts say it. */
const TELL_ALL = [
  'env',
  'for value in "$A" "$B" "$C" "$D"; do',
  'echo "$value"; printf %s "$value" >&2; echo $value; printf %s "$value" | base64; printf %s "$value" | base64 -w0',
  'done',
  'set -x; : "$A" "$B" "$C" "$D"',
].join('\n');

/** `#FIELD` stands for one that the values have. */
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

/** What a run may be told. */
const WAYS: readonly (readonly string[])[] = [[], ['--debug'], ['--debug', '--error-format', 'json'], ['--dry-run']];

/** The ways that say most: errors as text, and as JSON. */
const [, AS_TEXT = [], AS_JSON = [], DRY = []] = WAYS;

const IS_CAMPAIGN = process.env['CAMPAIGN'] === 'long';

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

/** Product whose every command is tried always, those of the others in a campaign: what the program itself does is the same. */
const THOROUGH = 'conjur';

for (const [fault, faults] of FAULTS.entries()) {
  for (const [row, { type }] of BACKENDS.entries()) {
    const title = `${type}, ${faults[0] ?? 'no fault'}: no canary in stderr, in files nobody asked for, in children's arguments`;
    test.concurrent(title, { timeout: 240_000 }, async () => {
      const isFine = fault === 0;
      const stage = await openStage({ faults, backend: type });
      try {
        const runs = isFine ? fineRuns(type) : faultyRuns(fault + row);
        await expectNoLeaks(stage, { runs, isFine, type, field: await fieldOf(type, stage) });
      } finally {
        await stage.close();
      }
    });
  }
}

/** A command, and the way in which it is told. */
type Run = readonly [command: readonly string[], way: readonly string[]];

/** The plan, and each command that asks a product for other things than the one before, saying as much as it can. */
function fineRuns(type: string): readonly Run[] {
  if (IS_CAMPAIGN || type === THOROUGH)
    return COMMANDS.flatMap((command) => WAYS.map((way) => [command, way] as const));
  const [all = [], , binary = [], , missing = [], , ...others] = COMMANDS;
  const told = [all, binary, ...others.filter(([, first]) => first !== 'A=prod/binary')];
  return [[all, DRY], ...told.map((command) => [command, AS_TEXT] as const), [missing, AS_JSON]];
}

/** Those that go furthest; of them one by turns, so that every fault meets each, and every product each in both ways. */
function faultyRuns(turn: number): readonly Run[] {
  if (IS_CAMPAIGN) return FURTHEST.map((command) => [command, AS_TEXT] as const);
  return [[FURTHEST[turn % FURTHEST.length] ?? [], turn % 2 === 0 ? AS_TEXT : AS_JSON]];
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
  readonly runs: readonly Run[];
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

async function expectNoLeaks(stage: Stage, { runs, isFine, field, type }: Expected): Promise<void> {
  const configuration = configurationOf(stage, type);
  for (const [command, way] of runs) {
    const [name = '', ...rest] = command;
    const args = [name, ...way, ...(isFine ? [] : ['--timeout', '5s']), ...rest].map((one) =>
      one.replace('#FIELD', `#${field}`),
    );
    const finished = await stage.run(args, {
      env: { SECRETCTL_DEBUG: '1', ...configuration, G: 'hunter2-hunter2' },
      ...(name === 'mask' && { stdin: everythingOf(stage) }),
    });
    if (isFine && command === COMMANDS[0]) expectSuccess(finished);
    const asked = finished.exit === 0 ? [`${stage.cwd}/out`] : [];
    expect(stage.leaks(finished, asked), `${args.join(' ')}: ${finished.exit}`).toEqual([]);
    if (mayPrint(name, way)) expect(stage.leaksIn(finished.stdout)).toEqual([]);
    else expect(finished.stdout.toString()).toBe('');
    stage.tidy();
  }
}

/** Whether it prints something of its own, or of what it is given. */
function mayPrint(name: string, flags: readonly string[]): boolean {
  return name === 'run' || name === 'mask' || flags.includes('--dry-run');
}
