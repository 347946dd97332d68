import { jsonIn, member, numberMember, textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, isWelcome } from '../frame/id-token.ts';
import type { ServerReply, ServerRequest } from '../types.ts';
import { imaginaryRecipe } from './imaginary-recipe.ts';
import { fieldsOf, json, pathOf, queryOf, type RehearsedProduct, type Site } from './products.ts';

const REALM = 'realm of the rehearsal';
const LETTERS = /^[A-Za-z]+$/;

/** The product of {@link imaginaryRecipe}. */
export function imaginary(site: Site): RehearsedProduct {
  const { options } = site;
  const state: State = { csrf: new Map(), tickets: new Map(), asked: new Set() };
  const role = LETTERS.test(options.identity) ? options.identity : 'rehearsal';
  return {
    exchange: 'POST /door',
    read: 'GET /safes/',
    parameters: `role=${role}`,
    recipe: JSON.stringify(imaginaryRecipe(options.slow === 'on')),
    async handle(request) {
      const path = pathOf(request);
      if (path === '/entrance') return entrance(request, role);
      if (path === '/door') return door(request, role, site, state);
      const session = sessionOf(request, site, state);
      if (session === undefined) return page();
      if (path === '/renew') return renew(request, session, site, state);
      if (path === '/session' && request.method === 'DELETE') {
        site.sessions.end(session);
        return { status: 204 };
      }
      return objects(request, path, site, state);
    },
  };
}

interface State {
  /** Second token by session. */
  readonly csrf: Map<string, string>;
  /** Object by open ticket. */
  readonly tickets: Map<string, number>;
  /** Names that were searched for already. */
  readonly asked: Set<string>;
}

function entrance(request: ServerRequest, role: string): ServerReply {
  if (request.method !== 'GET' || queryOf(request).get('role') !== role) return failure(401, 'NoSuchRole');
  const href = `https://${request.headers['host'] ?? ''}/door`;
  const links = [
    { rel: 'help', href: 'https://help.example.com/' },
    { rel: 'token', href },
  ];
  return json(200, { links, outcome: { status: 200 } }, { 'X-Realm': REALM });
}

async function door(request: ServerRequest, role: string, site: Site, state: State): Promise<ServerReply> {
  const { headers, method, body } = request;
  const isSound =
    method === 'POST' &&
    headers['content-type'] === 'application/jwt' &&
    headers['x-realm'] === REALM &&
    headers['x-role'] === `role=${role}`;
  if (!isSound) return failure(400, 'BadRequest');
  if (!(await isWelcome(body.toString('latin1'), ASYMMETRIC_AND_EDDSA, site.world))) return failure(401, 'NotWelcome');
  return openSession(site, state);
}

function openSession({ sessions, world }: Site, state: State): ServerReply {
  const { token, endMs } = sessions.issue('pam-');
  const csrf = world.random(12).toString('hex');
  state.csrf.set(token, csrf);
  const cookies = `other=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT, pam_session=${token}; Path=/; Secure; HttpOnly`;
  return json(200, { session: { csrf, ends: endMs }, outcome: { status: 200 } }, { 'set-cookie': cookies });
}

/** The session of a request that has both of its tokens, and nothing else to show for it. */
function sessionOf({ headers }: ServerRequest, { sessions }: Site, state: State): string | undefined {
  const cookies = (headers['cookie'] ?? '').split('; ');
  const token = cookies.find((one) => one.startsWith('pam_session='))?.slice('pam_session='.length) ?? '';
  const isWhole = cookies.includes('pam_vendor=nobody') && headers['authorization'] === undefined;
  return isWhole && sessions.isGood(token) && headers['x-csrf'] === state.csrf.get(token) ? token : undefined;
}

function renew(request: ServerRequest, session: string, site: Site, state: State): ServerReply {
  const form = new URLSearchParams(request.body.toString('utf8'));
  if (request.method !== 'POST' || form.get('again') !== 'yes' || form.get('csrf') !== state.csrf.get(session)) {
    return failure(400, 'BadRequest');
  }
  site.sessions.end(session);
  return openSession(site, state);
}

function objects(request: ServerRequest, path: string, site: Site, state: State): ServerReply {
  const { method } = request;
  const parts = path.split('/').slice(1);
  if (path === '/objects/search') return search(request, site, state);
  switch (`${method} ${parts.map((part, index) => (index % 2 === 0 ? part : '*')).join('/')}`) {
    case 'POST objects/*/ticket':
      return giveTicket(request, Number(parts[1]), site, state);
    case 'DELETE tickets/*':
      return state.tickets.delete(parts[1] ?? '') ? { status: 204 } : failure(404, 'NoSuchTicket');
    case 'GET safes/*/objects/*/value':
      if (parts[1] !== 'main%20safe') return failure(404, 'NoSuchPlace');
      return value(Number(parts[3]), queryOf(request).get('ticket') ?? '', site, state);
    default:
      return failure(404, 'NoSuchPlace');
  }
}

/** Everything whose name begins so: more than was asked for. */
function search(request: ServerRequest, site: Site, state: State): ServerReply {
  const query = member(fieldsOf(request, ['query', 'limit']), 'query');
  const begins = textMember(query, 'begins');
  if (request.method !== 'POST' || begins === undefined || numberMember(jsonIn(request.body), 'limit') !== 500) {
    return failure(400, 'BadRequest');
  }
  if (site.options.slow === 'on' && !state.asked.has(begins)) {
    state.asked.add(begins);
    return json(202, { state: 'searching' });
  }
  const hits = pathsOf(site).flatMap((name, index) =>
    name.startsWith(begins) ? [{ Name: name, Id: index + 1, Place: { Safe: 'main safe' } }] : [],
  );
  return json(200, { hits, outcome: { status: 200 } });
}

function giveTicket(request: ServerRequest, id: number, site: Site, state: State): ServerReply {
  const fields = fieldsOf(request, ['object', 'exclusive', 'why']);
  if (numberMember(fields, 'object') !== id || member(fields, 'exclusive')?.kind !== 'literal') {
    return failure(400, 'BadRequest');
  }
  const path = pathsOf(site)[id - 1];
  if (path === undefined) return failure(200, 'NoSuchObject');
  if (site.world.forbidden.has(path)) return failure(403, 'NotForYou');
  if ([...state.tickets.values()].includes(id)) return failure(409, 'TicketIsOut');
  const ticket = site.world.random(8).toString('hex');
  state.tickets.set(ticket, id);
  return json(201, { ticket, outcome: { status: 201 } });
}

function value(id: number, ticket: string, site: Site, state: State): ServerReply {
  if (state.tickets.get(ticket) !== id) return failure(403, 'NoTicket');
  const path = pathsOf(site)[id - 1] ?? '';
  const content = site.world.secrets.get(path)?.at(-1)?.toString('base64url');
  const fields = [
    { kind: 'note', content: 'AAAA' },
    { kind: 'Secret', content },
  ];
  return json(200, { payload: { parts: [{ fields }] }, outcome: { status: 200 } });
}

function pathsOf({ world }: Site): readonly string[] {
  return [...new Set([...world.secrets.keys(), ...world.forbidden])];
}

/** A refusal comes as a success, and says in its body what it is. */
function failure(status: number, code: string): ServerReply {
  return json(200, { error: { code }, outcome: { status, code } });
}

function page(): ServerReply {
  const body = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Who are you?</body></html>';
  return { status: 200, headers: { 'content-type': 'text/html' }, body };
}
