import { expect, test } from 'vitest';
import { READY } from '../../../src/backends/http/recipes/index.ts';
import { load, textOf } from '../../support/configured.ts';

const RECIPE = `
title: A product
parameters:
  role: { help: the role }
  password: { secret: true, optional: true }
login:
  request: { path: /login, form: { role: "{parameters.role}", password: "{parameters.password}", jwt: "{id-token}" } }
  outputs: { token: access_token }
expires: { in: expires_in }
authorization: { headers: { Authorization: "Bearer {token}" } }
fetch:
  one:
    request: { path: "/secrets/{path|segments}" }
    value: data.value
`;

const block = (recipe: string, more = 'url: https://pam.example.com'): string =>
  `backends:\n  pam:\n    type: http\n    ${more}\n    recipe: ${recipe}\n`;

test('a recipe is a ready one by name, a file beside the configuration, or a block', async () => {
  const ready = await load({
    files: { 'secretctl.yaml': block('doppler', 'parameters: { identity: some-id }') },
    args: ['p/c/X'],
  });
  expect(ready.settings?.backends).toMatchObject([
    {
      url: new URL('https://api.doppler.com/'),
      urlFrom: 'default',
      values: { recipe: { title: 'Doppler', ready: 'doppler' } },
    },
  ]);
  const given = 'url: https://pam.example.com\n    parameters: { role: ci }';
  const file = await load({
    files: { 'below/secretctl.yaml': block('../pam.yaml', given), 'pam.yaml': RECIPE },
    cwd: 'below',
    args: ['x'],
  });
  expect(file.settings?.backends).toMatchObject([
    { urlFrom: 'file', values: { recipe: { title: 'A product' }, parameters: { role: 'ci' } } },
  ]);
  const inline = await load({
    files: { 'secretctl.yaml': block(RECIPE.replaceAll('\n', '\n      '), given) },
    args: ['x'],
  });
  expect(inline.settings?.backends).toMatchObject([{ values: { recipe: { title: 'A product', ready: undefined } } }]);
});

test('flags and variables name a recipe and its parameters without any file', async () => {
  const env = { SECRETCTL_HTTP_RECIPE: 'akeyless' };
  const flags = {
    backend: 'http',
    url: 'https://gw.example.com',
    'http-parameters': ['access-id=p-1', 'access-type=oauth2'],
  };
  const { settings } = await load({ env, flags, args: ['x'] });
  expect(settings?.backends).toMatchObject([
    {
      urlFrom: 'flag',
      values: { recipe: { title: 'Akeyless' }, parameters: { 'access-id': 'p-1', 'access-type': 'oauth2' } },
    },
  ]);
});

test.each(Object.keys(READY))('the ready recipe %s has no fault but the parameters that are missing', async (name) => {
  const { error } = await load({ files: { 'secretctl.yaml': block(name) }, args: ['x'] });
  const text = error === undefined ? '' : textOf(error);
  expect(
    text.split('\n').filter((line) => line !== '' && !/parameters\.[a-z-]+ is missing|faults in the/.test(line)),
  ).toEqual([]);
});

test.each<[string, string, string]>([
  ['an unknown key', 'fetch:', 'fetcj:'],
  ['an unknown key deeper down', 'expires_in }', 'expires_in, form: iso8601 }'],
  ['a value that is not known there', '{parameters.role}', '{parameters.roles}'],
  ['a secret in a URL', 'path: "/secrets/{path|segments}"', 'path: "/secrets/{token}/{path}"'],
  ['the ID token in a query', 'path: /login,', 'path: /login, query: { jwt: "{id-token}" },'],
  ['a path that is none', '/login', '/../login'],
  ['a JSON path that is none', 'data.value', 'data..value'],
  ['an unknown filter', '{path|segments}', '{path|rot13}'],
  ['an address of its own', 'title: A product', 'url: https://other.example.com'],
  ['a service that there is none of', 'path: /login,', 'service: sts, path: /login,'],
  ['no access token', 'token: access_token', 'session: access_token'],
  ['two bodies', 'form: {', 'json: {}, form: {'],
  ['a header that frames the request', 'path: /login,', 'path: /login, headers: { CONTENT-Length: "1" },'],
  ['a number as a word', 'path: /login', 'method: 7, path: /login'],
])('%s is a fault with its place in the file', async (_, part, wrong) => {
  expect(RECIPE).toContain(part);
  const text = RECIPE.replace(part, wrong);
  const { error } = await load({
    files: {
      'secretctl.yaml': block('./pam.yaml', 'url: https://x.example.com\n    parameters: { role: ci }'),
      'pam.yaml': text,
    },
    args: ['x'],
  });
  expect(error?.reason).toBe('CONFIG_INVALID');
  expect(textOf(error)).toMatch(/pam\.yaml:\d+:\d+: /);
});

