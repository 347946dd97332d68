import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { TokenExchangeValues } from './settings.ts';

/** What distinguishes one request from another. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'headers' | 'secretHeaders' | 'body' | 'retry'>;

const FORM = 'application/x-www-form-urlencoded';
const CLIENT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const GRANTS = {
  'token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
  'jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'client-credentials': 'client_credentials',
} as const;

/** The request for a token, with the ID token in the role that the grant gives it. `path` is the token endpoint's. */
export function tokenTarget(path: string, values: TokenExchangeValues, jwt: Sensitive): Target {
  const form = new URLSearchParams({ grant_type: GRANTS[values.grant] });
  for (const [name, value] of [...grantFields(values, text(jwt)), ...commonFields(values)]) form.append(name, value);
  const { headers, fields } = clientOf(values);
  for (const [name, value] of fields) form.append(name, value);
  return {
    method: 'POST',
    path,
    label: path === '' ? '{token endpoint}' : path,
    headers: { 'content-type': FORM, accept: 'application/json' },
    secretHeaders: headers,
    body: new Sensitive(form.toString()),
    retry: 'all',
  };
}

/** The end of a token before its time (RFC 7009 2.1). */
export function revocationTarget(path: string, values: TokenExchangeValues, token: Sensitive): Target {
  const form = new URLSearchParams({ token: text(token), token_type_hint: 'access_token' });
  const { headers, fields } = clientOf(values);
  for (const [name, value] of fields) form.append(name, value);
  return {
    method: 'POST',
    path,
    label: '{revocation endpoint}',
    headers: { 'content-type': FORM, accept: 'application/json' },
    secretHeaders: headers,
    body: new Sensitive(form.toString()),
    retry: 'all',
  };
}

type Fields = readonly (readonly [name: string, value: string])[];

function grantFields(values: TokenExchangeValues, jwt: string): Fields {
  if (values.grant === 'jwt-bearer') return [['assertion', jwt]];
  if (values.grant === 'client-credentials') {
    return [
      ['client_assertion_type', CLIENT_ASSERTION],
      ['client_assertion', jwt],
    ];
  }
  const { 'actor-token': actor, 'requested-token-type': requested } = values;
  return [
    ['subject_token', jwt],
    ['subject_token_type', values['subject-token-type']],
    ...(requested === undefined ? [] : ([['requested_token_type', requested]] as const)),
    ...(actor === undefined
      ? []
      : ([
          ['actor_token', text(actor)],
          ['actor_token_type', values['actor-token-type']],
        ] as const)),
  ];
}

function commonFields(values: TokenExchangeValues): Fields {
  return [
    ...(values.scope === undefined ? [] : ([['scope', values.scope.join(' ')]] as const)),
    ...(values['target-audience'] ?? []).map((audience) => ['audience', audience] as const),
    ...(values.resource ?? []).map((resource) => ['resource', resource] as const),
  ];
}

/** How the client names itself and shows its secret (RFC 6749 2.3.1: both are form-encoded before they become Basic). */
function clientOf(values: TokenExchangeValues): { headers: Record<string, Sensitive>; fields: Fields } {
  const { 'client-id': id, 'client-secret': secret } = values;
  if (id === undefined) return { headers: {}, fields: [] };
  if (secret === undefined) return { headers: {}, fields: [['client_id', id]] };
  if (values['client-auth'] === 'post') {
    return {
      headers: {},
      fields: [
        ['client_id', id],
        ['client_secret', text(secret)],
      ],
    };
  }
  const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(text(secret))}`).toString('base64');
  return { headers: { authorization: new Sensitive(`Basic ${pair}`) }, fields: [] };
}

function formEncoded(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1);
}

function text(secret: Sensitive): string {
  return secret.reveal().toString('utf8');
}
