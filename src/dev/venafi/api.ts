import { type Json, jsonIn, member, numberMember, textMember } from '../../lib/json.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import { archiveOf, type EdgeInstance } from './keystore.ts';
import type { VenafiOptions } from './options.ts';
import { failure, json } from './replies.ts';
import type { Content, Holding } from './store.ts';
import { exchange, type Tokens } from './token.ts';

/** What the server works with. */
export interface Site {
  readonly world: RehearsalWorld;
  readonly options: VenafiOptions;
  readonly tokens: Tokens;
  readonly holdings: readonly Holding[];
  readonly edge: EdgeInstance;
  /** How often each certificate was asked for before it was there. */
  readonly asked: Map<string, number>;
}

const TENANT = '5f0c1f6e-0000-4000-8000-2e6a7d1b9c40';
const SEARCH = '/outagedetection/v1/certificatesearch';
const PLACE =
  /^(?:\/outagedetection\/v1\/(?<kind>certificates|certificaterequests)\/(?<id>[0-9a-f-]{36})(?<part>\/contents|\/keystore)?|\/v1\/edgeencryptionkeys\/(?<dek>[^/]+))$/;

/** The tenant in the token URL. */
export const tenant = TENANT;

/** Path of the token endpoint; it is no part of the API, so the API's base does not come before it. */
export const TOKEN_PATH = `/v1/oauth2/v2.0/${TENANT}/token`;

/** What a request is, for faults and counts. */
export function classified({ target }: ServerRequest, { options }: Site): 'exchange' | 'read' | undefined {
  if (target === TOKEN_PATH) return 'exchange';
  return target.startsWith(`${options.base}/outagedetection/`) || target.startsWith(`${options.base}/v1/edge`)
    ? 'read'
    : undefined;
}

/** Answers one request. */
export async function answer(request: ServerRequest, site: Site): Promise<ServerReply> {
  const { world, options, tokens } = site;
  if (request.target === TOKEN_PATH) return exchange(request, world, options, tokens);
  const [path = '', query = ''] = request.target.split('?', 2);
  const isApi = path.startsWith(`${options.base}/`) && !path.startsWith('/v1/oauth');
  if (!isApi) return failure(404, 'Not Found');
  if (!tokens.admit(request.headers['authorization'] ?? '')) return failure(401, 'Unauthorized');
  return resource(request, { path: path.slice(options.base.length), query }, site);
}

interface Target {
  readonly path: string;
  readonly query: string;
}

function resource(request: ServerRequest, { path, query }: Target, site: Site): ServerReply {
  if (path === SEARCH) return search(request, site);
  const { kind = '', id = '', part = '', dek } = PLACE.exec(path)?.groups ?? {};
  if (dek !== undefined) return wrapKey(request, dek, site);
  return kind === '' ? failure(404, 'Not Found') : certificate(request, { kind, id, part, query }, site);
}

interface Place {
  readonly kind: string;
  readonly id: string;
  readonly part: string;
  readonly query: string;
}

function certificate(request: ServerRequest, { kind, id, part, query }: Place, site: Site): ServerReply {
  if (request.method !== (part === '/keystore' ? 'POST' : 'GET')) return failure(405, 'Method Not Allowed');
  const isRequest = kind === 'certificaterequests';
  const holding = site.holdings.find((one) => (isRequest ? one.requestId : one.id) === id);
  if (holding === undefined || (isRequest && part !== '')) return failure(404, 'Unable to find the requested resource');
  if (holding.content === undefined) return failure(403, 'Access is denied');
  if (isRequest) return requestState(holding, site);
  if (part === '') return details(holding, site);
  if (isStillIssuing(holding, site)) return failure(409, 'The certificate is not yet available');
  return part === '/keystore' ? keystore(request, holding.content, site) : contents(holding.content, query);
}

/** Counts down: each question brings the certificate nearer. */
function isStillIssuing({ id }: Holding, { asked, options }: Site): boolean {
  const before = asked.get(id) ?? 0;
  asked.set(id, before + 1);
  return before < options.issuing;
}

