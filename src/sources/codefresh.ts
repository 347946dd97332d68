import { Sensitive } from '../lib/sensitive.ts';
import { jsonToken, requestToAsk, requestUrl, type TokenRequest, withAudience } from './request.ts';
import type { Platform } from './types.ts';

/** Codefresh: a request whose right is sent as it is, without the word Bearer (ci-platforms-and-formats.md, section 1). */
export const codefresh: Platform = {
  key: 'codefresh',
  name: 'Codefresh',
  isHere: (env) => env['CF_BUILD_ID'] !== undefined,
  absence: 'CF_BUILD_ID is not set',
  declare: () => ['run it in a freestyle step of the pipeline: Codefresh sets both variables there'],
  own: {
    needs: 'CF_OIDC_REQUEST_URL and CF_OIDC_REQUEST_TOKEN',
    async find({ audience }, seeking) {
      const { CF_OIDC_REQUEST_URL: url = '', CF_OIDC_REQUEST_TOKEN: right = '' } = seeking.runtime.env;
      if (url === '' || right === '') return undefined;
      const secret = new Sensitive(right);
      seeking.hide('ID token request token', secret);
      const request: TokenRequest = {
        from: 'Codefresh',
        method: 'GET',
        url: withAudience(requestUrl('CF_OIDC_REQUEST_URL', url), audience),
        headers: { accept: 'application/json' },
        secretHeaders: { authorization: secret },
        audience,
        refused: 'the right to ask ends with the build',
        read: (answer) => jsonToken(answer, 'id_token'),
      };
      return requestToAsk(request, seeking);
    },
  },
};
