import { textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, isWelcome } from '../frame/id-token.ts';
import { fieldsOf, json, pathOf, type RehearsedProduct, type Site, textAt } from './products.ts';

/** Akeyless: an access id, the token in each body, many names in one request (pam-cloud.md, 5.2). */
export function akeyless(site: Site): RehearsedProduct {
  const { world, options, sessions } = site;
  return {
    exchange: 'POST /auth',
    read: 'POST /get-secret-value',
    parameters: `access-id=p-${options.identity}`,
    async handle(request) {
      if (request.method !== 'POST') return json(405, { error: 'method not allowed' });
      if (request.target === '/auth') {
        const fields = fieldsOf(request, ['access-type', 'access-id', 'jwt']);
        if (fields === undefined) return json(400, { error: 'bad request' });
        const isKnown =
          textMember(fields, 'access-type') === 'jwt' && textMember(fields, 'access-id') === `p-${options.identity}`;
        if (!isKnown || !(await isWelcome(textMember(fields, 'jwt'), ASYMMETRIC_AND_EDDSA, world)))
          return json(401, { error: 'unauthorized' });
        return json(200, { token: sessions.issue('t-').token, creds: {} });
      }
      return pathOf(request) === '/get-secret-value' ? read() : json(404, { error: 'page not found' });

      function read() {
        const fields = fieldsOf(request, ['names', 'token'], ['version']);
        const list = fields?.members.get('names');
        if (fields === undefined || list?.kind !== 'array' || list.items.length === 0)
          return json(400, { error: 'names is required' });
        if (request.headers['authorization'] !== undefined) return json(400, { error: 'unexpected header' });
        if (!sessions.isGood(textMember(fields, 'token'))) return json(401, { error: 'token is not valid' });
        const names = list.items.map((item) => (item.kind === 'string' ? item.value : ''));
        const denied = names.find((name) => world.forbidden.has(name));
        if (denied !== undefined) return json(403, { error: `no permission for ${denied}` });
        const absent = names.find((name) => textAt(site, name) === undefined);
        if (absent !== undefined) return json(404, { error: `item ${absent} was not found` });
        return json(200, Object.fromEntries(names.map((name) => [name, textAt(site, name)])));
      }
    },
  };
}
