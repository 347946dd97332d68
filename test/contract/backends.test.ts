import { beforeAll, describe, expect, test } from 'vitest';
import { selectField } from '../../src/app/select.ts';
import { BACKENDS } from '../../src/backends/index.ts';
import { AccessTokenRefused, type Outcome, type PlannedRequest } from '../../src/backends/types.ts';
import { createIssuerKey } from '../../src/lib/jwt.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import type { SettingRow } from '../../src/lib/settings.ts';
import { identitySettings } from '../support/identity-settings.ts';
import { holdable, productOf } from '../support/own-values.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../support/rehearsed-backend.ts';

// Nothing in this file knows a product: a new row of the table is held to all of it.

const RECORD = { user: 'shop', port: 5432 };
/** A product that holds values of its own kind only has such values at these paths. */
const SECRETS = {
  'prod/db/password': 'first value',
  'prod/db/record': JSON.stringify(RECORD),
  'prod/web/password': 'second value',
  'prod/long': 'abcdefghij'.repeat(100),
  'prod/lines': '-----BEGIN TEST-----\nline one\r\n\tline "two"\n-----END TEST-----\n',
  'prod/odd': ` it's \\ "quoted" $HOME \`x\` # = ü€😀 `,
  'prod/binary': Buffer.from([0, 255, 254, 0, 10, 13, 128, 61]),
};

/** The value of each outcome with what is left of its field selected; a refusal as its word. */
function told(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((outcome) => {
    if ('refusal' in outcome) return outcome.refusal;
    const selected = selectField(outcome.value, outcome.rest);
    return selected instanceof Sensitive ? selected.reveal().toString() : 'no such field';
  });
}

const OTHER_KEY = await createIssuerKey('RS256');

const ROWS = await Promise.all(BACKENDS.map(async (type) => [type.type, type, await productOf(type.type)] as const));

