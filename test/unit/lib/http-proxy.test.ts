import { expect, test } from 'vitest';
import { chooseProxy } from '../../../src/lib/http-proxy.ts';

const VAULT = new URL('https://vault.example.com:8443/base');

function originFor(url: string, env: Record<string, string>): string | undefined {
  return chooseProxy(new URL(url), env).proxy?.origin;
}

test.each([
  ['https_proxy', { https_proxy: 'http://p:3128' }, 'http://p:3128'],
  ['HTTPS_PROXY', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128'],
  ['lower case wins', { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'http://low:1'],
  ['http_proxy serves https too', { http_proxy: 'http://p:3128' }, 'http://p:3128'],
  ['https_proxy wins over http_proxy', { http_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'http://b:1'],
  ['no scheme', { https_proxy: 'p.corp:3128' }, 'http://p.corp:3128'],
  ['a TLS proxy', { https_proxy: 'https://p.corp' }, 'https://p.corp'],
  ['spaces around it', { https_proxy: ' http://p:3128 ' }, 'http://p:3128'],
  ['empty', { https_proxy: '' }, undefined],
  ['empty in lower case switches off', { https_proxy: '', HTTPS_PROXY: 'http://p:1' }, undefined],
  ['none', {}, undefined],
])('proxy: %s', (_, env, origin) => {
  expect(chooseProxy(VAULT, env).proxy?.origin).toBe(origin);
});

test.each(['https://localhost', 'https://127.0.0.1:8200', 'https://127.9.9.9', 'https://[::1]:1', 'http://localhost'])(
  'loopback is never proxied: %s',
  (url) => {
    expect(originFor(url, { https_proxy: 'http://p:3128', http_proxy: 'http://p:3128' })).toBeUndefined();
  },
);

test.each([
  ['vault.example.com', true],
  ['VAULT.example.COM', true],
  ['example.com', true],
  ['.example.com', true],
  ['*.example.com', true],
  ['com', true],
  ['*', true],
  ['other.com, vault.example.com', true],
  ['other.com vault.example.com', true],
  ['vault.example.com:8443', true],
  ['vault.example.com.', true],
  ['vault.example.com:443', false],
  ['*:443', false],
  ['*.vault.example.com', false],
  ['xample.com', false],
  ['example', false],
  ['10.0.0.0/8', false],
  ['', false],
])('no_proxy=%s keeps vault.example.com:8443 from the proxy: %s', (no_proxy, isDirect) => {
  const { proxy } = chooseProxy(VAULT, { https_proxy: 'http://p:3128', no_proxy });
  expect(proxy === undefined).toBe(isDirect);
});

test.each([
  ['fd00::7', true],
  ['[fd00::7]', true],
  ['[fd00::7]:443', true],
  ['[fd00::7]:8443', false],
])('no_proxy=%s for an IPv6 address: %s', (NO_PROXY, isDirect) => {
  const { proxy } = chooseProxy(new URL('https://[fd00::7]'), { https_proxy: 'http://p:3128', NO_PROXY });
  expect(proxy === undefined).toBe(isDirect);
});

test('51 an address range in no_proxy is not applied, and that is said', () => {
  const env = { https_proxy: 'http://p:3128', no_proxy: 'a.test,10.0.0.0/8' };
  const { proxy, warnings } = chooseProxy(new URL('https://10.1.2.3'), env);
  expect(proxy?.origin).toBe('http://p:3128');
  expect(warnings).toEqual([expect.stringContaining('10.0.0.0/8')]);
});

test.each(['socks5://p:1080', 'socks://p', 'socks4a://p', 'ftp://p'])('50 %s is refused', (https_proxy) => {
  expect(() => chooseProxy(VAULT, { https_proxy })).toThrow(
    expect.objectContaining({ reason: 'PROXY_SCHEME', exit: 78 }),
  );
});

test.each(['http://', 'http://a b', '://', 'http://user:hunter2hunter2@'])('%s is no URL of a proxy', (https_proxy) => {
  const call = (): unknown => chooseProxy(VAULT, { https_proxy });
  expect(call).toThrow(expect.objectContaining({ reason: 'CONFIG_INVALID' }));
  expect(call).not.toThrow(/hunter2/);
});

test.each([
  ['http://user:p%40ss@p:3128', 'user:p@ss'],
  ['user:pass@p:3128', 'user:pass'],
  ['http://user@p:3128', 'user:'],
  ['http://user:100%@p:3128', 'user:100%'],
])('credentials of %s become a header, and appear nowhere else', (https_proxy, credentials) => {
  const { proxy } = chooseProxy(VAULT, { https_proxy });
  const header = proxy?.authorization?.reveal().toString() ?? '';
  expect(Buffer.from(header.replace(/^Basic /, ''), 'base64').toString()).toBe(credentials);
  expect(JSON.stringify(proxy)).not.toContain('user');
});
