import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import type { Reason } from '../../src/lib/errors.ts';
import { productOf } from '../support/own-values.ts';
import type { Finished } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

// The rows of the hostile list that concern HTTP and values, for every product; its other rows concern none in particular.

type Place = 'exchange' | 'read';

/** One row at one place: what is done to the answer, and the reasons that are right for it. */
interface Row {
  readonly row: number;
  readonly title: string;
  readonly fault: string;
  /** A server that speaks XML, or a value without any form, has no JSON to break. */
  readonly reasons: readonly (Reason | 'none')[];
  readonly at: readonly Place[];
}

const BOTH: readonly Place[] = ['exchange', 'read'];
const HOSTILE = '\u001b[31m::set-env name=x::y ##vso[task.x]z';
const JSON_BODY = '200;type=application/json;body=';

const ROWS: readonly Row[] = [
  { row: 52, title: 'a redirect', fault: 'redirect', reasons: ['REDIRECT_REFUSED'], at: BOTH },
  { row: 59, title: 'a long Retry-After', fault: '429;retry-after=3600', reasons: ['RATE_LIMITED'], at: ['exchange'] },
  { row: 66, title: 'an endless body', fault: 'bigbody', reasons: ['RESPONSE_TOO_BIG'], at: ['read'] },
  { row: 67, title: 'compression', fault: 'gzip', reasons: ['ENCODING_REFUSED'], at: ['read'] },
  { row: 68, title: 'a body cut', fault: 'cut', reasons: ['TRUNCATED'], at: ['read'] },
  { row: 69, title: 'a body without an end of its own', fault: 'noframing', reasons: ['FRAMING'], at: ['read'] },
  { row: 71, title: 'a login page', fault: 'html', reasons: ['NOT_THE_API'], at: BOTH },
  { row: 72, title: 'nothing', fault: 'empty', reasons: ['UNEXPECTED_ANSWER'], at: ['read'] },
  { row: 73, title: 'broken JSON', fault: 'badjson', reasons: ['BAD_JSON', 'UNEXPECTED_ANSWER'], at: BOTH },
  { row: 78, title: 'hostile words', fault: `401;error=${HOSTILE}`, reasons: ['AUTH_REFUSED'], at: ['exchange'] },
];

/** The same at the other place, and what takes long or is close to another row. */
const MORE_ROWS: readonly Row[] = [
  { row: 59, title: 'a long Retry-After', fault: '429;retry-after=3600', reasons: ['RATE_LIMITED'], at: ['read'] },
  { row: 66, title: 'an endless body', fault: 'bigbody', reasons: ['RESPONSE_TOO_BIG'], at: ['exchange'] },
  { row: 69, title: 'a body without an end of its own', fault: 'noframing', reasons: ['FRAMING'], at: ['exchange'] },
  { row: 72, title: 'nothing', fault: 'empty', reasons: ['UNEXPECTED_ANSWER'], at: ['exchange'] },
  { row: 57, title: 'a request that is refused', fault: '422', reasons: ['BAD_REQUEST', 'AUTH_REFUSED'], at: ['read'] },
  { row: 62, title: 'a server that is down', fault: '503', reasons: ['UNAVAILABLE'], at: BOTH },
  { row: 67, title: 'compression', fault: 'gzip', reasons: ['ENCODING_REFUSED'], at: ['exchange'] },
  { row: 68, title: 'a body cut', fault: 'cut', reasons: ['TRUNCATED'], at: ['exchange'] },
  { row: 70, title: 'resets without end', fault: 'reset', reasons: ['CONNECTION_LOST'], at: BOTH },
  {
    row: 74,
    title: 'deep JSON',
    fault: `${JSON_BODY}${'['.repeat(60_000)}`,
    reasons: ['BAD_JSON', 'UNEXPECTED_ANSWER'],
    at: ['exchange'],
  },
  {
    row: 76,
    title: 'odd tokens',
    fault: `${JSON_BODY}{"access_token":"a\\nb"}`,
    reasons: ['UNEXPECTED_ANSWER'],
    at: ['exchange'],
  },
];

const ALL = process.env['CAMPAIGN'] === 'long' ? [...ROWS, ...MORE_ROWS] : ROWS;

/** What these products mean by it. */
const OTHERWISE: Readonly<Record<string, Readonly<Record<number, readonly Reason[]>>>> = {
  // Too many requests lock an address out, and whoever is not logged in gets the login page.
  fortipam: { 59: ['LOCKED_OUT'], 71: ['AUTH_REFUSED'] },
  http: { 59: ['RATE_LIMITED', 'LOCKED_OUT'], 71: ['AUTH_REFUSED'] },
};

