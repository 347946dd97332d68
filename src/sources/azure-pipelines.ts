import { SecretctlError } from '../lib/errors.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { jsonToken, requestToAsk, requestUrl, type TokenRequest } from './request.ts';
import type { Platform } from './types.ts';

/** Azure Pipelines: a request with the job's own access token (ci-platforms-and-formats.md, 3.4). */
export const azurePipelines: Platform = {
  key: 'azure',
  name: 'Azure Pipelines',
  isHere: (env) => env['TF_BUILD']?.toLowerCase() === 'true',
  absence: 'TF_BUILD is not "True"',
  declare: () => ["map the job's access token into this step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }"],
  fixedAudience: '"api://AzureADTokenExchange"',
  own: {
    needs: 'SYSTEM_ACCESSTOKEN and SYSTEM_OIDCREQUESTURI',
    async find({ serviceConnection }, seeking) {
      const { SYSTEM_OIDCREQUESTURI: uri = '', SYSTEM_ACCESSTOKEN: right = '' } = seeking.runtime.env;
      if (uri === '' || right === '') return undefined;
      if (right.startsWith('$(')) throw unexpanded();
      seeking.hide('access token of the job', new Sensitive(right));
      const url = requestUrl('SYSTEM_OIDCREQUESTURI', uri);
      url.searchParams.set('api-version', '7.1');
      if (serviceConnection !== undefined) url.searchParams.set('serviceConnectionId', serviceConnection);
      const request: TokenRequest = {
        from: 'Azure Pipelines',
        method: 'POST',
        url,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          // Without it a refusal is a redirect to a login page.
          'x-tfs-fedauthredirect': 'Suppress',
        },
        secretHeaders: { authorization: new Sensitive(`Bearer ${right}`) },
        body: new Sensitive('{}'),
        audience: undefined,
        refused:
          serviceConnection === undefined
            ? 'the access token of the job ends with it; its project may also limit what jobs may ask for'
            : 'the pipeline must be allowed to use the service connection, which is named by its id',
        read: (answer) => jsonToken(answer, 'oidcToken'),
      };
      return requestToAsk(request, seeking);
    },
  },
};

/** What Azure leaves of a macro that it does not know. */
function unexpanded(): SecretctlError {
  return new SecretctlError(
    'TOKEN_UNEXPANDED',
    'SYSTEM_ACCESSTOKEN holds the name of a variable, not an access token',
    {
      hint: 'in the step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }',
    },
  );
}
