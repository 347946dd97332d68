import { describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { checkNames, dangerousName, type NamedRequest } from '../../../src/output/names.ts';

function request(name: string, isNamed: boolean): NamedRequest {
  return { ref: { name, text: `prod/${name}` }, isNamed };
}

function on(platform: NodeJS.Platform): { runtime: ReturnType<typeof systemRuntime> } {
  const runtime = systemRuntime();
  return { runtime: { ...runtime, host: { ...runtime.host, platform } } };
}

function refusal(
  requests: readonly NamedRequest[],
  allowEnvNames: readonly string[] = [],
  platform: NodeJS.Platform = 'linux',
): SecretctlError | undefined {
  try {
    checkNames(requests, { isEnvironment: true, allowEnvNames }, on(platform));
    return undefined;
  } catch (error) {
    if (error instanceof SecretctlError) return error;
    throw error;
  }
}

/** Those of ci-platforms-and-formats.md, section 8, with an ending in place of each `*`. */
const ALL = (
  'PATH HOME SHELL IFS ENV BASH_ENV BASH_FUNC_x SHELLOPTS BASHOPTS PS1 PS4 PROMPT_COMMAND ZDOTDIR LD_X DYLD_X NODE_OPTIONS NODE_PATH ' +
  'NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NPM_CONFIG_X PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONWARNINGS PERL5OPT PERL5LIB ' +
  'RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH GIT_SSH GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_CONFIG_X ' +
  'EDITOR PAGER BROWSER HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR PHPRC GITHUB_X RUNNER_X ACTIONS_X CI CI_X ' +
  'GITLAB_X BUILDKITE BUILDKITE_X CIRCLECI CIRCLE_X SYSTEM_X BUILD_X AGENT_X TF_BUILD BITBUCKET_X JENKINS_X SECRETCTL_X'
).split(' ');

describe('dangerous names', () => {
  test('are all of the list', () => {
    expect(ALL.filter((name) => !dangerousName(name, 'linux'))).toEqual([]);
  });

  test.each([
    'PATH',
    'LD_PRELOAD',
    'LD_ANYTHING',
    'NODE_OPTIONS',
    'BASH_FUNC_x',
    'GITHUB_TOKEN',
    'CI',
    'CI_JOB',
    'BUILDKITE',
    'SECRETCTL_URL',
    'http_proxy',
    'npm_config_registry',
    'GIT_CONFIG_COUNT',
  ])('%s', (name) => expect(dangerousName(name, 'linux')).toBe(true));

  test.each(['DB_PASSWORD', 'PATHS', 'XPATH', 'CIRCUS', 'HOMEPAGE', 'GIT_TOKEN', 'Path', 'ld_preload', 'A'])(
    'not %s',
    (name) => expect(dangerousName(name, 'linux')).toBe(false),
  );

  test('to readers that ignore it letter case does not matter anywhere', () => {
    expect(dangerousName('path', 'linux', true)).toBe(true);
    const rules = { isEnvironment: true, ignoresCase: true, allowEnvNames: [] };
    expect(() => checkNames([request('Path', false)], rules, on('linux'))).toThrow(
      expect.objectContaining({ reason: 'NAME_FORBIDDEN' }),
    );
  });

  test.each(['Path', 'path', 'ld_preload', 'Ci_x'])('%s on Windows', (name) =>
    expect(dangerousName(name, 'win32')).toBe(true),
  );
});

describe('checkNames', () => {
  test('a derived dangerous name is refused with both ways out', () => {
    const error = refusal([request('DB_PASSWORD', false), request('LD_PRELOAD', false)]);
    expect(error?.reason).toBe('NAME_FORBIDDEN');
    expect(error?.exit).toBe(73);
    expect(error?.hints.join('\n')).toMatch(/LD_PRELOAD=prod\/LD_PRELOAD[^]*--allow-env-name LD_PRELOAD/);
  });

  test('all of them are named', () => {
    expect(refusal([request('LD_PRELOAD', false), request('PATH', false)])?.facts.details).toHaveLength(2);
  });

  test('a name that was written down passes', () => expect(refusal([request('LD_PRELOAD', true)])).toBeUndefined());

  test('a name that was allowed passes, another one does not', () => {
    expect(refusal([request('LD_PRELOAD', false)], ['LD_PRELOAD'])).toBeUndefined();
    expect(refusal([request('PATH', false)], ['LD_PRELOAD'])?.reason).toBe('NAME_FORBIDDEN');
  });

  test('formats whose names are no variables take any name', () => {
    expect(() =>
      checkNames([request('PATH', false)], { isEnvironment: false, allowEnvNames: [] }, on('linux')),
    ).not.toThrow();
  });

  test('they clash everywhere for a reader who sees no difference', () => {
    const both = [request('Token', true), request('TOKEN', true)];
    const rules = { isEnvironment: true, ignoresCase: true, allowEnvNames: [] };
    expect(() => checkNames(both, rules, on('linux'))).toThrow(expect.objectContaining({ reason: 'NAME_CLASH' }));
    expect(() => checkNames([request('Token', true)], rules, on('linux'))).not.toThrow();
  });

  test('names that differ in letter case only clash on Windows', () => {
    const both = [request('Token', true), request('TOKEN', true)];
    expect(refusal(both, [], 'win32')?.reason).toBe('NAME_CLASH');
    expect(refusal(both)).toBeUndefined();
  });
});
