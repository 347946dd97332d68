import { visible } from '../lib/text.ts';
import type { Environment } from './types.ts';

const JWT = /^eyJ[\w-]{10,16000}\.eyJ[\w-]{1,16000}\.[\w-]+\s*$/;

/** JWTs that CIs hand out for their own services: they say nothing about the job to anybody else. */
const NOT_ID_TOKENS: ReadonlySet<string> = new Set([
  'CI_JOB_TOKEN',
  'CI_REGISTRY_PASSWORD',
  'CI_DEPENDENCY_PROXY_PASSWORD',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'SYSTEM_ACCESSTOKEN',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'CF_OIDC_REQUEST_TOKEN',
  'FORGEJO_TOKEN',
  'GITEA_TOKEN',
  'GITHUB_TOKEN',
]);

/** A hint that names the variables holding something like an ID token, for a person to choose from; empty without any. */
export function candidateHint(env: Environment): readonly string[] {
  const names = Object.keys(env)
    .filter((name) => !NOT_ID_TOKENS.has(name) && JWT.test(env[name] ?? ''))
    .toSorted();
  if (names.length === 0) return [];
  const shown = names.slice(0, 5).map(visible).join(', ');
  return [`these variables hold something like an ID token; if one is meant, name it: --token-env ${shown}`];
}
