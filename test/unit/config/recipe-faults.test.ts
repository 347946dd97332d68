import { expect, test } from 'vitest';
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

const ONE = RECIPE.slice(RECIPE.indexOf('  one:'));

const block = (recipe: string, more = 'url: https://pam.example.com'): string =>
  `backends:\n  pam:\n    type: http\n    ${more}\n    recipe: ${recipe}\n`;

test.each<[string, string, string, string]>([
  [
    'no quotes in JSON',
    'form: { role: "{parameters.role}", password: "{parameters.password}", jwt: "{id-token}" }',
    'json: { jwt: {id-token} }',
    'in quotes, "{id-token}"',
  ],
  ['no quotes in a form', 'jwt: "{id-token}"', 'jwt: {id-token}', 'in quotes, "{id-token}"'],
  ['what a shell has', '"{id-token}"', '"${id-token}"', 'in single braces'],
  ['what a template has', '"{id-token}"', '"{{id-token}}"', 'in single braces'],
  ['what JSONPath has', 'data.value', '$.data.value', 'leave that out'],
  ['a text for a block', 'expires: { in: expires_in }', 'expires: 10m', 'keys of in, at, form, claim, after'],
])('a habit from elsewhere is told and not sent: %s', async (_, part, wrong, phrase) => {
  expect(RECIPE).toContain(part);
  const { error } = await load({
    files: {
      'secretctl.yaml': block('./pam.yaml', 'url: https://x.example.com\n    parameters: { role: ci }'),
      'pam.yaml': RECIPE.replace(part, () => wrong),
    },
    args: ['x'],
  });
  expect(textOf(error)).toContain(phrase);
  expect(textOf(error)).toMatch(/pam\.yaml:\d+:\d+: /);
});

/** Every way in which keys that are right in themselves are wrong together, and where the file says so. */
test.each<[string, string, string, string]>([
  ['login', 'outputs: { token: access_token }', 'outputs: { session: access_token }', 'login has no output "token"'],
  ['login[0].outputs.token', 'token: access_token', 'token: "{path}.token"', 'names {path}'],
  ['login[0].outputs.sub.of', 'token: access_token', 'sub: { claim: sub, of: id }, token: access_token', 'names id'],
  ['login[0].request.service', 'path: /login,', 'service: sts, path: /login,', 'names sts'],
  [
    'login[0].request.answer',
    'path: /login,',
    'answer: text, path: /login,',
    'is text, and something is read of it as JSON',
  ],
  [
    'login[0].request.errors.code',
    'path: /login,',
    'errors: { code: "{id-token}" }, path: /login,',
    'no value can stand',
  ],
  [
    'login[0].request.pending.json',
    'path: /login,',
    'pending: { json: "{id-token}" }, path: /login,',
    'no value can stand',
  ],
  ['expires[0].in', 'in: expires_in', 'in: "{login.token}"', 'no value can stand'],
  ['errors.status', 'title: A product', 'errors: { status: "{path}" }', 'no value can stand'],
  ['authorization.headers.Authorization', 'Bearer {token}', 'Bearer {path}', 'names {path}'],
  [
    'reference.path',
    'title: A product',
    'reference: { path: "secret/{name}" }',
    'must be names in braces between slashes',
  ],
  ['reference.path[1]', 'title: A product', 'reference: { path: ["{a}", "{a}/{a}"] }', 'two parts of one name'],
  [
    'reference.path',
    'title: A product',
    'reference: { path: "{a|segments}/{b|segments}" }',
    'several parts of any length',
  ],
  ['reference.path', 'title: A product', 'reference: { path: "{parameters.role}" }', 'must be names in braces'],
  [
    'reference.defaults.a',
    'title: A product',
    'reference: { defaults: { a: "{parameters.password}" } }',
    'it is secret',
  ],
  ['reference.field', 'title: A product', 'reference: { field: "{parameters.feild}" }', 'names {parameters.feild}'],
  ['look-up[0].where', 'fetch:', 'look-up: { request: { path: /l }, where: { a: b } }\nfetch:', 'goes with "list"'],
  ['look-up[0].list', 'fetch:', 'look-up: { request: { path: /l }, list: rows }\nfetch:', 'needs "where"'],
  [
    'look-up[0].list',
    'fetch:',
    'look-up: { request: { path: /l }, list: "{x}", where: { a: b } }\nfetch:',
    'names {x}',
  ],
  ['look-up[0].present', 'fetch:', 'look-up: { request: { path: /l }, present: "{token}" }\nfetch:', 'it is secret'],
  ['look-up', ONE, '  outputs: [token]\nlook-up: { request: { path: /l } }\n', 'goes with'],
  [
    'check-out.outputs.a',
    'fetch:',
    `check-out: { request: { path: /o }, outputs: { a: "{found.a}" }, check-in: { path: /i } }\nfetch:`,
    'names {found.a}',
  ],
  ['fetch.one.value', 'data.value', '"{ref.name}"', 'names {ref.name}'],
  ['fetch.one.value[1]', 'data.value', '{ json: [a, "{token}"] }', 'it is secret'],
  ['fetch.one.present', 'value: data.value', 'value: data.value\n    present: "{nothing}"', 'names {nothing}'],
  [
    'fetch.one.withheld.json',
    'value: data.value',
    'value: data.value\n    withheld: { json: "{no}", is: x }',
    'names {no}',
  ],
  [
    'fetch.one.request.answer',
    'request: { path: "/secrets/{path|segments}" }',
    'request: { path: /s, answer: bytes }',
    'is read of it as JSON',
  ],
  ['fetch.outputs[1]', ONE, '  outputs: [token, user]\n', 'names user'],
])('%s is told at its place', async (key, part, wrong, phrase) => {
  expect(RECIPE).toContain(part);
  const text = RECIPE.replace(part, wrong);
  const { error } = await load({
    files: {
      'secretctl.yaml': block('./pam.yaml', 'url: https://x.example.com\n    parameters: { role: ci }'),
      'pam.yaml': text,
    },
    args: ['x'],
  });
  const told =
    textOf(error)
      .split('\n')
      .find((line) => line.includes(phrase)) ?? textOf(error);
  expect(told).toContain(`: ${key} `);
  const [, line] = /pam\.yaml:([0-9]+):/.exec(told) ?? [];
  const [word = ''] = /[\w-]+(?=(?:\[[0-9]\])?$)/.exec(key) ?? [];
  expect(text.split('\n')[Number(line) - 1]).toContain(word);
});
