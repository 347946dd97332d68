import { Sensitive } from '../lib/sensitive.ts';
import { jsonToken, requestToAsk, requestUrl, type TokenRequest, withAudience } from './request.ts';
import type { OwnWay } from './types.ts';

/**
 * The request that GitHub Actions answers, and Forgejo Actions after it: two variables give the URL and the right to ask
 * (ci-platforms-and-formats.md, 3.3).
 */
export function actionsToken(from: string): OwnWay {
  return {
    needs: 'ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    async find({ audience }, seeking) {
      const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: right = '' } =
        seeking.runtime.env;
      if (url === '' || right === '') return undefined;
      seeking.hide('ID token request token', new Sensitive(right));
      const request: TokenRequest = {
        from,
        method: 'GET',
        url: withAudience(requestUrl('ACTIONS_ID_TOKEN_REQUEST_URL', url), audience),
        headers: { accept: 'application/json' },
        secretHeaders: { authorization: new Sensitive(`Bearer ${right}`) },
        audience,
        refused: 'the right to ask ends with the job; a step that outlives it, or a copied variable, has none',
        read: (answer) => jsonToken(answer, 'value'),
      };
      return requestToAsk(request, seeking);
    },
  };
}
