import { jsonIn, member } from '../../lib/json.ts';
import type { ServerReply } from '../types.ts';
import { type Appliance, findVariable } from './appliance.ts';
import { bare } from './replies.ts';
import type { RoutedRequest } from './requests.ts';

/** Media type of the second API. */
export const V2_TYPE = 'application/x.secretsmgr.v2beta+json';

const MOST_IDS = 250;

/** `POST /secrets/values`, SaaS only: each id has its own status (conjur-vault.md, 1.6). */
export function readValues(appliance: Appliance, { request }: RoutedRequest): ServerReply {
  if (request.headers['accept'] !== V2_TYPE) return failureV2(400, 'CONJ00194W The Accept header is missing or wrong');
  const ids = idsOf(request.body);
  if (ids === undefined) return failureV2(400, 'the body is not an object with a list of ids');
  if (ids.length === 0 || ids.length > MOST_IDS) return failureV2(422, `from 1 to ${MOST_IDS} ids may be asked for`);
  if (new Set(ids).size < ids.length) return failureV2(400, 'CONJ00160E The request contains duplicated variable ids');
  return {
    status: 200,
    headers: { 'content-type': V2_TYPE },
    body: JSON.stringify({ secrets: ids.map((id) => entryOf(appliance, id)) }),
  };
}

function idsOf(body: Buffer): readonly string[] | undefined {
  const list = member(jsonIn(body), 'ids');
  if (list?.kind !== 'array') return undefined;
  const ids = list.items.map((item) => (item.kind === 'string' ? item.value : undefined));
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

interface Entry {
  readonly id: string;
  readonly value: string;
  readonly status: number;
}

function entryOf(appliance: Appliance, id: string): Entry {
  const variable = findVariable(appliance, id);
  if (variable === undefined || !variable.isVisible) return { id, value: '', status: 404 };
  if (!variable.mayExecute) return { id, value: '', status: 403 };
  const value = variable.versions.at(-1);
  // Text only: what is no UTF-8 becomes U+FFFD.
  return value === undefined ? { id, value: '', status: 404 } : { id, value: value.toString('utf8'), status: 200 };
}

/** The second API's error shape; empty for 401 and 403. */
function failureV2(status: number, message: string): ServerReply {
  if (status === 401 || status === 403) return bare(status);
  return { status, headers: { 'content-type': V2_TYPE }, body: JSON.stringify({ code: `${status}`, message }) };
}