/** Awkward values, and one that is no text. */
const VALUES: Readonly<Record<string, Buffer>> = {
  newline: Buffer.from('a\nb\n'),
  crlf: Buffer.from('a\r\nb'),
  quotes: Buffer.from(`it's "quoted"`),
  dollar: Buffer.from('$HOME `id` $(id)'),
  backslash: Buffer.from('a\\nb\\'),
  hash: Buffer.from('#a # b'),
  spaces: Buffer.from('  a  '),
  emoji: Buffer.from('\u{1f511} key'),
};
const BINARY = Buffer.from([0, 255, 254, 0, 10, 13, 128]);

for (const { type } of BACKENDS) {
  const { readsNothing = false, ownValues } = await productOf(type);
  for (const { row, title, fault, reasons, at } of ALL) {
    for (const place of at.filter((one) => one === 'exchange' || !readsNothing)) {
      test.concurrent(`${type}: row ${row}, ${title} at the ${place}`, { timeout: 120_000 }, async () => {
        await onStage({ backend: type, faults: [`${place}:${fault}`] }, async (stage) => {
          const { exit, stdout, stderr, leaks } = await fetchOne(stage);
          const reason = /error\[(\w+)\]/.exec(stderr)?.[1] ?? 'none';
          expect({ exit, reason, stdout, stderr }).toMatchObject({
            reason: expect.toBeOneOf([...(OTHERWISE[type]?.[row] ?? reasons)]) as string,
            stdout: '',
          });
          expect(exit).toBeGreaterThan(64);
          expect(leaks).toEqual([]);
          expect(stderr).not.toMatch(/[^\P{C}\n]|::set-env|##vso\[/u);
        });
      });
    }
  }

  const isHoldingAnything = ownValues === undefined;
  test.skipIf(!isHoldingAnything)(
    `${type}: row 81, awkward values come back exactly`,
    { timeout: 120_000 },
    async () => {
      const secrets = new Map(Object.entries(VALUES).map(([name, value]) => [`odd/${name}`, value]));
      await onStage({ backend: type, secrets }, async (stage) => {
        const wanted = Object.keys(VALUES).map((name) => `${name.toUpperCase()}=odd/${name}`);
        const { exit, stdout, stderr } = await run(stage, ['fetch', '--format', 'json', ...wanted]);
        expect({ exit, stderr }).toMatchObject({ exit: 0 });
        const entries = Object.entries(VALUES).map(([name, value]) => [name.toUpperCase(), value.toString()]);
        expect(JSON.parse(stdout.toString())).toEqual(Object.fromEntries(entries));
      });
    },
  );

  test.skipIf(!isHoldingAnything || readsNothing)(
    `${type}: row 84, bytes that are no text`,
    { timeout: 120_000 },
    async () => {
      await onStage({ backend: type, secrets: new Map([['odd/binary', BINARY]]) }, async (stage) => {
        const { exit, stdout, stderr } = await run(stage, ['fetch', '--format', 'raw', 'A=odd/binary']);
        expect({ exit, stderr }).toMatchObject({ exit: 0 });
        expect(stdout.toString('latin1')).toBe(BINARY.toString('latin1'));
      });
    },
  );
}

async function onStage(options: Parameters<typeof openStage>[0], work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage(options);
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
}

/** What these servers need cannot all be said in variables: a recipe is a document, FortiPAM has to be told what is base64. */
const CONFIGURED: ReadonlySet<unknown> = new Set(['http', 'fortipam']);

async function run(stage: Stage, args: readonly string[]): Promise<Finished> {
  const configuration = stage.rehearsal.configuration();
  if (!CONFIGURED.has(configuration['type'])) return stage.run(args);
  const file = path.join(stage.attic, 'secretctl.yaml');
  writeFileSync(file, JSON.stringify({ backends: { main: configuration } }));
  return stage.run([...args, '--config', file], { env: { SECRETCTL_URL: undefined, SECRETCTL_BACKEND: undefined } });
}

async function fetchOne(
  stage: Stage,
): Promise<{ exit: number | null; stdout: string; stderr: string; leaks: readonly unknown[] }> {
  const finished = await run(stage, ['fetch', '--format', 'json', 'A=prod/db/password', 'B=prod/db/url']);
  const { exit, stdout, stderr } = finished;
  return { exit, stdout: stdout.toString(), stderr, leaks: stage.leaks(finished, []) };
}
