import { expect, onTestFinished, test } from 'vitest';
import { supplied } from '../../../src/app/chain.ts';
import { http } from '../../../src/backends/http/index.ts';
import type { HttpBackendValues } from '../../../src/backends/http/settings.ts';
import { isLoggingIn, type Outcome } from '../../../src/backends/types.ts';
import type { BackendSettings } from '../../../src/config/types.ts';
import { openHttp } from '../../../src/lib/http.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { SecretRef } from '../../../src/lib/secrets.ts';
import { load } from '../../support/configured.ts';
import { openRecipe } from '../../support/recipe-backend.ts';
import { settingValues } from '../../support/rehearsed-backend.ts';

const CANARY = 'canary-password-0123456789';

const RECIPE = {
  parameters: { user: {}, password: { secret: true } },
  login: {
    request: { path: '/login', form: { user: '{parameters.user}', password: '{parameters.password}' } },
    outputs: { token: 'token' },
  },
  authorization: { headers: { Authorization: 'Bearer {token}' } },
  fetch: { one: { request: { path: '/s/{path}' }, value: 'value' } },
};

async function configured(): Promise<BackendSettings> {
  const backends = {
    vault: { type: 'vault', url: 'https://vault.example.com' },
    pam: {
      type: 'http',
      url: 'https://pam.example.com',
      recipe: RECIPE,
      parameters: { user: 'ci', password: 'secretctl:vault:prod/pam#password' },
    },
  };
  const { settings } = await load({ files: { 'secretctl.yaml': JSON.stringify({ backends }) }, args: ['pam:x'] });
  const found = settings?.backends.find(({ name }) => name === 'pam');
  if (found === undefined) throw new Error('no backend');
  return found;
}

const fetchFrom = async (_: string, refs: readonly SecretRef[]): Promise<readonly Outcome[]> =>
  refs.map((ref) => ({ ref, value: new Sensitive(`{"password":"${CANARY}"}\n`), rest: ref.field }));

test('a parameter that another backend has goes into the login, and is hidden from then on', async () => {
  const hidden: string[] = [];
  const given = await supplied(await configured(), fetchFrom, (_, secret) => hidden.push(secret.reveal().toString()));
  expect(hidden).toContain(CANARY);
  expect(given.values['parameters']).toMatchObject({ user: 'ci', password: expect.any(Sensitive) });
  const { heard, invocation, url } = await openRecipe(
    RECIPE,
    () => ({ status: 401, body: { error: 'wrong password' } }),
    'user=ci',
  );
  const client = openHttp({ endpoints: [new URL(url)] }, invocation);
  onTestFinished(() => client.close());
  const backend = await http.create({
    name: 'pam',
    url: new URL(url),
    values: given.values as HttpBackendValues,
    http: client,
    service: () => {
      throw new Error('there is none');
    },
    invocation,
    maxAnswerBytes: 1024,
    singleUse: false,
  });
  if (!isLoggingIn(backend)) throw new Error('it takes an ID token');
  const refusal: unknown = await backend.logIn().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ reason: 'AUTH_REFUSED' });
  expect(heard.map(({ body }) => body)).toEqual([`user=ci&password=${CANARY}`]);
  expect(JSON.stringify([refusal, String(refusal), invocation.lines, backend.cacheContext])).not.toContain(CANARY);
  expect(JSON.stringify(backend.plan([]))).not.toContain(CANARY);
});

test.each<[string, string, RegExp | undefined]>([
  ['format', 'hex', /parameters\.format must be one of plain, base64/],
  ['format', 'base64', undefined],
  ['user', 'two\nlines', /parameters\.user must be text of one line/],
  ['user', '', /parameters\.user is empty/],
  ['password', 'two\nlines', undefined],
])('%s that is %j in another backend', (name, text, phrase) => {
  const recipe = {
    ...RECIPE,
    parameters: { user: {}, password: { secret: true }, format: { default: 'plain', words: ['plain', 'base64'] } },
  };
  const values = settingValues(http, { recipe: JSON.stringify(recipe), parameters: 'user=ci' });
  const parameters = { user: 'ci', password: new Sensitive('x'), [name]: new Sensitive(text) };
  const faults = http.check(new URL('https://pam.example.com'), { ...values, parameters });
  expect(faults).toEqual(phrase === undefined ? [] : [expect.stringMatching(phrase)]);
  expect(JSON.stringify(faults)).not.toContain('hex');
});

test('what the other backend has not is said of the parameter', async () => {
  const refusing = async (_: string, refs: readonly SecretRef[]): Promise<readonly Outcome[]> =>
    refs.map((ref) => ({ ref, refusal: 'missing', reason: 'it does not exist' }));
  await expect(supplied(await configured(), refusing, () => undefined)).rejects.toMatchObject({
    reason: 'SECRET_NOT_FOUND',
    message: expect.stringContaining('parameters.password'),
    facts: { hint: expect.stringContaining('is a backend of the configuration') },
  });
});
