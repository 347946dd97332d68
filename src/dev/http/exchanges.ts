import { textMember } from '../../lib/json.ts';
import { ASYMMETRIC_AND_EDDSA, isWelcome } from '../frame/id-token.ts';
import { fieldsOf, json, type RehearsedProduct, type Site } from './products.ts';

// Products whose access token is all that a job wants of them (pam-cloud.md, 5.2).

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Octopus Deploy: the token's address is found first; the life is a number in a text. */
export function octopus({ world, options, sessions }: Site): RehearsedProduct {
  return {
    exchange: 'POST /token/v1',
    read: 'GET /nothing',
    parameters: `service-account=${options.identity}`,
    async handle(request) {
      const route = `${request.method} ${request.target}`;
      if (route === 'GET /.well-known/openid-configuration') {
        const host = request.headers['host'] ?? '';
        return json(200, { issuer: `https://${host}`, token_endpoint: `https://${host}/token/v1` });
      }
      if (route !== 'POST /token/v1') return json(404, { ErrorMessage: 'Not found', Errors: [] });
      const fields = fieldsOf(request, ['grant_type', 'audience', 'subject_token', 'subject_token_type']);
      const isKnown =
        textMember(fields, 'grant_type') === EXCHANGE &&
        textMember(fields, 'audience') === options.identity &&
        textMember(fields, 'subject_token_type') === 'urn:ietf:params:oauth:token-type:jwt';
      if (!isKnown || !(await isWelcome(textMember(fields, 'subject_token'), ASYMMETRIC_AND_EDDSA, world))) {
        return json(400, {
          error: 'invalid_request',
          error_description: 'The subject token is not valid for this account',
        });
      }
      const { token } = sessions.issue('eyJ');
      return json(200, {
        access_token: token,
        expires_in: `${options['token-lifetime']}`,
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
      });
    },
  };
}

/** JFrog: an access token that is a JWT, whose subject is the user; a refusal in a 200. */
export function jfrog({ world, options, sessions }: Site): RehearsedProduct {
  return {
    exchange: 'POST /access/api/v1/oidc/token',
    read: 'GET /nothing',
    parameters: `provider=${options.identity}`,
    async handle(request) {
      const route = `${request.method} ${request.target}`;
      if (route !== 'POST /access/api/v1/oidc/token')
        return json(404, { errors: [{ status: 404, message: 'Not Found' }] });
      const names = ['grant_type', 'subject_token_type', 'subject_token', 'provider_name'];
      const fields = fieldsOf(request, names, ['project_key']);
      const isKnown =
        textMember(fields, 'grant_type') === EXCHANGE &&
        textMember(fields, 'subject_token_type') === 'urn:ietf:params:oauth:token-type:id_token' &&
        textMember(fields, 'provider_name') === options.identity;
      if (!isKnown || !(await isWelcome(textMember(fields, 'subject_token'), ASYMMETRIC_AND_EDDSA, world))) {
        return json(200, { errors: [{ status: 403, message: 'Token exchange failed' }] });
      }
      const { token, endMs } = sessions.issue('');
      const claims = { sub: 'jfac@01/users/ci-job', exp: Math.floor(endMs / 1000), jti: token };
      const access = ['{"alg":"RS256"}', JSON.stringify(claims), 'unsigned in the rehearsal'];
      return json(200, {
        access_token: access.map((part) => Buffer.from(part).toString('base64url')).join('.'),
        token_type: 'Bearer',
        username: 'ci-job',
      });
    },
  };
}

/** Cloudsmith: 201, and no word about the token's end. */
export function cloudsmith({ world, options, sessions }: Site): RehearsedProduct {
  return {
    exchange: `POST /openid/${options.identity}/`,
    read: 'GET /nothing',
    parameters: `organization=${options.identity},service=ci`,
    async handle(request) {
      if (`${request.method} ${request.target}` !== `POST /openid/${options.identity}/`)
        return json(404, { detail: 'Not found.' });
      const fields = fieldsOf(request, ['oidc_token', 'service_slug']);
      if (fields === undefined) return json(422, { detail: 'There was a problem with the request.' });
      const isKnown = textMember(fields, 'service_slug') === 'ci';
      if (!isKnown || !(await isWelcome(textMember(fields, 'oidc_token'), ASYMMETRIC_AND_EDDSA, world)))
        return json(401, { detail: 'Invalid token.' });
      return json(201, { token: sessions.issue('cs-').token });
    },
  };
}
