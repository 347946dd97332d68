import { jsonIn, type JsonObject } from '../../lib/json.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import type { HttpOptions } from './options.ts';

/** One product that a recipe describes, as strict as it is. */
export interface RehearsedProduct {
  /** `METHOD path` of the exchange; of a read, the beginning of it. */
  readonly exchange: string;
  readonly read: string;
  /** The recipe's parameters, `name=value,name=value`. */
  readonly parameters: string;
  /** The whole recipe as JSON, where none of the program's has this name. */
  readonly recipe?: string;
  handle(request: ServerRequest): Promise<ServerReply>;
}

/** What every product is made from. */
export interface Site {
  readonly world: RehearsalWorld;
  readonly options: HttpOptions;
  readonly sessions: Sessions;
}

/** Access tokens and how long they are good. */
export interface Sessions {
  issue(prefix: string): { readonly token: string; readonly endMs: number };
  isGood(token: string | undefined): boolean;
  end(token: string): boolean;
  endAll(): void;
}

/** The sessions of one server, none yet. */
export function openSessions({ now, random }: RehearsalWorld, lifetimeSeconds: number): Sessions {
  const ends = new Map<string, number>();
  return {
    issue(prefix) {
      const token = `${prefix}${random(24).toString('base64url')}`;
      const endMs = now() + lifetimeSeconds * 1000;
      ends.set(token, endMs);
      return { token, endMs };
    },
    isGood: (token) => (ends.get(token ?? '') ?? 0) > now(),
    end: (token) => ends.delete(token),
    endAll: () => ends.clear(),
  };
}

/** The JSON object of a request that has exactly these members, apart from those that may be missing. */
export function fieldsOf(
  request: ServerRequest,
  names: readonly string[],
  others: readonly string[] = [],
): JsonObject | undefined {
  if (!/^application\/json(?:;|$)/.test(request.headers['content-type'] ?? '')) return undefined;
  const body = jsonIn(request.body);
  if (body?.kind !== 'object' || body.repeated.size > 0) return undefined;
  const isComplete = names.every((name) => body.members.has(name));
  return isComplete && [...body.members.keys()].every((name) => names.includes(name) || others.includes(name))
    ? body
    : undefined;
}

/** The path of a request's target, as it is on the wire. */
export function pathOf({ target }: ServerRequest): string {
  return target.split('?', 1)[0] ?? '';
}

/** Its query. */
export function queryOf(request: ServerRequest): URLSearchParams {
  return new URLSearchParams(request.target.slice(pathOf(request).length));
}

/** The bearer token of a request. */
export function bearerOf({ headers }: ServerRequest, scheme = 'Bearer'): string | undefined {
  const given = headers['authorization'] ?? '';
  return given.startsWith(`${scheme} `) ? given.slice(scheme.length + 1) : undefined;
}

/** Any JSON answer. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** The newest value at a path, as text; undefined where there is none. */
export function textAt({ world }: Site, path: string): string | undefined {
  return world.secrets.get(path)?.at(-1)?.toString('utf8');
}

/** `app/name` for the place that the parameters name by default, `place/app/name` for any other. */
export function pathIn(place: string, standing: string, rest: string): string {
  return place === standing ? rest : `${place}/${rest}`;
}

/** The names directly below a place, and what is there; `forbidden` where nothing of it may be read. */
export function contentOf(
  { world }: Site,
  place: string,
): {
  readonly values: readonly (readonly [name: string, value: string])[];
  readonly isForbidden: boolean;
  /** Names beside readable ones that are known to be there and may not be read. */
  readonly withheld: readonly string[];
} {
  const nameBelow = (path: string): string | undefined => {
    const name = path.startsWith(`${place}/`) ? path.slice(place.length + 1) : undefined;
    return name === undefined || name.includes('/') ? undefined : name;
  };
  const values = [...world.secrets].flatMap(([path, versions]): [string, string][] => {
    const name = nameBelow(path);
    const newest = versions.at(-1);
    return name === undefined || newest === undefined || world.forbidden.has(path)
      ? []
      : [[name, newest.toString('utf8')]];
  });
  const withheld = [...world.forbidden].flatMap((path) => nameBelow(path) ?? []);
  return { values, isForbidden: values.length === 0 && withheld.length > 0, withheld };
}
