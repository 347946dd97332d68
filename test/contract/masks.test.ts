import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeSecrets, FORMATS } from '../../src/formats/index.ts';
import { parseTemplate } from '../../src/formats/template.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import type { Secret } from '../../src/lib/secrets.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import { registerMasks } from '../../src/output/index.ts';
import type { HiddenValue } from '../../src/output/types.ts';
import { platformOf } from '../../src/sources/index.ts';
import { canary, findLeaks } from '../support/canaries.ts';
import { CI_FIXTURES } from '../support/ci-jobs.ts';
import { MASK_READERS, maskedBy, type MaskReader, withProxy } from '../support/ci-maskers.ts';
import { circumstances } from '../support/round-trip.ts';
import { invocationIn } from '../support/sink-invocation.ts';

// Nothing in this file knows a format or a CI: a new row of either table is held to all of it.

/** What some format writes in another way or not at all, between runs of characters that nothing else has. */
const ODD = [
  ...`' " \\ $ % & < > | [ ] # = ; ^ ~ ! * ? { } ( ) / + ,`.split(' '),
  '`',
  '${',
  '%{',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\u2018',
  '\u0007',
  'é',
  '漢',
  '😀',
];
const VALUES = [...ODD, ODD.filter((odd) => !/[\r\n]/.test(odd)).join('x')];

/** A value, and all of it that must not be read. */
interface Hidden {
  readonly secret: Secret;
  readonly canaries: readonly string[];
}

function hiddenWith(odd: string): Hidden {
  const canaries = [canary(), canary(), canary()];
  const text = `${canaries[0]}${odd}${canaries[1]}${odd}${canaries[2]}`;
  return { secret: { name: 'A', value: new Sensitive(text), reference: 'prod/a' }, canaries };
}

/** What is printed of one value, and what the CI is told besides the value. */
interface Printed extends Hidden {
  readonly output: Buffer;
  readonly written: readonly HiddenValue[];
}

/** The log of a job: the masks of all values, and then what is printed of them. */
async function logOf(reader: MaskReader, printed: readonly Printed[]): Promise<string> {
  const env = CI_FIXTURES.find(({ name }) => name === reader.fixture)?.env ?? {};
  const stderr = new PassThrough({ highWaterMark: 1 << 24 });
  const invocation = invocationIn('/', { env, stderr, ...withProxy(invocationIn('/').runtime) });
  const secrets = printed.map(({ secret }) => secret);
  const written = (): HiddenValue[] => printed.flatMap((one) => one.written);
  expect(await registerMasks({ ci: platformOf(env)?.key, secrets, tokens: [], written }, invocation)).toBe(true);
  const masks = String((stderr.read() as Buffer | null) ?? '');
  const shown = printed.map(({ output }) => `${output}\n`).join('');
  // Azure's agent takes its commands out.
  return maskedBy(reader, masks + shown.replaceAll(/^##vso\[task\.setvariable.*/gm, '')).log;
}

/** The output for a value; undefined where it cannot be written in that way. */
function attempted(write: () => Buffer): Buffer | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof SecretctlError && error.reason === 'NOT_REPRESENTABLE') return undefined;
    throw error;
  }
}

describe.each(FORMATS.map((format) => [format.name, format] as const))('%s', async (_name, format) => {
  const renderer = await format.load();
  const printed = VALUES.map(hiddenWith).flatMap((hidden): Printed[] => {
    const { secret } = hidden;
    const output = attempted(() => renderer.render([secret], circumstances()));
    if (output === undefined) return [];
    const spelled = renderer.spelled?.(secret);
    return [
      { ...hidden, output, written: spelled === undefined ? [] : [{ name: 'A', value: new Sensitive(spelled) }] },
    ];
  });

  test.each(Object.entries(MASK_READERS))('what stands in its output is hidden by %s', async (name, reader) => {
    const canaries = printed.flatMap((one) => one.canaries);
    expect(canaries).not.toEqual([]);
    expect(findLeaks(name, await logOf(reader, printed), canaries)).toEqual([]);
  });

  // Commands are no text that is shown.
  test.skipIf(format.target?.kind === 'commands')('a spelling is what stands there', () => {
    for (const { output, written } of printed) {
      for (const { value } of written) expect(output.includes(value.reveal())).toBe(true);
    }
  });
});

describe('a template', () => {
  const FILTERS = [
    'json',
    'url',
    'sh',
    'base64',
    'base64 | json',
    'json | base64',
    'sh | json',
    'url | url',
    'json | sh',
  ];

  test.each(FILTERS)('nothing of {{A | %s}} is left by a CI that can mask', async (filters) => {
    const text = `it is {{A | ${filters}}}, {{A|${filters}}}\n`;
    const template = parseTemplate(text, 't', { all: ['A'], mayTurnUp: () => false });
    const printed = VALUES.map(hiddenWith).map((hidden): Printed => {
      const [output, written] = [template.render([hidden.secret]), template.spelled([hidden.secret])];
      expect(written.every(({ value }) => output.includes(value.reveal()))).toBe(true);
      return { ...hidden, output, written };
    });
    for (const [name, reader] of Object.entries(MASK_READERS)) {
      const log = await logOf(reader, printed);
      expect(
        findLeaks(
          name,
          log,
          printed.flatMap((one) => one.canaries),
        ),
      ).toEqual([]);
      // Not even an end that belongs to no group of three bytes; short words are not hidden.
      if (reader.fixture !== 'spacelift') expect(log.replaceAll(/\*\*\*|it is|[,'"\s]/g, '')).toBe('');
    }
  });
});

test('nothing of the base64 of all values is left by a CI that can mask', async () => {
  const printed = [30, 31, 32].map((length): Printed => {
    const value = canary(length);
    const secret = { name: 'A', value: new Sensitive(value), reference: '' };
    const written = encodeSecrets([secret], 'base64');
    return { secret, canaries: [value], written, output: Buffer.concat(written.map((one) => one.value.reveal())) };
  });
  for (const reader of Object.values(MASK_READERS)) {
    expect((await logOf(reader, printed)).trim()).toBe('***\n***\n***');
  }
});

test('a value that is better not hidden stays so in any other spelling', async () => {
  const env = CI_FIXTURES.find(({ name }) => name === 'azure')?.env ?? {};
  const stderr = new PassThrough();
  const secrets = ['true', 'ab'].map((value, index) => ({ name: `S${index}`, value: new Sensitive(value) }));
  const written = (): HiddenValue[] => secrets.map(({ name }) => ({ name, value: new Sensitive('dHJ1ZXRydWU=') }));
  await registerMasks({ ci: 'azure', secrets, tokens: [], written }, invocationIn('/', { env, stderr }));
  expect(stderr.read()).toBe(null);
});