function requestState(holding: Holding, site: Site): ServerReply {
  const { id, requestId } = holding;
  if (isStillIssuing(holding, site)) return json(200, { id: requestId, status: 'PENDING', certificateIds: [] });
  if (site.options.issuance === 'fails') {
    const errorInformation = { type: 'PERMANENT', code: 7001, message: 'the authority refused' };
    return json(200, { id: requestId, status: 'FAILED', certificateIds: [], errorInformation });
  }
  return json(200, { id: requestId, status: 'ISSUED', certificateIds: [id] });
}

function details({ id, fingerprint, validityEnd }: Holding, { edge, options }: Site): ServerReply {
  const known = { id, certificateStatus: 'ACTIVE', fingerprint, validityEnd };
  return json(200, options.keys === 'kept' ? { ...known, dekHash: edge.dekHash } : known);
}

const ORDERS = new Set(['EE_FIRST', 'ROOT_FIRST', 'EE_ONLY']);

function contents({ certificates }: Content, query: string): ServerReply {
  const parameters = new URLSearchParams(query);
  const order = parameters.get('chainOrder') ?? 'EE_FIRST';
  const format = parameters.get('format') ?? 'PEM';
  if (!ORDERS.has(order) || (format !== 'PEM' && format !== 'DER')) return failure(400, 'Bad Request');
  const [leaf] = certificates;
  if (format === 'DER') {
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: leaf?.raw ?? '' };
  }
  const chosen = order === 'EE_ONLY' ? certificates.slice(0, 1) : certificates;
  const ordered = order === 'ROOT_FIRST' ? chosen.toReversed() : chosen;
  const body = ordered.map((one) => one.toString()).join('\n');
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}

function wrapKey({ method }: ServerRequest, escaped: string, { edge }: Site): ServerReply {
  if (method !== 'GET') return failure(405, 'Method Not Allowed');
  if (escaped !== encodeURIComponent(edge.dekHash)) return failure(404, 'Unable to find the requested resource');
  return json(200, { id: escaped, key: edge.publicKey.toString('base64') });
}

function keystore(request: ServerRequest, content: Content, { edge, options }: Site): ServerReply {
  const body = jsonBody(request);
  if (textMember(body, 'exportFormat') !== 'PEM' || textMember(body, 'encryptedKeystorePassphrase') !== '') {
    return failure(400, 'Bad Request');
  }
  const box = Buffer.from(textMember(body, 'encryptedPrivateKeyPassphrase') ?? '', 'base64');
  const passphrase = edge.open(box);
  if (passphrase === undefined || passphrase.length === 0) return failure(400, 'Unable to decrypt the passphrase');
  const archive = archiveOf(content, passphrase, options.archive);
  return { status: 201, headers: { 'content-type': 'application/octet-stream' }, body: archive };
}

function search(request: ServerRequest, { holdings, options }: Site): ServerReply {
  if (request.method !== 'POST') return failure(405, 'Method Not Allowed');
  const body = jsonBody(request);
  const expression = member(body, 'expression');
  const operands = member(expression, 'operands');
  const tests = operands?.kind === 'array' ? operands.items.map(testOf) : [undefined];
  const isKnown = [undefined, 'AND'].includes(textMember(expression, 'operator'));
  if (!isKnown || tests.includes(undefined)) return failure(400, 'Invalid search expression');
  const matching = holdings.filter((one) => tests.every((matches) => matches?.(one) === true));
  const paging = member(body, 'paging');
  const size = Math.min(numberMember(paging, 'pageSize') ?? matching.length, options['page-size']);
  const start = (numberMember(paging, 'pageNumber') ?? 0) * size;
  const certificates = matching.slice(start, start + size).map((one) => ({
    id: one.id,
    certificateRequestId: one.requestId,
    subjectCN: [one.name],
    fingerprint: one.fingerprint,
    validityEnd: one.validityEnd,
  }));
  return json(200, { count: matching.length, certificates });
}

/** The operands that clients of this rehearsal have use for. */
function testOf(operand: Json): ((holding: Holding) => boolean) | undefined {
  const [field, operator, value] = ['field', 'operator', 'value'].map((name) => textMember(operand, name));
  if (value === undefined) return undefined;
  if (field === 'fingerprint' && operator === 'MATCH') return (one) => one.fingerprint === value;
  if (field === 'subjectCN' && operator === 'EQ') return (one) => one.name === value;
  return undefined;
}

function jsonBody({ headers, body }: ServerRequest): Json | undefined {
  return headers['content-type'] === 'application/json' ? jsonIn(body) : undefined;
}
