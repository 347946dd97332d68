import { endpoint, listOf, oneOf, secretText, text } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

/** What token types begin with that RFC 8693, section 3, names. */
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';

/** A token type: one of the RFC by its last word, any other as the URI it is. */
const tokenType: Parser<string> = {
  takes: 'a token type: access_token, id_token, jwt, refresh_token, saml1, saml2, or a URI',
  schema: { type: 'string', minLength: 1, pattern: '^[!-~]+$' },
  parse(input) {
    if (/^(?:access_token|id_token|jwt|refresh_token|saml1|saml2)$/.test(input)) return `${TOKEN_TYPE}${input}`;
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/.test(input)) throw new SettingFault(tokenType.takes);
    return input;
  },
  show: (value) => (value.startsWith(TOKEN_TYPE) ? value.slice(TOKEN_TYPE.length) : value),
};

/** An absolute URI without a fragment (RFC 8693 2.1, RFC 3986 4.3), sent as it is. */
const absoluteUri: Parser<string> = {
  takes: 'an absolute URI without a fragment',
  schema: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s#]+$' },
  parse(input) {
    if (!/^[A-Za-z][A-Za-z0-9+.-]*:[!"$-~]+$/.test(input)) throw new SettingFault(absoluteUri.takes);
    return input;
  },
};

/** Settings of one token endpoint; names as in RFC 8693 2.1, RFC 7523 2 and RFC 6749 2.3, 3.3. */
export const settings = settingRows({
  grant: {
    parser: oneOf(['token-exchange', 'jwt-bearer', 'client-credentials']),
    default: 'token-exchange',
    help: 'what the ID token is: a subject token (RFC 8693), a grant or a client assertion (RFC 7523)',
  },
  'client-id': { parser: text, help: 'name of the client, where the server wants one' },
  'client-secret': { parser: secretText, help: "the client's secret, from a variable or another backend" },
  'client-auth': {
    parser: oneOf(['basic', 'post']),
    default: 'basic',
    help: 'how the client shows its secret: in the Authorization header (basic) or in the form (post)',
  },
  scope: { parser: listOf(text), help: 'scopes to ask for' },
  'target-audience': { parser: listOf(text), help: 'whom the new token is for, by name (audience)' },
  resource: { parser: listOf(absoluteUri), help: 'whom the new token is for, by address (resource)' },
  'subject-token-type': { parser: tokenType, default: `${TOKEN_TYPE}jwt`, help: 'what the ID token is called' },
  'requested-token-type': { parser: tokenType, help: 'what kind of token to ask for' },
  'actor-token': { parser: secretText, help: 'token of who acts for the subject, from a variable or another backend' },
  'actor-token-type': { parser: tokenType, default: `${TOKEN_TYPE}jwt`, help: 'what the actor token is called' },
  'revocation-url': {
    parser: endpoint,
    help: 'where the new token can be revoked (RFC 7009); without it, it ends by itself',
  },
});

/** What the rows say, parsed. */
export type TokenExchangeValues = SettingValues<typeof settings>;
