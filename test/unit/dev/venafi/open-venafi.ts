import { onTestFinished } from 'vitest';
import { type Rehearsal, type RehearsalOptions, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer, type CallOptions } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A rehearsed tenant with made-up certificates and one that may not be read, until the test ends. */
export async function openVenafi(more: Partial<RehearsalOptions> = {}): Promise<Rehearsal> {
  const forbidden = new Set(['closed.example.com']);
  const rehearsal = await startRehearsal({ backend: 'venafi', issuerKey, forbidden, ...more }, systemRuntime());
  onTestFinished(() => rehearsal.close());
  return rehearsal;
}

/** Path of its token endpoint. */
export function tokenPath(rehearsal: Rehearsal): string {
  return `/v1/oauth2/v2.0/${String(rehearsal.configuration()['tenant'])}/token`;
}

/** A workload identity exchange, with these fields changed; undefined takes one away. */
export async function exchange(
  rehearsal: Rehearsal,
  fields: Readonly<Record<string, string | undefined>> = {},
  headers: Readonly<Record<string, string>> = FORM,
): Promise<CallAnswer> {
  const all = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await rehearsal.token(),
    ...fields,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return call(rehearsal, 'POST', tokenPath(rehearsal), { headers, body: new URLSearchParams(given).toString() });
}

/** Requests with an access token of a good exchange. */
export async function loggedIn(
  rehearsal: Rehearsal,
): Promise<(method: string, target: string, body?: unknown, more?: CallOptions['headers']) => Promise<CallAnswer>> {
  const { text } = await exchange(rehearsal);
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return (method, target, body, more) =>
    call(rehearsal, method, target, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
      body: body === undefined ? '' : JSON.stringify(body),
    });
}
