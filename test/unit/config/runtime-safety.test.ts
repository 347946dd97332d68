import { describe, expect, test } from 'vitest';
import { checkRuntime } from '../../../src/config/runtime-safety.ts';
import { runtimeIn } from '../../support/configured.ts';

const check = (
  env: Readonly<Record<string, string>>,
  allowUnsafeRuntime = false,
  execArgv: readonly string[] = [],
): readonly string[] => {
  const runtime = runtimeIn('/', env);
  return checkRuntime({ ...runtime, host: { ...runtime.host, execArgv } }, { allowUnsafeRuntime });
};

test.each([
  '--inspect',
  '--inspect=127.0.0.1:0',
  '--inspect-brk',
  '--inspect_brk',
  '--tls-keylog=keys',
  '--heap-prof',
  '--heapsnapshot-signal=SIGUSR2',
  '--heapsnapshot-near-heap-limit=1',
  '--report-on-signal',
  '--report-uncaught-exception',
  '--report-on-fatalerror',
  '--trace-tls',
  '--trace_event_categories=node.http',
  '--max-old-space-size=100  --inspect',
  '"--inspect"',
  '--title="a b" --inspect',
  String.raw`--in\spect`,
])('%s is refused in NODE_OPTIONS and as an argument of Node', (option) => {
  expect(() => check({ NODE_OPTIONS: option })).toThrow(expect.objectContaining({ reason: 'UNSAFE_NODE_OPTIONS' }));
  expect(check({ NODE_OPTIONS: option }, true)).toHaveLength(1);
  if (!/[" \\]/.test(option))
    expect(() => check({}, false, [option])).toThrow(expect.objectContaining({ reason: 'UNSAFE_NODE_OPTIONS' }));
});

test.each([
  '',
  '--max-old-space-size=100',
  '--title="--inspect me"',
  '--report-exclude-env',
  '--enable-source-maps',
  '--no-warnings',
])('%j is fine', (option) => {
  expect(check({ NODE_OPTIONS: option })).toEqual([]);
});

describe('what is only said', () => {
  test.each([
    [{ NODE_OPTIONS: '--require ./x.js' }, /--require/],
    [{ NODE_OPTIONS: '-r ./x.js' }, /-r/],
    [{ NODE_OPTIONS: '--import=./x.js' }, /--import/],
    [{ NODE_DEBUG: 'http' }, /NODE_DEBUG/],
  ])('%j', (env, pattern) => {
    expect(check(env)).toEqual([expect.stringMatching(pattern)]);
  });
});

test('switched-off TLS checks are refused whatever is allowed', () => {
  expect(() => check({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, true)).toThrow(
    expect.objectContaining({ reason: 'UNSAFE_TLS_ENV' }),
  );
  expect(check({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([]);
});
