import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary, findLeaks } from '../support/canaries.ts';
import { MASK_READERS, maskedBy } from '../support/ci-maskers.ts';
import { jobIn } from '../support/log-jobs.ts';
import type { Finished } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    secrets: new Map([
      ...Object.entries(VALUES).map(([name, value]) => [`m/${name.toLowerCase()}`, Buffer.from(value)] as const),
      ['m/quoted', Buffer.from(QUOTED)],
      ['m/lines', Buffer.from(PARTS.map((part) => `"${part}" is it`).join('\n'))],
    ]),
  });
});
afterAll(() => stage.close());

/** Values that nothing else in a log has. */
const VALUES = {
  PLAIN: 'zq7-50%-plain::value',
  PEM: '-----BEGIN ZQ KEY-----\nMIIZQaZQbZQcZQd+/==\n-----END ZQ KEY-----\n',
  JSON: '{\n  "zqkey": "zq%0Avalue"\n}',
  // Would itself be a command.
  COMMAND: '##vso[task.debug]zqcommand',
} as const;

const PIECES = ['zq7-50%-plain::value', 'MIIZQaZQbZQcZQd+/==', '"zqkey": "zq%0Avalue"', 'zqcommand'];
const REFERENCES = Object.keys(VALUES).map((name) => `${name}=m/${name.toLowerCase()}`);

/** One job of this CI, where the whole of the log comes through one pipe unless it is told apart. */
const job = (fixture: string, script: string): Promise<Finished> => jobIn(stage, fixture, script);

const PRINTING: readonly (readonly [how: string, script: string])[] = [
  ['captured and echoed', `X=$(secretctl fetch --format sh ${REFERENCES.join(' ')}) && echo "$X"`],
  [
    'in a file that is shown',
    `secretctl fetch --format raw -o out m/pem && cat out && secretctl fetch -o out m/json m/plain m/command --format sh && cat out; rm -f out`,
  ],
  [
    'by a command whose output is its own',
    `secretctl run --mask=off ${REFERENCES.join(' ')} -- sh -c 'echo "$PLAIN"; echo "$PEM"; echo "$JSON"; echo "$COMMAND"'`,
  ],
  ['into the log, on request', `secretctl fetch --print-plaintext-to-log --format sh ${REFERENCES.join(' ')}`],
];

/** What no format writes as it stands, in one line; its parts are canaries. */
const PARTS = [canary(), canary(), canary()] as const;
const QUOTED = `${PARTS[0]}'${PARTS[1]}"\\&${PARTS[2]}`;

/** How it is written, and how a job comes to print that. */
const SPELLED: readonly (readonly [how: string, script: string, spelling: string])[] = [
  ['JSON', 'X=$(secretctl fetch --format json Q=m/quoted) && printf "%s\\n" "$X"', JSON.stringify(QUOTED)],
  ['a shell', 'X=$(secretctl fetch --format sh Q=m/quoted) && printf "%s\\n" "$X"', QUOTED.replace("'", "'\\''")],
  ['base64', 'secretctl fetch --encode base64 -o out m/quoted && cat out', Buffer.from(QUOTED).toString('base64')],
  [
    'base64 in files',
    'secretctl fetch --encode base64 --files out Q=m/quoted && cat out/Q',
    Buffer.from(QUOTED).toString('base64'),
  ],
  [
    'a template',
    "printf '{{Q | url | json}}' >t; secretctl fetch --template t -o out Q=m/quoted && cat out",
    encodeURIComponent(QUOTED).replace("'", '%27'),
  ],
];

