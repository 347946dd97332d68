import type { SettingsFault } from '../types.ts';
import type { ConjurValues, Edition } from './settings.ts';

/** Host names of the SaaS, anchored at the end, as the vendor's Go client has them (conjur-vault.md, 1.1). */
const SAAS_HOST =
  /(?:\.secretsmgr|-secretsmanager)\.(?:(?:integration-|test-|dev-|sandbox-|pt-)?cyberark|cyberark-everest-(?:integdev|pre-prod))\.cloud$/;

/** Base URL of the API: on a SaaS host `/api` is part of it and is appended when it is not there; any other URL stays as it is. */
export function conjurBaseUrl(url: URL): URL {
  if (!isSaasHost(url) || url.pathname.includes('/api')) return url;
  const base = new URL(url);
  base.pathname = `${url.pathname.replace(/\/$/, '')}/api`;
  return base;
}

/** The configured edition, else the one that the host name tells; followers and leaders are not told apart. */
export function editionOf(url: URL, values: ConjurValues): Edition {
  return values.edition ?? (isSaasHost(url) ? 'saas' : 'self-hosted');
}

/** The account; SaaS and Edge know one only. Undefined where it must be configured and is not. */
export function accountOf(url: URL, values: ConjurValues): string | undefined {
  return values.account ?? (hasOneAccount(editionOf(url, values)) ? ONLY_ACCOUNT : undefined);
}

/** What is wrong with the settings taken together. */
export function checkConjur(url: URL, values: ConjurValues): readonly SettingsFault[] {
  const faults: SettingsFault[] = [];
  const edition = editionOf(url, values);
  const account = accountOf(url, values);
  if (OF_A_CALL.test(url.pathname))
    faults.push('url must be the address of Conjur alone: paths such as /authn-jwt are added');
  if (account === undefined) faults.push({ missing: 'account', what: 'the Conjur account that holds the secrets' });
  else if (edition === 'saas' && account !== ONLY_ACCOUNT) faults.push(`account must be ${ONLY_ACCOUNT} on SaaS`);
  if (values['service-id'] === undefined) {
    faults.push({ missing: 'service-id', what: "the JWT authenticator's, such as gitlab for authn-jwt/gitlab" });
  }
  return faults;
}

/** Paths that people copy with the address. */
const OF_A_CALL = /\/(?:authn(?:-[a-z]+)?|secrets|resources|policies)(?:\/|$)/;

const ONLY_ACCOUNT = 'conjur';

function hasOneAccount(edition: Edition): boolean {
  return edition === 'saas' || edition === 'edge';
}

function isSaasHost(url: URL): boolean {
  return url.protocol === 'https:' && SAAS_HOST.test(url.hostname.toLowerCase());
}
