import type { SubjectToken } from '../lib/tokens.ts';
import { chainSource } from './chain.ts';
import { commandSource } from './command.ts';
import { fileSource } from './file.ts';
import { google } from './google.ts';
import { platformSource } from './platform-source.ts';
import type { Absent } from './no-id-token.ts';
import { PLATFORMS } from './platforms.ts';
import { eks, kubernetes, tekton } from './pod.ts';
import { stdinSource } from './stdin.ts';
import type { Pipeline, Seeking, ToAsk, TokenSettings, TokenSource } from './types.ts';
import { DEFAULT_VARIABLE, defaultSource, variableSource } from './variable.ts';

export { platformOf } from './platforms.ts';
export { DEFAULT_VARIABLE } from './variable.ts';

/**
 * Every place a token may come from, in the order of asking: what was named, then the CI, then the default variable, and
 * last what the machine below the CI has, which must never win over the CI's own.
 */
export const SOURCES: readonly TokenSource[] = [
  chainSource,
  stdinSource,
  fileSource,
  variableSource,
  commandSource,
  ...PLATFORMS.map(platformSource),
  defaultSource,
  tekton,
  kubernetes,
  eks,
  google,
];

/** What `--token-source` takes. */
export const SOURCE_NAMES: readonly string[] = SOURCES.flatMap(({ key }) => key ?? []);

/**
 * Variables that hold an ID token, or the right to ask for one, on some CI: a child that needs neither must not have
 * them. `SECRETCTL_ID_TOKEN` is among them; a variable that was named in the settings is not.
 */
export const TOKEN_VARIABLES: readonly string[] = (
  `${DEFAULT_VARIABLE} CI_JOB_JWT CI_JOB_JWT_V1 CI_JOB_JWT_V2 BUILDKITE_AGENT_ACCESS_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL SYSTEM_ACCESSTOKEN ` +
  'SYSTEM_OIDCREQUESTURI CIRCLE_OIDC_TOKEN CIRCLE_OIDC_TOKEN_V2 BITBUCKET_STEP_OIDC_TOKEN CF_OIDC_REQUEST_TOKEN ' +
  'CF_OIDC_REQUEST_URL SEMAPHORE_OIDC_TOKEN VERCEL_OIDC_TOKEN SPACELIFT_OIDC_TOKEN TFC_WORKLOAD_IDENTITY_TOKEN'
).split(' ');

/** Whether a variable is one of those, or one of a kind of which a job may have any number. */
export function isTokenVariable(name: string): boolean {
  return TOKEN_VARIABLES.includes(name) || /^TFC_WORKLOAD_IDENTITY_TOKEN_\w+$/.test(name);
}

/**
 * The ID token from the first source that is here, or how that one is asked for; nothing is sent and no program is
 * started. Throws NO_ID_TOKEN (66), listing every source and why it is not here, the likeliest cause as its message, or what the source that is here says
 * against its token (TOKEN_MISSING, TOKEN_FILE, TOKEN_FORMAT, …).
 */
export async function findSubjectToken(token: TokenSettings, seeking: Seeking): Promise<SubjectToken | ToAsk> {
  const absent: Absent[] = [];
  for (const source of SOURCES) {
    if (token.source !== undefined && source.key !== token.source) continue;
    const answer = await source.find(token, seeking);
    if (!('here' in answer)) {
      if (token.serviceConnection === undefined) return answer;
      return (await import('./service-connection.ts')).ofConnection(source, answer);
    }
    absent.push({ name: source.name, ...answer });
  }
  throw (await import('./no-id-token.ts')).noIdToken(absent, token, seeking.runtime.env);
}

/** How jobs of each CI are written; loaded for whoever writes the first one. */
export async function loadPipelines(): Promise<readonly Pipeline[]> {
  return (await import('./pipelines.ts')).PIPELINES;
}

/** The same, asked for where it has to be. Throws besides what the request or the program that gives it throws. */
export async function readSubjectToken(token: TokenSettings, seeking: Seeking): Promise<SubjectToken> {
  const found = await findSubjectToken(token, seeking);
  return 'ask' in found ? found.ask() : found;
}