describe.each(Object.entries(MASK_READERS))('%s', (_name, reader) => {
  test('hears of the masks behind a line that somebody else began', async () => {
    const script = 'printf "Fetching a password ... "; X=$(secretctl fetch --format raw m/plain) && echo "it is $X"';
    const { exit, stdout } = await job(reader.fixture, `exec 2>&1; ${script}`);
    expect({ exit, stream: stdout.toString() }).toMatchObject({
      exit: 0,
      stream: expect.stringContaining('it is zq7'),
    });
    expect(maskedBy(reader, stdout.toString()).log).not.toContain('zq7');
  });

  test("hears of lines as they are written: `echo` of dash makes line breaks of JSON's", async () => {
    const script = 'X=$(secretctl fetch --format json L=m/lines) && echo "$X"';
    const { exit, stdout } = await job(reader.fixture, `exec 2>&1; ${script}`);
    expect({ exit, stream: stdout.toString() }).toMatchObject({ exit: 0 });
    const { log } = maskedBy(reader, stdout.toString());
    expect(log).toMatch(/^ {2}"L": "[^]*"$/m);
    expect(findLeaks('log', log, PARTS)).toEqual([]);
  });

  test.each(SPELLED)('hears of a value as it is written before it comes: for %s', async (_how, script, spelling) => {
    const { exit, stdout } = await job(reader.fixture, `exec 2>&1; ${script}; code=$?; rm -rf out t; exit $code`);
    const stream = stdout.toString();
    expect({ exit, stream }).toMatchObject({ exit: 0 });
    expect(stream).toContain(spelling);
    const { log } = maskedBy(reader, stream);
    expect(findLeaks('log', log, PARTS)).toEqual([]);
    expect(log).not.toContain(spelling);
  });

  test.each(PRINTING)('hears of the masks before a value comes: %s', async (_how, script) => {
    const { exit, stdout } = await job(reader.fixture, `exec 2>&1; ${script}`);
    const stream = stdout.toString();
    expect({ exit, stream }).toMatchObject({ exit: 0 });
    const { log } = maskedBy(reader, stream);
    for (const piece of PIECES) {
      expect(stream.indexOf(piece), 'the value is printed').toBeGreaterThan(-1);
      // What Azure's agent takes for a command, it does not show.
      for (const word of reader.fixture === 'spacelift' ? piece.split(' ') : [piece]) expect(log).not.toContain(word);
    }
  });

  test.each([
    ['closed', '2>&-'],
    ['/dev/null', '2>/dev/null'],
    ['a full disk', '2>/dev/full'],
    ['a file', '2>errors'],
    ['what captures the values', '2>&1'],
  ])('stderr is %s: MASK_FAILED, and nothing of a value anywhere', async (_what, redirected) => {
    const script = `X=$(secretctl fetch --format raw m/plain ${redirected}); code=$?; printf '%s\\n' "$X"; cat errors 2>/dev/null; rm -f errors; exit $code`;
    const { exit, stdout, stderr } = await job(reader.fixture, script);
    expect({ exit, stdout: stdout.toString() }).toMatchObject({ exit: 73 });
    expect(`${stdout}${stderr}`).not.toContain('zq7');
  });

  test('another program would read the masks: MASK_FAILED, and nothing of a value anywhere', async () => {
    const fetch = 'secretctl fetch --format raw -o out m/plain';
    const script = `${fetch} 2>&1 >/dev/null | tee seen; test ! -e out && grep -q MASK_FAILED seen; code=$?; rm -f out seen; exit $code`;
    const { exit, stdout, stderr } = await job(reader.fixture, script);
    expect({ exit, stdout: stdout.toString() }).toMatchObject({ exit: 0 });
    expect(`${stdout}${stderr}`).not.toContain('zq7');
  });
});

describe.skipIf(process.platform !== 'linux')('a stderr that takes nothing', () => {
  const CAPTURED = 'X=$(secretctl fetch --timeout 4s --format raw m/plain); code=$?; printf %s "$X"; exit $code';

  test('because nobody reads it: MASK_FAILED in half of the time, and an end', async () => {
    const fill = 'dd if=/dev/zero bs=4096 oflag=nonblock >&3 2>/dev/null';
    const script = `mkfifo full; exec 3<>full; exec 2>full; ${fill}; ${CAPTURED}`;
    const { exit, stdout } = await job('github', script);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 73, stdout: '' });
    stage.tidy();
  });

  test('because its reader went away: MASK_FAILED', async () => {
    const script = `mkfifo gone; exec 3<>gone; exec 2>gone 3>&-; ${CAPTURED}`;
    const { exit, stdout } = await job('github', script);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 73, stdout: '' });
    stage.tidy();
  });
});

