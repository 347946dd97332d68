import type { ServerReply } from '../types.ts';
import { type Appliance, findVariable } from './appliance.ts';
import { bare, failure, json, unprocessable } from './replies.ts';
import type { RoutedRequest } from './requests.ts';

/** Most entries in one answer; 10,000 is let through although it is more. */
const LIST_LIMIT = 1000;
const TOLERATED_LIMIT = 10_000;

/** Entries without `limit` but with `offset`. */
const PAGE = 10;

/** `GET /resources/{account}[/{kind}]`: what this host can see, sorted by id (conjur-vault.md, 1.7). */
export function listResources(appliance: Appliance, kind: string | undefined, { query }: RoutedRequest): ServerReply {
  const page = pageOf(query);
  if (typeof page === 'string') return unprocessable(page);
  const wanted = kind ?? query.get('kind') ?? 'variable';
  const visible = wanted === 'variable' ? visibleIds(appliance).filter(searchFor(query.get('search'))) : [];
  if (query.get('count') === 'true') return json(200, { count: visible.length });
  return json(
    200,
    visible.slice(page.offset, page.offset + page.limit).map((id) => resource(appliance, id)),
  );
}

/** `GET /resources/{account}/variable/{id}`, and with `check=true` whether a privilege is held. */
export function showResource(appliance: Appliance, id: string, { query }: RoutedRequest): ServerReply {
  const variable = findVariable(appliance, id);
  if (variable === undefined || !variable.isVisible) {
    return query.get('check') === 'true' ? bare(404) : failure(404, 'not_found', `Variable '${id}' not found`);
  }
  if (query.get('check') !== 'true') return json(200, resource(appliance, id));
  const role = query.get('role');
  if (role !== undefined && role !== roleId(appliance)) return bare(403);
  const privilege = query.get('privilege');
  const isHeld = privilege === 'read' || (privilege === 'execute' && variable.mayExecute);
  return bare(isHeld ? 204 : 404);
}

interface Page {
  readonly offset: number;
  readonly limit: number;
}

function pageOf(query: ReadonlyMap<string, string>): Page | string {
  const limit = query.get('limit');
  const offset = query.get('offset');
  if (limit !== undefined && !/^[1-9][0-9]{0,8}$/.test(limit)) return "'limit' contains an invalid value";
  if (offset !== undefined && !/^[0-9]{1,9}$/.test(offset)) return "'offset' contains an invalid value";
  const most = limit === undefined ? (offset === undefined ? LIST_LIMIT : PAGE) : Number(limit);
  if (most > LIST_LIMIT && most !== TOLERATED_LIMIT) return `'limit' must be at most ${LIST_LIMIT}`;
  return { offset: Number(offset ?? 0), limit: most };
}

/** Words, not substrings; dots, slashes and dashes are blanks. */
function searchFor(search: string | undefined): (id: string) => boolean {
  const words = wordsOf(search ?? '');
  return (id) => words.every((word) => wordsOf(id).includes(word));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[./\s-]+/)
    .filter((word) => word !== '');
}

function visibleIds(appliance: Appliance): string[] {
  const ids = new Set([...appliance.world.secrets.keys(), ...appliance.world.forbidden]);
  return [...ids].filter((id) => findVariable(appliance, id)?.isVisible === true).toSorted();
}

function resource(appliance: Appliance, id: string): Readonly<Record<string, unknown>> {
  const { account } = appliance;
  const variable = findVariable(appliance, id);
  const privileges = variable?.mayExecute === true ? ['read', 'execute'] : ['read'];
  return {
    created_at: '2024-01-01T00:00:00.000+00:00',
    id: `${account}:variable:${id}`,
    owner: `${account}:user:admin`,
    policy: `${account}:policy:root`,
    permissions: privileges.map((privilege) => ({
      privilege,
      role: roleId(appliance),
      policy: `${account}:policy:root`,
    })),
    annotations: [],
    secrets: (variable?.versions ?? []).map((_, index) => ({ version: index + 1, expires_at: null })),
  };
}

function roleId({ account, login }: Appliance): string {
  return `${account}:host:${login.replace(/^host\//, '')}`;
}
