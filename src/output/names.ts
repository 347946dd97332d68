import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret, SecretRef } from '../lib/secrets.ts';
import { quoted, visible } from '../lib/text.ts';

/**
 * Names that make a shell, a loader, an interpreter or a CI do something else, `*` for any ending
 * (ci-platforms-and-formats.md, section 8).
 */
const DANGEROUS = (
  'PATH HOME SHELL IFS ENV BASH_ENV BASH_FUNC_* SHELLOPTS BASHOPTS PS1 PS4 PROMPT_COMMAND ZDOTDIR LD_* DYLD_* ' +
  'NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NPM_CONFIG_* ' +
  'PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONWARNINGS PERL5OPT PERL5LIB RUBYOPT RUBYLIB ' +
  'JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH ' +
  'GIT_SSH GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_CONFIG_* EDITOR PAGER BROWSER ' +
  'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR PHPRC ' +
  'GITHUB_* RUNNER_* ACTIONS_* CI CI_* GITLAB_* BUILDKITE* CIRCLE* SYSTEM_* BUILD_* AGENT_* TF_BUILD BITBUCKET_* ' +
  'JENKINS_* SECRETCTL_*'
).split(' ');

/** Of these the lower-case spelling is read too, and by some programs first. */
const ALSO_LOWER = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'npm_config_*'];

const RULES = [...DANGEROUS, ...ALSO_LOWER].map((rule) => ({
  isPrefix: rule.endsWith('*'),
  text: rule.replace(/\*$/, ''),
}));

/**
 * Whether a variable of this name would change how other programs run. Letter case does not matter on Windows, nor to
 * readers that ignore it.
 */
export function dangerousName(name: string, platform: NodeJS.Platform, ignoresCase = false): boolean {
  const seen = ignoresCase || platform === 'win32' ? name.toUpperCase() : name;
  return RULES.some((rule) => (rule.isPrefix ? seen.startsWith(rule.text) : seen === rule.text));
}

/**
 * The same for names that only the answers could tell, those of a `#*`: also two that are spelled alike. Nothing has been
 * written yet.
 */
export function checkForeignNames(
  secrets: readonly Secret[],
  rules: NameRules,
  invocation: Pick<Invocation, 'runtime'>,
): void {
  if (!secrets.some((secret) => secret.isForeignName === true)) return;
  const requests = secrets.map(({ name, reference, isForeignName }) => {
    return { ref: { name, text: reference }, isNamed: isForeignName !== true };
  });
  refuseSame(requests, ({ name }) => name, 'here');
  checkNames(requests, rules, invocation);
}

/** One secret that was asked for, as far as its name goes. */
export interface NamedRequest {
  readonly ref: Pick<SecretRef, 'name' | 'text'>;
  /** True when the user wrote the name, false when it was derived from the path. */
  readonly isNamed: boolean;
}

/** What the chosen output says about names. */
export interface NameRules {
  /** Whether names become variables; otherwise any name will do. */
  readonly isEnvironment?: boolean;
  /** Whether two names that differ in letter case only are one to whoever reads them. */
  readonly ignoresCase?: boolean;
  /** Dangerous names that the user allowed one by one. */
  readonly allowEnvNames: readonly string[];
}

/**
 * Stops names that may not become variables, before anything is fetched. Throws NAME_FORBIDDEN (73) for dangerous
 * names that nobody wrote down, NAME_CLASH (64) for names that are one and the same on Windows or to the reader.
 */
export function checkNames(
  requests: readonly NamedRequest[],
  { isEnvironment = false, ignoresCase = false, allowEnvNames }: NameRules,
  { runtime }: Pick<Invocation, 'runtime'>,
): void {
  if (!isEnvironment) return;
  const { platform } = runtime.host;
  if (platform === 'win32') refuseSameName(requests, 'on Windows');
  if (ignoresCase) refuseSameName(requests, 'to their reader, whatever their letter case');
  const forbidden = requests.filter(
    ({ ref, isNamed }) =>
      !isNamed && !allowEnvNames.includes(ref.name) && dangerousName(ref.name, platform, ignoresCase),
  );
  const [first] = forbidden;
  if (first === undefined) return;
  const { name, text } = first.ref;
  const count = forbidden.length === 1 ? '' : `, and ${forbidden.length - 1} more like it`;
  throw new SecretctlError(
    'NAME_FORBIDDEN',
    `the reference ${quoted(text)} would set ${visible(name)}, which changes how other programs run${count}`,
    {
      details: forbidden.map(({ ref }) => `${visible(ref.name)}: derived from ${quoted(ref.text)}`),
      hint: [
        `write NAME=${visible(text)} with another name, or ${visible(name)}=${visible(text)} if that is meant`,
        `or allow it with --allow-env-name ${visible(name)}`,
      ],
    },
  );
}

function refuseSameName(requests: readonly NamedRequest[], where: string): void {
  refuseSame(requests, ({ name }) => name.toUpperCase(), where);
}

function refuseSame(
  requests: readonly NamedRequest[],
  seenAs: (ref: NamedRequest['ref']) => string,
  where: string,
): void {
  const seen = new Map<string, NamedRequest['ref']>();
  for (const { ref } of requests) {
    const other = seen.get(seenAs(ref));
    if (other !== undefined) {
      throw new SecretctlError(
        'NAME_CLASH',
        `${visible(other.name)} (${quoted(other.text)}) and ${visible(ref.name)} (${quoted(ref.text)}) are one name ${where}`,
        { hint: 'give one of them another name with NAME=REFERENCE' },
      );
    }
    seen.set(seenAs(ref), ref);
  }
}
