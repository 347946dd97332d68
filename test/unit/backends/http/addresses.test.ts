import { expect, test } from 'vitest';
import { http } from '../../../../src/backends/http/index.ts';
import type { HttpBackendValues } from '../../../../src/backends/http/settings.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';

const URL_OF = new URL('https://pam.example.com');

const RECIPE = {
  parameters: { tenant: {}, unset: { optional: true } },
  services: { login: 'https://{parameters.tenant}.login.example.com/v2', vault: 'https://vault.example.com' },
  login: [
    { request: { service: 'login', path: '/token', raw: { text: '{id-token}' } }, outputs: { first: 'token' } },
    { request: { service: 'vault', path: '/session', json: { token: '{login.first}' } }, outputs: { token: 'token' } },
  ],
  fetch: { one: { request: { path: '/s/{path}' }, value: 'value' } },
};

function valuesOf(parameters: string, recipe: object = RECIPE): HttpBackendValues {
  return settingValues(http, { recipe: JSON.stringify(recipe), parameters });
}

test('services have the addresses that the recipe names, and it is told which one takes the ID token', () => {
  const values = valuesOf('tenant=acme');
  expect(http.check(URL_OF, values)).toEqual([]);
  expect(
    http
      .services?.(URL_OF, values)
      .map(({ name, url, setting, takesIdToken }) => [name, url.href, setting, takesIdToken]),
  ).toEqual([
    ['login', 'https://acme.login.example.com/v2', 'recipe', true],
    ['vault', 'https://vault.example.com/', 'recipe', undefined],
  ]);
});

test.each(['evil.example.com/', 'evil.example.com#', 'a@evil.example.com', 'x%2f', 'a:1', '-', ''])(
  'a parameter does not change whose host it is: %s',
  (tenant) => {
    const values = valuesOf(`tenant=${tenant}`);
    expect(http.check(URL_OF, values)).toEqual([expect.stringContaining('service login')]);
    expect(http.services?.(URL_OF, values).map(({ name }) => name)).toEqual(['vault']);
  },
);

test.each([
  'http://vault.example.com',
  'ftp://vault.example.com',
  'vault.example.com',
  'https://u:p@vault.example.com',
])('%s is no address of a service', (vault) => {
  const values = valuesOf('tenant=acme', { ...RECIPE, services: { ...RECIPE.services, vault } });
  expect(http.check(URL_OF, values)).toEqual([expect.stringContaining('service vault')]);
});

test('a recipe by hand says no address of the product', () => {
  expect(http.defaultUrl?.(valuesOf('tenant=acme'))).toContain('"url"');
});