test('a fault is on its line and says what is near', async () => {
  const text = RECIPE.replace('authorization:', 'authorisation:').replace('{id-token}', '{id-tokne}');
  const { error } = await load({
    files: {
      'secretctl.yaml': block('./pam.yaml', 'url: https://x.example.com\n    parameters: { role: ci }'),
      'pam.yaml': text,
    },
    args: ['x'],
  });
  expect(textOf(error)).toContain('pam.yaml:10:1: unknown key "authorisation"; did you mean "authorization"?');
  const inline = text.replace('authorisation', 'authorization').replaceAll('\n', '\n      ');
  const other = await load({ files: { 'secretctl.yaml': block(inline, 'url: https://x.example.com') }, args: ['x'] });
  expect(textOf(other.error)).toMatch(
    /secretctl\.yaml:11:\d+: recipe: login\[0\]\.request\.form\.jwt names \{id-tokne\}, which is not known here; did you mean \{id-token\}\?/,
  );
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['a name that is none', { recipe: 'dopler' }, 'did you mean "doppler"?'],
  ['a file that is not there', { recipe: './none.yaml' }, 'does not exist'],
  ['a directory', { recipe: './.' }, 'directory'],
  ['no YAML', { recipe: './pam.yaml', file: 'a: [' }, 'pam.yaml:1:'],
  ['no recipe', { recipe: './pam.yaml', file: 'hello' }, 'must be a block'],
])('%s is a fault', async (_, { recipe, file }, phrase) => {
  const { error } = await load({
    files: { 'secretctl.yaml': block(recipe ?? ''), ...(file !== undefined && { 'pam.yaml': file }) },
    args: ['x'],
  });
  expect(error?.exit).toBe(78);
  expect(textOf(error)).toContain(phrase);
});

test('parameters: unknown ones, missing ones, and a secret that stands in the file', async () => {
  const given = (parameters: string) =>
    load({
      files: {
        'secretctl.yaml': block('./pam.yaml', `url: https://x.example.com\n    parameters: ${parameters}`),
        'pam.yaml': RECIPE,
      },
      args: ['x'],
    });
  expect(textOf((await given('{ rol: ci }')).error)).toContain('has no parameter rol; did you mean "role"?');
  expect(textOf((await given('{ rol: ci }')).error)).toContain('parameters.role is missing (the role)');
  const canary = 'canary-in-the-file-0123';
  const literal = await given(`{ role: ci, password: ${canary} }`);
  expect(textOf(literal.error)).toContain('parameters.password is a secret');
  expect(textOf(literal.error)).not.toContain(canary);
});

test('a parameter may be a secret of another backend', async () => {
  const files = {
    'secretctl.yaml': `
backends:
  vault: { type: vault, url: https://vault.example.com }
  pam:
    type: http
    url: https://pam.example.com
    recipe: ./pam.yaml
    parameters: { role: ci, password: "secretctl:vault:prod/pam#password" }
`,
    'pam.yaml': RECIPE,
  };
  const { settings, error } = await load({ files, args: ['pam:x'] });
  expect(error).toBeUndefined();
  expect(settings?.backends.find(({ name }) => name === 'pam')?.chained).toMatchObject([
    { key: 'parameters', part: 'password', ref: { backend: 'vault', path: 'prod/pam', field: ['password'] } },
  ]);
  const circle = files['secretctl.yaml'].replace('secretctl:vault:', 'secretctl:pam:');
  expect((await load({ files: { ...files, 'secretctl.yaml': circle }, args: ['pam:x'] })).error?.reason).toBe(
    'CONFIG_INVALID',
  );
});