describe.each(ROWS)('%s', (_, type, { ownValues: own, readsNothing = false }) => {
  const takesNoIdToken = type.algorithms.length === 0;
  let held: Readonly<Record<string, Buffer>> = {};
  /** What references with a field bring of `prod/db/record`, by field. */
  let fields: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    held = await holdable(own, SECRETS);
    const parts = own?.fieldsOf(valueAt('prod/db/record')) ?? RECORD;
    fields = Object.fromEntries(Object.entries(parts).map(([field, value]) => [field, `${value}`]));
  });

  const valueAt = (path: string): Buffer => held[path] ?? Buffer.alloc(0);
  const textAt = (path: string): string => valueAt(path).toString();
  const fieldRefs = (): readonly string[] => Object.keys(fields).map((field) => `prod/db/record#${field}`);
  const rehearse = (setup: BackendSetup = {}): Promise<RehearsedBackend> => {
    return rehearseBackend(type, { secrets: held, ...setup });
  };

  async function fetched(setup: BackendSetup, ...texts: readonly string[]): Promise<readonly Outcome[]> {
    const { backend, logIn } = await rehearse(setup);
    return backend.fetchSecrets(await logIn(), refs(...texts));
  }

  test('a good ID token is exchanged for an access token with an end, in one exchange', async () => {
    const { logIn, rehearsal } = await rehearse();
    const accessToken = await logIn();
    expect(accessToken.value.byteLength).toBeGreaterThan(0);
    expect(accessToken.expiresAtMs).toBeGreaterThan(Date.now());
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 0 });
  });

  if (!takesNoIdToken) {
    test.each<[string, Parameters<RehearsedBackend['idToken']>]>([
      ['another audience', [{}, { audience: 'https://elsewhere.example.com' }]],
      ['another issuer', [{ iss: 'https://elsewhere.example.com' }]],
      ['an end that is past', [{}, { lifetimeSeconds: -600 }]],
      ['another subject', [{ sub: 'somebody-else', project_path: 'acme/other', namespace_path: 'other' }]],
    ])('an ID token with %s is refused as such', async (__, given) => {
      const { exchange, idToken } = await rehearse();
      await expect(exchange(await idToken(...given))).rejects.toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    });

    test("an ID token that the issuer's key did not sign is refused as such", async () => {
      const { exchange, rehearsal } = await rehearse();
      const other = await rehearse({ issuerKey: OTHER_KEY });
      // All that it says is right: who signed it is not.
      const exchanging = exchange(await other.idToken({ iss: rehearsal.issuer }));
      await expect(exchanging).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    });
  }

  test.each<[string, string]>([
    ['a login page', 'html'],
    ['no body', 'empty'],
    ['half an answer', 'cut'],
    ['broken JSON', 'badjson'],
    ['an answer without framing', 'noframing'],
    ['a compressed answer', 'gzip'],
    ['a redirect', 'redirect'],
    ['null', '200;body=null'],
    ['an empty object', '200;body={}'],
    ['an error in a 200', '200;body={"error":{"code":"denied","message":"no"}}'],
    ['an answer without end', 'bigbody'],
  ])('%s in place of an access token is none', async (__, fault) => {
    const { logIn } = await rehearse({ faults: [`exchange:${fault}`] });
    await expect(logIn()).rejects.toMatchObject({ name: 'SecretctlError' });
  });

  test('one secret', async () => {
    expect(told(await fetched({}, 'prod/db/password'))).toEqual([textAt('prod/db/password')]);
  });

  test('many secrets, in the order asked', async () => {
    const asked = ['prod/web/password', 'prod/db/record', 'prod/db/password'];
    expect(told(await fetched({}, ...asked))).toEqual(asked.map(textAt));
  });

  test('the same path twice', async () => {
    const asked = ['prod/db/password', 'prod/web/password', 'prod/db/password'];
    const outcomes = await fetched({}, ...asked);
    expect(told(outcomes)).toEqual(asked.map(textAt));
    expect(outcomes.map(({ ref }) => ref.name)).toEqual(['S0', 'S1', 'S2']);
  });

  test('a hundred secrets', async () => {
    const texts = Array.from({ length: 100 }, (__, index) => [`many/s${index}`, `value ${index}`]);
    const secrets = await holdable(own, Object.fromEntries(texts));
    expect(told(await fetched({ secrets }, ...Object.keys(secrets)))).toEqual(Object.values(secrets).map(String));
  });

  test.each<readonly [string, keyof typeof SECRETS]>([
    ['a thousand bytes', 'prod/long'],
    ['several lines', 'prod/lines'],
    ['quotes, dollars, emoji and outer spaces', 'prod/odd'],
    ...(readsNothing ? [] : [['bytes that are no text', 'prod/binary'] as const]),
  ])('%s come back exactly, alone and among others', async (__, path) => {
    const { backend, logIn } = await rehearse();
    const accessToken = await logIn();
    for (const asked of [[path], [path, 'prod/db/password']]) {
      const [outcome] = await backend.fetchSecrets(accessToken, refs(...asked));
      expect(outcome).toHaveProperty('value');
      if (outcome !== undefined && 'value' in outcome) expect(outcome.value.reveal()).toEqual(valueAt(path));
    }
  });

  test('fields of a value', async () => {
    expect(fieldRefs().length).toBeGreaterThan(1);
    const outcomes = await fetched({}, ...fieldRefs(), 'prod/web/password');
    expect(told(outcomes)).toEqual([...Object.values(fields), textAt('prod/web/password')]);
  });

  test('all that is missing is named, and nothing else', async () => {
    const outcomes = await fetched({}, 'prod/db/password', 'prod/nothing', 'prod/web/password', 'none/at/all');
    expect(told(outcomes)).toEqual([textAt('prod/db/password'), 'missing', textAt('prod/web/password'), 'missing']);
  });

  if (!readsNothing) {
    test('all that is forbidden is named, beside what is missing', async () => {
      const forbidden = new Set(['prod/private', 'prod/secret']);
      const outcomes = await fetched({ forbidden }, 'prod/private', 'prod/db/password', 'prod/nothing', 'prod/secret');
      expect(told(outcomes)).toEqual(['forbidden', textAt('prod/db/password'), 'missing', 'forbidden']);
    });

    test.each<[string, string]>([
      ['a login page', 'html'],
      ['no body', 'empty'],
      ['half an answer', 'cut'],
      ['all of an answer but its last byte', 'cut;at=100000'],
      ['broken JSON', 'badjson'],
      ['an answer without framing', 'noframing'],
      ['a compressed answer', 'gzip'],
      ['a redirect', 'redirect'],
      ['an answer without end', 'bigbody'],
      ['500', '500'],
      ['400', '400'],
    ])('%s never becomes a value', async (__, fault) => {
      const { backend, logIn } = await rehearse({ faults: [`read:${fault}`] });
      const accessToken = await logIn();
      const fetching = backend.fetchSecrets(accessToken, refs('prod/db/password', 'prod/web/password'));
      const ending = await fetching.then(told, () => 'refused');
      expect(ending).toBe('refused');
    });

    // Once only: a product that serves a secret's raw bytes one by one may serve these texts as values of that kind.
    test.each<[string, string]>([
      ['null', '200;body=null'],
      ['an empty object', '200;body={}'],
      ['a list', '200;body=["x","y"]'],
      ['an error in a 200', '200;body={"error":{"code":"denied","message":"no"}}'],
    ])('%s in place of an answer never becomes a value', async (__, fault) => {
      const { backend, logIn } = await rehearse({ faults: [`read#1:${fault}`] });
      const accessToken = await logIn();
      const fetching = backend.fetchSecrets(accessToken, refs('prod/db/password', 'prod/web/password'));
      const ending = await fetching.then(told, () => 'refused');
      expect(['refused', [textAt('prod/db/password'), textAt('prod/web/password')]]).toContainEqual(ending);
    });

    test('a stale access token is told from every other refusal', async () => {
      const { backend, logIn, rehearsal } = await rehearse();
      const accessToken = await logIn();
      rehearsal.disturb('revoke-tokens');
      const fetching = backend.fetchSecrets(accessToken, refs('prod/db/password', ...fieldRefs()));
      await expect(fetching).rejects.toBeInstanceOf(AccessTokenRefused);
    });
  }

  test.each<[string, () => readonly string[]]>([
    ['one secret', () => ['prod/db/password']],
    ['several', () => ['prod/db/password', 'prod/db/record', 'prod/web/password', 'prod/long']],
    ['the same twice and fields', () => [...fieldRefs(), 'prod/db/record', 'prod/db/record']],
    ['nothing', () => []],
  ])('the plan is what is sent: %s', async (__, texts) => {
    const { 'prod/binary': ___, ...secrets } = held;
    const { backend, logIn, rehearsal } = await rehearse({ secrets });
    const wanted = refs(...texts());
    const plan = backend.plan(wanted);
    await backend.fetchSecrets(await logIn(), wanted);
    expect(unplanned(plan, rehearsal.requests)).toEqual({ sent: [], planned: [] });
    expect(plan.flatMap(({ brings }) => brings).toSorted()).toEqual(wanted.map(({ name }) => name).toSorted());
    expect(plan.filter(({ purpose }) => purpose === 'exchange').length).toBeGreaterThan(0);
  });

  test('neither token is in a request target', async () => {
    const { backend, logIn, rehearsal } = await rehearse({ forbidden: new Set(['prod/private']) });
    const accessToken = await logIn();
    await backend.fetchSecrets(accessToken, refs('prod/db/password', 'prod/private', 'prod/nothing'));
    const token = accessToken.value.reveal();
    const forms = [
      token.toString(),
      encodeURIComponent(token.toString()),
      token.toString('base64'),
      token.toString('base64url'),
      '[token]',
    ];
    const targets = rehearsal.requests.map(({ path }) => path);
    expect(targets.length).toBeGreaterThan(readsNothing ? 0 : 1);
    expect(targets.filter((target) => forms.some((form) => target.includes(form)))).toEqual([]);
  });

  if (!takesNoIdToken) {
    test('whatever changes who asks for the access token changes what it is bound to', async () => {
      const { changing, unbound } = await identitySettings(type);
      expect(changing).not.toEqual([]);
      expect(unbound).toEqual([]);
    });
  }

  test('the rehearsal speaks of the product as the table does', async () => {
    const { rehearsal } = await rehearse();
    const { type: word, url, token: ___, ...keys } = rehearsal.configuration();
    expect(word).toBe(type.type);
    expect(Object.keys(type.settings)).toEqual(expect.arrayContaining(Object.keys(keys)));
    for (const [key, value] of Object.entries(keys))
      expect(Array.isArray(value), key).toBe(isListInFile(type.settings[key]));
    const environment = rehearsal.environment();
    // Where its own clients have no variable for the address, ours says it.
    const names = type.variables.url ?? ['SECRETCTL_URL'];
    expect(names.map((name) => environment[name])).toContain(url);
  });
});

/** Whether a configuration file has this setting as a list: of a text it would say that it must be one. */
function isListInFile(row: SettingRow | undefined): boolean {
  return row?.parser.isList === true && row.parser.tree === undefined;
}

interface Sent {
  readonly method: string;
  readonly path: string;
}

/** What was sent and not planned, and the other way round; `{…}` in a plan stands for what only an answer can tell. */
function unplanned(plan: readonly PlannedRequest[], requests: readonly Sent[]): { sent: string[]; planned: string[] } {
  const planned = plan.map(({ method, path }) => `${method} ${path}`);
  const sent = requests
    .map(({ method, path }) => `${method} ${path}`)
    .filter((one) => {
      const index = planned.findIndex((pattern) => matches(pattern, one));
      if (index >= 0) planned.splice(index, 1);
      return index < 0;
    });
  return { sent, planned };
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split(/\{[^{}]+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/?&]+')}$`).test(text);
}
