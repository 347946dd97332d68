import { SecretctlError } from '../lib/errors.ts';
import { nearest, quoted } from '../lib/text.ts';
import { tooMany } from './refuse.ts';
import type * as Templates from './template.ts';
import type { Format } from './types.ts';

export { encodeSecrets } from './encode.ts';

/** What reads templates, loaded when one is used. */
export function loadTemplates(): Promise<typeof Templates> {
  return import('./template.ts');
}

/**
 * Every format, in the order in which help lists them. A new one is a file beside this one and a row here; the file is
 * loaded when the format is used.
 */
export const FORMATS: readonly Format[] = [
  {
    name: 'raw',
    help: 'one secret, its exact bytes, nothing added',
    single: true,
    load: async () => (await import('./raw.ts')).raw,
  },
  {
    name: 'json',
    help: 'one JSON object, for programs',
    load: async () => (await import('./json.ts')).json,
  },
  {
    name: 'yaml',
    help: 'one YAML mapping, for programs',
    load: async () => (await import('./yaml.ts')).yaml,
  },
  {
    name: 'dotenv',
    help: 'a .env file for Node: npm dotenv, dotenvx and --env-file',
    isEnvironment: true,
    load: async () => (await import('./dotenv.ts')).dotenv,
  },
  {
    name: 'dotenv:python',
    help: 'a .env file for python-dotenv',
    isEnvironment: true,
    load: async () => (await import('./dotenv-python.ts')).dotenvPython,
  },
  {
    name: 'dotenv:ruby',
    help: 'a .env file for Ruby dotenv 3 and later',
    isEnvironment: true,
    load: async () => (await import('./dotenv-ruby.ts')).dotenvRuby,
  },
  {
    name: 'dotenv:go',
    help: 'a .env file for godotenv',
    isEnvironment: true,
    load: async () => (await import('./dotenv-go.ts')).dotenvGo,
  },
  {
    name: 'dotenv:compose',
    aliases: ['compose-env'],
    help: 'a .env or env_file for Docker Compose',
    isEnvironment: true,
    load: async () => (await import('./dotenv-compose.ts')).dotenvCompose,
  },
  {
    name: 'dotenv:bun',
    help: 'a .env file for Bun',
    isEnvironment: true,
    load: async () => (await import('./dotenv-bun.ts')).dotenvBun,
  },
  {
    name: 'dotenv:portable',
    help: 'a .env file that every reader takes alike, shells and systemd too; refuses most odd values',
    isEnvironment: true,
    load: async () => (await import('./dotenv-portable.ts')).dotenvPortable,
  },
  {
    name: 'sh',
    aliases: ['bash', 'zsh', 'export'],
    help: 'export lines for sh, dash, bash, zsh, ksh: source them with `. FILE`',
    isEnvironment: true,
    isExport: true,
    load: async () => (await import('./sh.ts')).sh,
  },
  {
    name: 'fish',
    help: '`set -gx` lines for fish: source them with `source FILE`',
    isEnvironment: true,
    isExport: true,
    load: async () => (await import('./fish.ts')).fish,
  },
  {
    name: 'powershell',
    help: '`$env:` lines for PowerShell: source them with `. ./FILE.ps1`',
    isEnvironment: true,
    isExport: true,
    ignoresCase: true,
    load: async () => (await import('./powershell.ts')).powershell,
  },
  {
    name: 'nu',
    help: '`$env.` lines for nushell: source them with `source FILE`',
    isEnvironment: true,
    isExport: true,
    load: async () => (await import('./nu.ts')).nu,
  },
  {
    name: 'cmd',
    help: '`set` lines of a batch file for cmd.exe: `call FILE.cmd`; plain characters only',
    isEnvironment: true,
    isExport: true,
    ignoresCase: true,
    load: async () => (await import('./cmd.ts')).cmd,
  },
  {
    name: 'docker-env',
    help: 'a file for docker run --env-file; no line breaks',
    isEnvironment: true,
    load: async () => (await import('./docker-env.ts')).dockerEnv,
  },
  {
    name: 'systemd-env',
    help: 'a file for EnvironmentFile= of a systemd unit',
    isEnvironment: true,
    load: async () => (await import('./systemd-env.ts')).systemdEnv,
  },
  {
    name: 'properties',
    help: 'a .properties file for Java and the JVM',
    load: async () => (await import('./properties.ts')).properties,
  },
  {
    name: 'tfvars',
    help: 'a .tfvars file for Terraform and OpenTofu',
    load: async () => (await import('./tfvars.ts')).tfvars,
  },
  {
    name: 'github-env',
    help: 'later steps of a GitHub, Forgejo or Gitea job; appended to the file of $GITHUB_ENV',
    isEnvironment: true,
    isExport: true,
    target: { kind: 'appended', variable: 'GITHUB_ENV' },
    load: async () => (await import('./github-env.ts')).githubEnv,
  },
  {
    name: 'azure',
    help: 'secret variables for later tasks of an Azure Pipelines job, mapped there with env:',
    isEnvironment: true,
    isExport: true,
    ignoresCase: true,
    target: { kind: 'commands', variable: 'TF_BUILD' },
    load: async () => (await import('./azure.ts')).azure,
  },
  {
    name: 'circleci',
    help: 'later steps of a CircleCI job; appended to the file of $BASH_ENV',
    isEnvironment: true,
    isExport: true,
    target: { kind: 'appended', variable: 'BASH_ENV' },
    load: async () => (await import('./circleci.ts')).circleci,
  },
  {
    name: 'buildkite',
    help: 'later phases of a Buildkite job: pipe to `buildkite-agent env set --input-format=json -`',
    isEnvironment: true,
    isExport: true,
    load: async () => (await import('./buildkite.ts')).buildkite,
  },
  {
    name: 'teamcity',
    help: 'env. parameters for later steps of a TeamCity build, declared there as passwords',
    isEnvironment: true,
    isExport: true,
    load: async () => (await import('./teamcity.ts')).teamcity,
  },
  {
    name: 'gitlab-dotenv',
    help: 'artifacts:reports:dotenv of a GitLab job, which others may download; needs --allow-plaintext-artifact',
    isEnvironment: true,
    isArtifact: true,
    load: async () => (await import('./gitlab-dotenv.ts')).gitlabDotenv,
  },
];

/** The format of that name, or undefined. */
export function formatNamed(name: string): Format | undefined {
  return FORMATS.find((format) => format.name === name);
}

/**
 * The format of that name for that many secrets. Throws USAGE when there is none, and when it carries one secret and
 * another number was asked for: before anything is fetched.
 */
export function formatFor(name: string, count: number): Format {
  const format = formatNamed(name);
  if (format === undefined) throw unknownFormat(name);
  if (format.single === true && count !== 1) throw tooMany(count);
  return format;
}

function unknownFormat(name: string): SecretctlError {
  const names = FORMATS.map((format) => format.name);
  const meant = nearest(name, names);
  return new SecretctlError('USAGE', `there is no format ${quoted(name)}`, {
    hint: meant === undefined ? `formats: ${names.join(', ')}` : `did you mean ${meant}?`,
  });
}