describe('Buildkite', () => {
  /** An agent that notes what it is given where the log of the job is, so that the order shows; the path of both. */
  function withAgent(then: string): string {
    const log = path.join(stage.attic, 'log');
    const file = path.join(path.dirname(stage.cwd), 'bin/buildkite-agent');
    const note = '{ printf "told %s " "$*"; cat; echo; }';
    writeFileSync(file, `#!/bin/sh\n${note} >>'${log}'\n${then}\n`);
    chmodSync(file, 0o755);
    writeFileSync(log, '');
    return log;
  }

  test.each(PRINTING)('its agent is told before a value comes: %s', async (_how, script) => {
    const log = withAgent('exit 0');
    const { exit } = await job('buildkite', `exec >>'${log}' 2>&1; ${script}`);
    const written = readFileSync(log, 'utf8');
    expect({ exit, written }).toMatchObject({ exit: 0 });
    const told: string[] = [];
    for (const line of written.split('\n')) {
      if (line.startsWith('told ')) told.push(...givenIn(line));
      else for (const piece of PIECES.filter((one) => line.includes(one))) expect(told.join('\0')).toContain(piece);
    }
    expect(told).toEqual(expect.arrayContaining(Object.values(VALUES)));
  });

  test.each(SPELLED)('its agent is told of a value as it is written: for %s', async (_how, script, spelling) => {
    const log = withAgent('exit 0');
    const { exit } = await job('buildkite', `exec >>'${log}' 2>&1; ${script}; code=$?; rm -rf out t; exit $code`);
    const lines = readFileSync(log, 'utf8').split('\n');
    expect({ exit, lines }).toMatchObject({ exit: 0 });
    const at = lines.findIndex((line) => line.startsWith('told '));
    const told = givenIn(lines[at] ?? '').toSorted((one, two) => two.length - one.length);
    const printed = lines.slice(at + 1).join('\n');
    expect(printed).toContain(spelling);
    const shown = told.reduce((text, one) => text.replaceAll(one, '[REDACTED]'), printed);
    expect(findLeaks('log', lines.slice(0, at).join('\n') + shown, PARTS)).toEqual([]);
  });

  test('an agent that fails: MASK_FAILED, nothing printed', async () => {
    withAgent('exit 1');
    const script = 'X=$(secretctl fetch --format raw m/plain); code=$?; printf %s "$X"; exit $code';
    const { exit, stdout, stderr } = await job('buildkite', script);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 73, stdout: '' });
    expect(stderr).toMatch(/MASK_FAILED.*ended with exit code 1/);
    expect(stderr).not.toContain('zq7');
  });

  function givenIn(line: string): string[] {
    const prefix = 'told redactor add --format json ';
    expect(line.startsWith(prefix)).toBe(true);
    return Object.values(JSON.parse(line.slice(prefix.length)) as Record<string, string>);
  }
});

test.each(['fetch --format sh -o out', 'run -- true'])(
  '%s: a default of the configuration, which everybody may read, is neither masked nor named',
  async (how) => {
    const flag = 'FLAG: { ref: m/none, optional: true, default: "off" }';
    const host = 'HOST: { ref: m/nowhere, optional: true, default: "zq.example.com" }';
    writeFileSync(path.join(stage.cwd, 'secretctl.yaml'), `secrets: { ${flag}, ${host} }\n`, { mode: 0o600 });
    const { exit, stderr } = await job('azure', `secretctl ${how}; code=$?; rm -f out; exit $code`);
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    expect(stderr.replaceAll(/^##vso\[task\.setsecret\]\{"protected.*\n/gm, '')).toBe('');
  },
);
