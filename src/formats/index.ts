import { SecretctlError } from '../lib/errors.ts';
import { nearest, quoted } from '../lib/text.ts';
import { azure } from './azure.ts';
import { buildkite } from './buildkite.ts';
import { circleci } from './circleci.ts';
import { cmd } from './cmd.ts';
import { dockerEnv } from './docker-env.ts';
import { dotenvBun } from './dotenv-bun.ts';
import { dotenvCompose } from './dotenv-compose.ts';
import { dotenvGo } from './dotenv-go.ts';
import { dotenvPortable } from './dotenv-portable.ts';
import { dotenvPython } from './dotenv-python.ts';
import { dotenvRuby } from './dotenv-ruby.ts';
import { dotenv } from './dotenv.ts';
import { fish } from './fish.ts';
import { githubEnv } from './github-env.ts';
import { gitlabDotenv } from './gitlab-dotenv.ts';
import { json } from './json.ts';
import { nu } from './nu.ts';
import { powershell } from './powershell.ts';
import { properties } from './properties.ts';
import { raw, tooMany } from './raw.ts';
import { sh } from './sh.ts';
import { systemdEnv } from './systemd-env.ts';
import { teamcity } from './teamcity.ts';
import { tfvars } from './tfvars.ts';
import type { Format } from './types.ts';
import { yaml } from './yaml.ts';

export { encodeSecrets } from './encode.ts';

/** Every format, in the order in which help lists them. A new one is a file beside this one and a row here. */
export const FORMATS: readonly Format[] = [
  ...[raw, json, yaml],
  ...[dotenv, dotenvPython, dotenvRuby, dotenvGo, dotenvCompose, dotenvBun, dotenvPortable],
  ...[sh, fish, powershell, nu, cmd],
  ...[dockerEnv, systemdEnv, properties, tfvars],
  ...[githubEnv, azure, circleci, buildkite, teamcity, gitlabDotenv],
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
  if (format.single && count !== 1) throw tooMany(count);
  return format;
}

function unknownFormat(name: string): SecretctlError {
  const names = FORMATS.map((format) => format.name);
  const meant = nearest(name, names);
  return new SecretctlError('USAGE', `there is no format ${quoted(name)}`, {
    hint: meant === undefined ? `formats: ${names.join(', ')}` : `did you mean ${meant}?`,
  });
}
